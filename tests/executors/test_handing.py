"""What is taken over from an agent: only what validates, passes and stays inside."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.domain.failures import FailureKind
from bot.domain.outputs import ContentOutput, Deployment, FeatureProgress, GenesisOutput, Remark
from bot.executors.gates import Gate
from tests.executors.agents import COMMANDS, DRAFT, SCAFFOLD, TEST_FILE, Agent, leave
from tests.executors.sites import site
from tests.store.http_git import serving

OUTPUTS = {
    "genesis": {
        "repository_url": "",
        "commands": COMMANDS,
        "issues": [{"key": "button", "title": "A button", "body": "Press it", "number": 12}],
    }
}
MORE_TESTS = "\n\n    def test_more(self):\n        self.assertTrue({})\n"
CHANGE = leave("change.json", {"summary": "Added a button"})


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t", *words],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project's repository with one test."""
    folder = tmp_path / "upstream"
    (folder / "tests").mkdir(parents=True)
    (folder / "tests/test_it.py").write_text(TEST_FILE, "utf-8")
    (folder / "README.md").write_text("# Hello\n", "utf-8")
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "Begin")
    return folder


@pytest.fixture
def worker(tmp_path: Path, project: Path) -> Callable[..., Agent]:
    """An agent whose workspace holds the project's repository."""

    def make(*acts: str, says: str = "success", **settings: Any) -> Agent:
        agent = Agent(tmp_path, "claude-code", settings)
        agent.install(says, *acts)
        agent.handed.mkdir(exist_ok=True)
        git(project, "bundle", "create", "--quiet", str(agent.handed / "repository.bundle"), "HEAD", "main")
        return agent

    return make


def develop(agent: Agent, specialty: str = "feature", **changes: Any) -> Any:
    return agent.run(workflow="development", specialty=specialty, item="button", outputs=OUTPUTS, **changes)


def add_test(holds: bool) -> str:
    return f"""
path = project / "tests/test_it.py"
path.write_text(path.read_text() + {MORE_TESTS.format(holds)!r})
"""


def test_a_feature_becomes_a_branch_with_counted_tests(worker: Callable[..., Agent], project: Path) -> None:
    agent = worker(add_test(True) + CHANGE)

    finished = develop(agent)

    assert finished.ok, finished.summary + agent.log
    assert finished.summary == "Done by claude-code: 1 files changed, 2 tests run, 2 passed."
    feature = FeatureProgress.model_validate_json((agent.result / "feature.json").read_bytes())
    assert feature == FeatureProgress(
        key="button",
        number=12,
        branch="orchestrator/button",
        tests_run=2,
        tests_passed=2,
        executor="claude-code",
    )
    assert agent.check().ok
    git(project, "fetch", "--quiet", str(agent.result / "change.bundle"), "orchestrator/button:took")
    assert (
        git(project, "log", "--format=%s %an", "main..took")
        == "Feature: button orchestrator template executor"
    )
    assert "test_more" in git(project, "show", "took:tests/test_it.py")


def test_tests_that_are_written_first_need_not_pass(worker: Callable[..., Agent]) -> None:
    agent = worker(add_test(False) + CHANGE)

    assert develop(agent, "tests").ok
    feature = FeatureProgress.model_validate_json((agent.result / "feature.json").read_bytes())
    assert (feature.tests_run, feature.tests_passed) == (2, 0)
    assert agent.check().ok


@pytest.mark.parametrize(
    ("act", "says"),
    [
        (add_test(False) + CHANGE, "ended with exit code 1 on a clean clone"),
        (CHANGE, "nothing was changed"),
        ("(project / 'tests/test_it.py').unlink()\n" + CHANGE, "exit code"),
        ("(project / 'new.txt').write_text('x')", "the agent left no result/change.json"),
        (
            leave("change.json", {"summary": "x", "verdict": "approve"}),
            "verdict: Extra inputs are not permitted",
        ),
        (leave("change.json", []), "does not validate"),
        ("(result / 'change.json').write_text('{')", "does not validate"),
        (
            "(result / 'change.json').write_text(' ' * 3_000_000)",
            "has 3,000,000 bytes and may have 2,000,000",
        ),
        ("(project / 'x').write_text('1')\nos.symlink(project / 'x', result / 'change.json')", "is a link"),
    ],
)
def test_what_does_not_hold_is_rework(act: str, says: str, worker: Callable[..., Agent]) -> None:
    agent = worker(act)

    finished = develop(agent)

    assert (finished.ok, finished.failure, finished.rework) == (False, FailureKind.INVALID, True)
    assert says in finished.summary
    assert not (agent.result / "feature.json").exists()
    assert len(agent.calls) == 2  # it was given back once


