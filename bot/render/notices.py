"""What the bot says in a project's thread by itself."""

from __future__ import annotations

import re
from typing import assert_never

from bot.domain.draft import Draft
from bot.domain.effects import (
    AwaitsApproval,
    Closed,
    Completed,
    Deployed,
    GenesisDone,
    Halted,
    Notice,
    Stalled,
    ToMerge,
    ToReview,
)
from bot.domain.merging import PullRequests
from bot.domain.models import Failure, Project, Task
from bot.domain.outputs import ContentOutput, DevelopmentProgress, GenesisOutput
from bot.domain.pulls import Pull
from bot.domain.repositories import Repositories
from bot.render.approving import asks
from bot.render.places import missing, place
from bot.render.stopping import halted, stopped
from bot.render.text import block, code, escape, fitted, plural

ASKS_FOR_VOTES = (
    "Is it what you asked for? 👍 or 👎 on this comment tells: that is what `/metrics` calls satisfaction."
)


def notice(draft: Draft, told: Notice) -> str:
    """A notice in words, from the settled draft."""
    project = draft.projects[told.project]
    match told:
        case GenesisDone():
            return genesis_done(draft.genesis[told.project], draft.config.repositories)
        case AwaitsApproval():
            return asks(draft, project)
        case Deployed():
            return deployed(project, draft.development[told.project])
        case Completed():
            branch = draft.genesis[project.id].default_branch if project.id in draft.genesis else "main"
            return completed(project, draft.content.get(project.id, ContentOutput()), branch)
        case ToReview():
            task = project.task(told.task)
            return to_review(project, task, task.error) if task and task.error else ""
        case ToMerge():
            pull = project.pull(told.key)
            genesis = draft.genesis.get(project.id)
            base = genesis.default_branch if genesis else "main"
            return to_merge(project, pull, draft.config.pull_requests, base) if pull else ""
        case Stalled():
            pull = project.pull(told.key)
            return stalled(project, pull, draft.config.pull_requests) if pull else ""
        case Closed():
            return stopped(draft, project.id)
        case Halted():
            return halted(project, project.stop) if project.stop else ""
        case _:
            assert_never(told)


def genesis_done(output: GenesisOutput, rule: Repositories) -> str:
    """The notice in the project's thread when Genesis is complete."""
    issues = [
        f"- {_filed(output, issue.number)} {escape(issue.title)} "
        f"· {issue.milestone}, {plural(issue.days, 'day')}"
        for issue in output.issues
    ]
    head = "\n".join(
        [
            f"**Scaffolded:** {place(output)} "
            f"({plural(len(output.files), 'file')}, {plural(output.tests_run, 'test')} run and passed, "
            f"stack {code(output.stack)}, by {code(output.executor)}).",
            "",
            f"{plural(len(output.issues), 'issue')} filed for Development:",
            "",
        ]
    )
    questions = "".join(f"\n- {escape(question, 300)}" for question in output.open_questions)
    asked = f"\nOpen questions:\n{questions}" if questions else ""
    foot = "\n".join(filter(None, (missing(output, rule).rstrip("\n"), asked)))
    return fitted(head, issues, foot)


def _filed(output: GenesisOutput, number: int | None) -> str:
    if number is None:
        return "(not filed)"
    return f"[#{number}]({output.repository_url}/issues/{number})"


def deployed(project: Project, progress: DevelopmentProgress) -> str:
    """The notice in the project's thread when it answers somewhere."""
    health = f" (health check: {escape(progress.deployment.health)})" if progress.deployment else ""
    features = plural(len(progress.features), "feature")
    replayed = any(one.executor == "scripted" for one in progress.features)
    replay = " Its code is a replay of a recorded solution, not an agent's work." if replayed else ""
    next_ = "" if project.gate is not None else " Content is next."
    return f"**Deployed:** {project.deployment_url}{health}, with {features}.{replay}{next_}"


