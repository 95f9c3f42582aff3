"""Every variable that people set for the program, or in Actions; a test compares it with the code."""

from __future__ import annotations

BY_HAND = {
    "GITHUB_TOKEN": "the token; goes before `GH_TOKEN`",
    "GH_TOKEN": "the token, as GitHub's own command line has it",
    "GITHUB_REPOSITORY": "the repository as `owner/name`, where no option names it; else that of the clone",
    "GITHUB_SERVER_URL": "GitHub Enterprise: the server's address; left out: `https://github.com`",
    "GITHUB_API_URL": "the REST API; left out: `https://api.github.com`, elsewhere the server's `/api/v3`",
    "GITHUB_GRAPHQL_URL": "the GraphQL API; left out: beside the REST API",
    "ORCHESTRATOR_STATE_REMOTE": "a git remote or a path that holds the state branch; needs no token",
    "ORCHESTRATOR_STATE_BRANCH": "the state branch; left out: `state`",
    "ORCHESTRATOR_CONFIG": "the configuration file; left out: `.github/orchestrator.yml`",
    "ORCHESTRATOR_PROMPTS": "your prompts; left out: `.github/orchestrator/prompts` of the checkout",
    "ORCHESTRATOR_GENESIS_TOKEN": "the token that makes projects' repositories",
    "ORCHESTRATOR_APP_ID": "the number of the GitHub App that makes projects' repositories",
    "ORCHESTRATOR_APP_PRIVATE_KEY": "that App's private key",
    "ORCHESTRATOR_NOTIFY_URLS": "addresses that alerts are told to",
}
"""What a person sets in a shell: the commands that are called by hand and `orchestrator worker` read it."""

VARIABLES = {
    "ORCHESTRATOR_MONITOR": "how the monitor runs: `loop`, `cron` or `events`; left out: `cron`",
    "ORCHESTRATOR_RUNNER": "the runners' label for all jobs that hold a token; left out: GitHub's own",
    "ORCHESTRATOR_APP_ID": "the GitHub App's number",
    "ORCHESTRATOR_DASHBOARD": "`true`: `pages.yml` builds the dashboard and publishes it",
    "ORCHESTRATOR_ALLOW_BOTS": "`true`: comments and labels of other bots start a run; `bots.allowed` says "
    "whose count",
    "ORCHESTRATOR_NEW_PROJECT_LABEL": "the label that asks for a project; left out: `new-project`",
}
"""What is set under *Settings → Secrets and variables → Actions → Variables*."""

SECRETS = {
    "ORCHESTRATOR_TOKEN": "a token that acts in place of the workflow's own",
    "ORCHESTRATOR_GENESIS_TOKEN": "the token that makes projects' repositories",
    "ORCHESTRATOR_APP_PRIVATE_KEY": "the GitHub App's private key",
    "ORCHESTRATOR_NOTIFY_URLS": "addresses that alerts are told to",
    "ANTHROPIC_API_KEY": "the key of `claude-code`",
    "CLAUDE_CODE_OAUTH_TOKEN": "the key of `claude-code`, of a subscription",
    "OPENAI_API_KEY": "the key of `codex`",
    "CODEX_API_KEY": "the key of `codex`, for it alone",
    "COPILOT_GITHUB_TOKEN": "the key of `copilot`",
}
"""What is set under *Settings → Secrets and variables → Actions → Secrets*."""

BY_ACTIONS = frozenset(
    "GITHUB_ACTIONS GITHUB_ACTOR GITHUB_EVENT_NAME GITHUB_EVENT_PATH GITHUB_OUTPUT GITHUB_RUN_ATTEMPT "
    "GITHUB_RUN_ID GITHUB_SHA GITHUB_STEP_SUMMARY GITHUB_WORKFLOW_REF GITHUB_WORKSPACE".split()
)
"""What GitHub sets in a run; nobody else has to."""

BETWEEN = frozenset({"ORCHESTRATOR_ASSIGNMENT", "ORCHESTRATOR_WORKSPACE"})
"""What the program and the action set for themselves."""