@pytest.mark.parametrize(
    ("act", "says"),
    [
        ("os.symlink('/etc/passwd', 'link')", "link is a link that leads out of the project"),
        ("os.symlink('../../input', 'link')", "link is a link that leads out of the project"),
        ("os.mkdir('a'); os.symlink('../../..', 'a/link')", "a/link is a link that leads out"),
        ("os.system('git init -q sub && cd sub && touch x && git add x && "
         "git -c user.name=a -c user.email=a commit -qm x')", "sub is a repository of its own"),
        ("(project / 'big').write_bytes(os.urandom(2_000_000))", "bytes and may have 1,000,000"),
        ("os.makedirs('.github/workflows'); (project / '.github/workflows/x.yml').write_text('on: push')",
         "it changes .github/workflows/x.yml, which only `workflows: true` of the executor allows"),
        ("os.makedirs('.GitHub/Workflows'); (project / '.GitHub/Workflows/x.yml').write_text('on: push')",
         "it changes .GitHub/Workflows/x.yml"),
    ],
)  # fmt: skip
def test_what_leads_out_or_is_not_allowed_is_not_handed_on(
    act: str, says: str, worker: Callable[..., Agent]
) -> None:
    agent = worker(add_test(True) + act + "\n" + CHANGE, limits={"result_megabytes": 1})

    finished = develop(agent)

    assert (finished.ok, finished.failure) == (False, FailureKind.INVALID)
    assert says in finished.summary
    assert not (agent.result / "change.bundle").exists()


def test_a_link_that_stays_inside_is_fine(worker: Callable[..., Agent]) -> None:
    agent = worker(add_test(True) + "os.symlink('../README.md', 'tests/link')\n" + CHANGE)

    assert develop(agent).ok


def test_an_agents_git_settings_run_nothing(worker: Callable[..., Agent], tmp_path: Path) -> None:
    mark = tmp_path / "owned"
    act = f"""
run = "touch {mark}"
for key, value in (("core.fsmonitor", run), ("core.hooksPath", str(project)), ("filter.x.clean", run),
                   ("filter.x.smudge", run), ("diff.external", run), ("core.sshCommand", run)):
    os.system(f"git config {{key}} '{{value}}'")
(project / ".gitattributes").write_text("* filter=x diff=x")
for hook in ("pre-commit", "post-checkout", "reference-transaction", "post-index-change"):
    (project / hook).write_text("#!/bin/sh\\n" + run)
    (project / hook).chmod(0o755)
"""
    agent = worker(add_test(True) + act + CHANGE)

    finished = develop(agent)

    assert finished.ok, finished.summary
    assert agent.check().ok
    assert not mark.exists()


def test_commits_and_branches_of_an_agent_are_not_taken_over(
    worker: Callable[..., Agent], project: Path
) -> None:
    act = (
        "os.system('git checkout -qb mine; git add .; git -c user.name=L -c user.email=l commit -qm Mine')\n"
    )
    agent = worker(add_test(True) + act + CHANGE)

    assert develop(agent).ok
    heads = git(project, "bundle", "list-heads", str(agent.result / "change.bundle"))
    assert heads.split()[1:] == ["refs/heads/orchestrator/button"]


def test_a_review_that_approves_counts_the_tests_itself(worker: Callable[..., Agent]) -> None:
    draft = {
        "verdict": "approve",
        "summary": "Fine",
        "comments": [{"path": "README.md", "line": 1, "text": "Nice"}],
    }
    agent = worker(leave("review.json", draft))

    assert develop(agent, "review").ok
    feature = FeatureProgress.model_validate_json((agent.result / "feature.json").read_bytes())
    assert (feature.tests_run, feature.tests_passed, feature.number) == (1, 1, 12)
    assert (feature.verdict, feature.review) == ("approved", "Fine")
    assert feature.remarks == (Remark(path="README.md", line=1, text="Nice"),)
    assert agent.check().ok