def completed(project: Project, content: ContentOutput, branch: str) -> str:
    """The notice in the project's thread when all three stages are done; pieces as links to the branch."""
    where = f"{project.repository_url}/blob/{branch}" if project.repository_url else ""
    rows = [
        f"- {escape(piece.kind)}: {_linked(piece.file, where)}, {piece.words} words"
        for piece in content.pieces
    ]
    told = "Pieces of content:\n" if rows else "No content was made: its tasks were discarded.\n"
    head = f"**Complete:** {project.deployment_url or project.home_url}\n\n{told}"
    return fitted(head, rows, f"\n{ASKS_FOR_VOTES}")


def to_merge(project: Project, pull: Pull, rule: PullRequests, base: str) -> str:
    """The notice in the project's thread when a pull request waits for a person alone."""
    facts = pull.facts
    checks = "its checks have passed" if facts.checks == "passed" else "it has no checks"
    held = [code(task.id) for task in project.tasks if pull in project.holding(task)]
    waits = f" Until then {' and '.join(held[:3])} {'waits' if len(held) == 1 else 'wait'}." if held else ""
    if facts.base not in ("", base):
        why = f"The bot merges into {code(base)} alone."
        how = f"is to be merged into {code(facts.base)}"
    elif pull.approved != facts.head:
        why = "What the bot made was checked, what was added to it was not."
        how = "has commits that are not the bot's"
    elif rule.merge == "auto" and facts.mergeable != "blocked":
        why, how = "GitHub refuses to let the bot do it; the log of the latest runs says why.", "is approved"
    elif rule.merge == "auto":
        why, how = "The repository's protection wants a person's approval.", "is approved"
    else:
        why, how = "`pull_requests.merge: auto` in the configuration leaves that to the bot.", "is approved"
    return (
        f"**Ready to merge:** [#{facts.number}]({facts.url}) ({code(pull.key)}) {how} and {checks}; "
        f"a person has to merge it.{waits} {why}"
    )


def stalled(project: Project, pull: Pull, rule: PullRequests) -> str:
    """The notice in the project's thread when GitHub has not said for long what the merge hangs on."""
    facts = pull.facts
    if facts.checks == "pending":
        what = "checks that have not ended"
        todo = (
            "Look at its list of checks: one that is required and never reports has to be run again, or no "
        )
        todo += "longer be required."
    else:
        what = "GitHub's word on whether it can be merged"
        todo = "Open it in the browser, which makes GitHub work that out; if that does not help, push to it."
    return (
        f"**Waits for too long:** [#{facts.number}]({facts.url}) ({code(pull.key)}) has waited for {what} "
        f"for {plural(rule.patience_minutes, 'minute')} or longer. {todo} Then it goes on by itself."
    )


def _linked(file: str, where: str) -> str:
    plain = re.fullmatch(r"[\w./-]+", file, re.ASCII)
    return f"[{code(file)}]({where}/{file})" if where and plain else code(file)


def to_review(project: Project, task: Task, failure: Failure) -> str:
    """The notice in the project's thread when a task has used up its attempts."""
    on = ", ".join(f"`{worker}`" for worker in task.failed_on[-task.attempt :] if task.attempt)
    facts = [
        f"**In review:** {code(task.id)} failed {plural(task.attempt, 'time')}, on {on}."
        if on
        else f"**In review:** {code(task.id)} was sent back after {plural(task.attempt, 'attempt')}.",
        "",
        f"What went wrong: {escape(failure.summary, 500)}",
        *(f"\n{one}" for one in error_context(failure)),
    ]
    drop = (
        f"To give the whole project up: `/discard {project.id}`."
        if task.essential
        else f"If nothing shall wait for it: `/discard {task.id}`."
    )
    return "\n".join([*facts, f"\nOnce that is mended: `/retry {task.id}`. {drop}"])


def error_context(failure: Failure) -> list[str]:
    """What a person needs to judge a failure: what ran, the end of its output, where."""
    facts = []
    if failure.command:
        exit_code = "" if failure.exit_code is None else f" (exit code {failure.exit_code})"
        facts.append(f"What ran: {code(failure.command)}{exit_code}")
    if failure.output:
        facts.append(
            f"<details><summary>The end of its output</summary>\n\n{block(failure.output)}\n\n</details>"
        )
    if failure.run_url:
        facts.append(f"[The worker's run]({failure.run_url})")
    return facts