def test_a_review_that_asks_for_changes_is_done_and_says_so(worker: Callable[..., Agent]) -> None:
    draft = {
        "verdict": "request-changes",
        "summary": "@alice: no <b>tests</b>",
        "comments": [{"path": "tests/test_it.py", "text": "Closes #1, see {{issue:x}}"}],
    }
    agent = worker(leave("review.json", draft))

    finished = develop(agent, "review")

    assert (finished.ok, finished.output) == (True, "feature.json")
    assert finished.summary == (
        "Done by claude-code: changes are asked for: @\u200dalice: no <\u200db>tests<\u200d/b>; "
        "1 tests run, 1 passed."
    )
    feature = FeatureProgress.model_validate_json((agent.result / "feature.json").read_bytes())
    assert (feature.verdict, feature.review) == ("changes", "@\u200dalice: no <\u200db>tests<\u200d/b>")
    assert feature.remarks == (
        Remark(path="tests/test_it.py", text="Closes #\u200d1, see {\u200d{issue:x}}"),
    )
    assert agent.check().ok
    assert len(agent.calls) == 1


def test_only_a_review_approves_and_only_of_tests_that_pass(
    worker: Callable[..., Agent], project: Path
) -> None:
    (project / "tests/test_it.py").write_text(TEST_FILE.replace("True)", "False)"), "utf-8")
    git(project, "commit", "--quiet", "--all", "-m", "Break it")
    agent = worker(leave("review.json", {"verdict": "approve", "summary": "Fine"}))
    finished = develop(agent, "review")
    assert (finished.ok, finished.rework) == (False, True)

    agent = worker(leave("review.json", {"verdict": "request-changes", "summary": "It does not pass"}))
    assert develop(agent, "review").ok
    assert agent.check().ok
    handed = json.loads((agent.result / "feature.json").read_text("utf-8"))
    assert (handed["verdict"], handed["tests_run"], handed["tests_passed"]) == ("changes", 1, 0)
    # What was changed to an approval afterwards does not pass where it is judged.
    (agent.result / "feature.json").write_text(json.dumps(handed | {"verdict": "approved"}))
    assert "ended with exit code 1" in agent.check().summary
    (agent.result / "feature.json").write_text(json.dumps(handed | {"verdict": ""}))
    assert "a review has to give a verdict" in agent.check().summary


def test_no_feature_gets_past_its_tests_with_a_verdict_of_its_own(worker: Callable[..., Agent]) -> None:
    agent = worker(add_test(True) + CHANGE)
    assert develop(agent).ok
    handed = json.loads((agent.result / "feature.json").read_text("utf-8"))

    (agent.result / "feature.json").write_text(json.dumps(handed | {"verdict": "changes"}))

    assert "a review has to give a verdict, and nothing else may" in agent.check().summary


def test_the_branch_is_the_one_that_the_order_names(worker: Callable[..., Agent], project: Path) -> None:
    agent = worker(add_test(True) + CHANGE)

    assert develop(agent, branch="orchestrator/hello-7/button").ok
    feature = FeatureProgress.model_validate_json((agent.result / "feature.json").read_bytes())
    assert feature.branch == "orchestrator/hello-7/button"
    assert agent.check().ok
    for name in ("-x", "main", "orchestrator/a..b", "/etc", "orchestrator/a b", "orchestrator/x.lock"):
        finished = develop(agent, branch=name)
        assert (finished.ok, finished.retry) == (False, False)
        assert "names a branch that is not the program's" in finished.summary


def test_work_begins_at_the_default_branch_that_the_order_names(
    worker: Callable[..., Agent], project: Path
) -> None:
    git(project, "checkout", "--quiet", "-b", "trunk")
    (project / "tests/test_it.py").write_text(TEST_FILE + MORE_TESTS.format(True), "utf-8")
    git(project, "commit", "--quiet", "--all", "-m", "Go on")
    agent = worker(add_test(True).replace("test_more", "test_most") + CHANGE)
    git(project, "checkout", "--quiet", "main")
    bundle = str(agent.handed / "repository.bundle")
    git(project, "bundle", "create", "--quiet", bundle, "HEAD", "main", "trunk")

    assert develop(agent, default_branch="trunk").ok
    feature = FeatureProgress.model_validate_json((agent.result / "feature.json").read_bytes())
    assert feature.tests_run == 3


def test_performance_hands_on_a_branch(worker: Callable[..., Agent]) -> None:
    assert develop(worker(add_test(True) + CHANGE), "performance").ok


AGENTS_RULE: dict[str, Any] = {"kind": "agent", "health": {"contains": "Hello", "seconds": 1}}


def deployed(url: str) -> str:
    draft = {"summary": "Up", "deployment": {"url": url, "health": "it said hello"}}
    return leave("deployment.json", draft)


def test_an_agents_deployment_counts_once_it_has_answered(worker: Callable[..., Agent]) -> None:
    with site(home=(200, b"Hello World")) as up:
        agent = worker(deployed(up.url))

        finished = develop(agent, "deployment", deployment=AGENTS_RULE)

        assert (finished.ok, finished.output) == (True, "deployment.json"), finished.summary
        handed = Deployment.model_validate_json((agent.result / "deployment.json").read_bytes())
        assert (handed.kind, handed.url, handed.health) == ("address", up.url, "200 OK")
        assert len(up.asked) == 1
        assert agent.check().ok
        assert len(up.asked) == 2
        up.answers["/"] = (200, b"Goodbye")
        assert "does not answer as it has to: 200 OK, without the expected text" in agent.check().summary
    handed = handed.model_copy(update={"kind": "pages", "url": ""})
    (agent.result / "deployment.json").write_text(handed.model_dump_json(), "utf-8")
    assert "names no address" in agent.check().summary


def test_an_agents_deployment_that_does_not_answer_is_rework(worker: Callable[..., Agent]) -> None:
    finished = develop(worker(deployed("http://127.0.0.1:9")), "deployment", deployment=AGENTS_RULE)

    assert (finished.ok, finished.rework) == (False, True)
    assert "http://127.0.0.1:9 was asked and does not answer as it has to: no answer" in finished.summary


@pytest.mark.parametrize("url", ["javascript:x", "", "https://me:word@x.test"])
def test_an_agents_deployment_names_an_address(url: str, worker: Callable[..., Agent]) -> None:
    finished = develop(worker(deployed(url)), "deployment", deployment=AGENTS_RULE)

    assert "deployment.url" in finished.summary


def test_content_is_counted_in_the_files_that_were_written(worker: Callable[..., Agent]) -> None:
    pieces = [{"kind": "user guide", "file": "docs/guide.md", "channel": "site", "facts": ["one button"]}]
    act = "os.mkdir('docs'); (project / 'docs/guide.md').write_text('Press the button. ' * 30)\n"
    agent = worker(act + leave("content.json", {"summary": "A guide", "pieces": pieces}))

    finished = agent.run(workflow="content", specialty="documentation", item="documentation", outputs=OUTPUTS)

    assert finished.ok, finished.summary
    output = ContentOutput.model_validate_json((agent.result / "content-output.json").read_bytes())
    assert (output.pieces[0].words, output.pieces[0].specialty) == (90, "documentation")
    assert output.pieces[0].gates == dict.fromkeys(Gate, True)
    assert agent.check().ok


GUIDE = "Press the button. " * 30


def write_guide(text: str) -> str:
    """The act of writing a user guide."""
    pieces = [{"kind": "user guide", "file": "docs/guide.md"}]
    act = f"os.makedirs('docs', exist_ok=True); (project / 'docs/guide.md').write_text({text!r})\n"
    return act + leave("content.json", {"summary": "A guide", "pieces": pieces})


def test_content_that_fails_a_gate_goes_back_once_with_what_to_change(worker: Callable[..., Agent]) -> None:
    agent = worker(write_guide(f"{GUIDE}\n\nRun `make test`. See [more](more.md)."), write_guide(GUIDE))

    finished = agent.run(workflow="content", specialty="documentation", item="documentation", outputs=OUTPUTS)

    assert finished.ok, finished.summary
    problem = agent.calls[1]["files"]["problem.json"]
    assert "docs/guide.md: links: line 3: the link more.md leads to docs/more.md" in problem
    assert "docs/guide.md: commands: line 3: `make test` needs a makefile" in problem


def test_content_that_fails_a_gate_twice_is_rework(worker: Callable[..., Agent]) -> None:
    agent = worker(write_guide(f"{GUIDE} TODO: the rest"))

    finished = agent.run(workflow="content", specialty="documentation", item="documentation", outputs=OUTPUTS)

    assert (finished.ok, finished.failure, finished.rework) == (False, FailureKind.INVALID, True)
    assert "docs/guide.md: placeholders: line 1: the placeholder “TODO” is still there" in finished.summary
    assert "Gates that did not pass:" in agent.log
    assert not (agent.result / "content-output.json").exists()


def test_the_check_does_not_believe_gates(worker: Callable[..., Agent]) -> None:
    agent = worker(write_guide(GUIDE))
    agent.run(workflow="content", specialty="documentation", item="documentation", outputs=OUTPUTS)
    path = agent.result / "content-output.json"
    output = json.loads(path.read_text("utf-8"))

    output["pieces"][0]["kind"] = "X thread"
    path.write_text(json.dumps(output), "utf-8")
    assert "docs/guide.md: length: 1 posts are no thread" in agent.check().summary

    output["pieces"][0] |= {"kind": "user guide", "gates": {"file": True}}
    path.write_text(json.dumps(output), "utf-8")
    assert "the output does not say that the gate links passed" in agent.check().summary


def write_set(*kinds: str) -> str:
    """The act of writing so many pieces, a file for each."""
    pieces = [{"kind": kind, "file": f"docs/{number}.md"} for number, kind in enumerate(kinds)]
    act = "os.makedirs('docs', exist_ok=True)\n"
    for number in range(len(kinds)):
        act += f"(project / 'docs/{number}.md').write_text({GUIDE * 2!r})\n"
    return act + leave("content.json", {"summary": "Pieces", "pieces": pieces})


OWED = ("user guide", "reference", "FAQ")


def test_a_set_that_is_not_whole_goes_back_once_with_what_is_missing(worker: Callable[..., Agent]) -> None:
    agent = worker(write_set("User guide", "how-to"), write_set("User guide", "API reference", "Questions"))

    finished = agent.run(
        workflow="content", specialty="documentation", item="documentation", outputs=OUTPUTS, pieces=OWED
    )

    assert finished.ok, finished.summary
    assert "set: reference and FAQ are missing" in agent.calls[1]["files"]["problem.json"]
    assert agent.check().ok


def test_a_set_that_stays_incomplete_is_rework_and_the_check_does_not_let_it_pass(
    worker: Callable[..., Agent],
) -> None:
    content = {"workflow": "content", "specialty": "documentation", "item": "documentation"}
    agent = worker(write_set("user guide", "reference"))
    finished = agent.run(**content, outputs=OUTPUTS, pieces=OWED)
    assert (finished.ok, finished.failure, finished.rework) == (False, FailureKind.INVALID, True)
    assert "set: FAQ is missing; this task owes user guide, reference and FAQ" in finished.summary

    agent = worker(write_set(*OWED))
    assert agent.run(**content, outputs=OUTPUTS, pieces=OWED).ok
    path = agent.result / "content-output.json"
    output = json.loads(path.read_text("utf-8"))
    output["pieces"].pop()
    path.write_text(json.dumps(output), "utf-8")
    assert "set: FAQ is missing" in agent.check().summary


@pytest.mark.parametrize("file", ["README.md", "docs/none.md", "../../etc/passwd", "/etc/passwd"])
def test_content_that_was_not_written_is_rework(file: str, worker: Callable[..., Agent]) -> None:
    pieces = [{"kind": "user guide", "file": file}]
    agent = worker(
        "(project / 'x').write_text('y')\n" + leave("content.json", {"summary": "x", "pieces": pieces})
    )

    finished = agent.run(workflow="content", specialty="documentation", item="documentation", outputs=OUTPUTS)

    assert (finished.ok, finished.rework) == (False, True)
    assert "named as written, and not changed" in finished.summary


def test_a_public_repository_is_fetched_by_its_address(project: Path, tmp_path: Path) -> None:
    root = tmp_path / "served"
    root.mkdir()
    git(tmp_path, "clone", "--quiet", "--bare", str(project), str(root / "it.git"))
    with serving(root) as server:
        outputs = {"genesis": OUTPUTS["genesis"] | {"repository_url": f"{server.url}/it.git"}}
        agent = Agent(tmp_path / "agent", "claude-code")
        agent.install("success", add_test(True) + CHANGE)
        finished = agent.run(workflow="development", specialty="feature", item="button", outputs=outputs)
        assert finished.ok, finished.summary + agent.log
        assert agent.check().ok


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "names no repository"),
        ("file:///etc", "names no repository"),
        ("ext::sh -c id", "names no repository"),
        ("https://user:password@x.test/y", "names no repository"),
        ("--upload-pack=id", "names no repository"),
        ("http://127.0.0.1:9/x", "cannot be fetched"),
    ],
)
def test_a_repository_that_cannot_be_had_is_said(url: str, says: str, tmp_path: Path) -> None:
    outputs = {"genesis": OUTPUTS["genesis"] | {"repository_url": url}}
    agent = Agent(tmp_path, "claude-code")
    agent.install()

    finished = agent.run(workflow="development", specialty="feature", item="button", outputs=outputs)

    assert finished.failure is FailureKind.SETUP
    assert says in finished.summary
    assert not (tmp_path / "record.jsonl").exists()


def test_what_an_agent_writes_for_people_is_harmless_when_it_is_published(tmp_path: Path) -> None:
    issue = DRAFT["issues"][1] | {
        "title": "Tell @everyone",
        "body": "<!-- orchestrator:project x --> see #12, {{issue:button}} and {{issue:nothing}}",
        "acceptance": ["It works\n\n## Owned"],
        "number": 99,
        "depends_on": [],
    }
    draft = DRAFT | {"issues": [DRAFT["issues"][0], issue], "summary": "Hi @alice"}
    agent = Agent(tmp_path)
    agent.install("success", SCAFFOLD + leave("genesis.json", draft))

    assert agent.run().ok
    output = GenesisOutput.model_validate_json((agent.result / "genesis-output.json").read_bytes())
    made = output.issues[1]
    assert (made.title, made.number) == ("Tell @\u200deveryone", None)
    assert (
        made.body
        == "<\u200d!-- orchestrator:project x --> see #\u200d12, {{issue:button}} and {\u200d{issue:nothing}}"
    )
    assert made.acceptance == ("It works ## Owned",)
    assert output.summary == "Hi @\u200dalice"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"commands": {"test": ""}}, "no command is known"),
        ({"commands": {"test": "true"}}, "does not say that it ran any test"),
        ({"commands": {"test": "no-such-command"}}, "could not be started"),
        ({"commands": {"test": "sh 'x"}}, "cannot be read as a command"),
        ({"commands": COMMANDS | {"lint": "false"}}, "`false` ended with exit code 1"),
        ({"issues": [DRAFT["issues"][0]]}, "depends on page, which does not exist"),
        ({"issues": []}, "issues:"),
        ({"executor": "template"}, "executor: Extra inputs"),
    ],
)
def test_a_scaffold_that_does_not_hold_is_rework(changes: dict[str, Any], says: str, tmp_path: Path) -> None:
    agent = Agent(tmp_path, "command")
    agent.install("success", SCAFFOLD + leave("genesis.json", DRAFT | changes))

    finished = agent.run()

    assert (finished.ok, finished.failure, finished.rework) == (False, FailureKind.INVALID, True)
    assert says in finished.summary


def test_the_check_notices_what_was_changed_after_the_run(worker: Callable[..., Agent]) -> None:
    agent = worker(add_test(True) + CHANGE)
    assert develop(agent).ok

    feature = json.loads((agent.result / "feature.json").read_text("utf-8"))
    (agent.result / "feature.json").write_text(json.dumps(feature | {"tests_run": 90, "tests_passed": 90}))
    finished = agent.check()
    assert (finished.ok, finished.summary) == (
        False, "The work does not hold: 2 tests ran and 2 passed, the output says 90 and 90.",
    )  # fmt: skip

    (agent.result / "change.bundle").write_bytes(b"no bundle")
    assert not agent.check().ok
    (agent.result / "feature.json").unlink()
    assert "feature.json is missing" in agent.check().summary
