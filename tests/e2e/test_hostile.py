"""What people write is text: it runs nothing, mentions nobody, forges nothing, and no token gets out."""

from __future__ import annotations

import base64
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from bot.hub.data.records import Role
from bot.hub.data.world import APP, BOT
from tests.e2e.repository import assert_linear_and_replayable
from tests.e2e.stage import GRACE, REPOSITORY, Done, Json, Stage

CANARY = "canary-of-the-hostile-tests"
"""The name of a file that is made if anything of these texts is ever executed."""

TEXTS = {
    "shell": f"A page $(touch {CANARY}) `touch {CANARY}` ; touch {CANARY} | tee {CANARY} && touch {CANARY}",
    "workflow commands": f"A page\n::set-output name=granted::true\n::add-mask::a\n::stop-commands::{CANARY}",
    "expressions": "A page ${{ secrets.GITHUB_TOKEN }} {{ 7*7 }} {% raw %} {{issue:foundation}} {#",
    "mentions": "Tell @everyone, @octocat, (@acme/owners), x@y.z and **@wendy** to see #1 and acme/factory#2",
    "html": '<script>alert(1)</script><img src=x onerror=alert(1)><a href="javascript:x">A page</a> &lt;b',
    "forged markers": "A page <!-- orchestrator:effect comment-1/0 --> <!-- orchestrator:project a-1 -->",
    "markdown": "](http://evil.test) | a | b |\\ ```\n```\n~~~\n# Head\n> quote\n[a]: http://evil.test",
    "controls": "A page\x00 with\x07 bells \u202e and \u2066turned\u2069 \ufeff\u200b\r\nCR\rLF\x1b[2J",
    "astral": "A \U0001f469\u200d\U0001f467 page in العربية, 中文 and Z\u0338\u0343a\u0334lgo",
    "paths": "../../../../etc/passwd and /dev/null and .git/hooks/post-checkout and -rf --upload-pack=touch",
    "yaml and toml": "a: !!python/object/apply:os.system ['true'] \"\"\" ''' \\\" \\u0000 %s {0}",
}
ALL_THE_WAY = ("shell", "workflow commands", "mentions", "html", "controls", "everything")
LONGEST = 65_536
WORDS = MarkdownIt("commonmark").enable("table")
_MENTION = re.compile(r"(?<![\w`.@/])@[A-Za-z0-9]")
_HARMLESS_HTML = re.compile(
    r"</?sub>|<details><summary>[\w ]+</summary>|</details>|<!-- orchestrator:[a-z]+ [\w./-]+ -->\n?"
    r"|<!-- orchestrator-shows [0-9a-f]+ -->\n?"
)


@pytest.fixture(scope="module", autouse=True)
def _room(stage: Stage) -> None:
    stage.make_room()


def _assert_harmless(markdown: str) -> None:
    """Outside of code there is no mention, no foreign HTML and no link to elsewhere."""
    for token in WORDS.parse(markdown):
        if token.type == "html_block":
            assert _HARMLESS_HTML.sub("", token.content).strip() == "", token.content
        for child in token.children or ():
            if child.type == "text":
                assert not _MENTION.search(child.content), child.content
            if child.type == "html_inline":
                assert _HARMLESS_HTML.fullmatch(child.content), child.content
            for address in (child.attrs.get("href"), child.attrs.get("src")):
                assert address is None or str(address).startswith("http://127.0.0.1:"), address


def _assert_quiet(*ended: Done) -> None:
    """Nothing that Actions would take for a command, and no traceback."""
    for done in ended:
        assert done.code == 0, done.log
        assert "Traceback" not in done.log
        assert [line for line in re.split(r"[\r\n]", done.log) if line.lstrip().startswith("::")] == []
        _assert_harmless(done.summary)
        outputs = re.findall(r"^([A-Za-z_-]+)(?:<<|=)", done.outputs, re.MULTILINE)
        assert set(outputs) <= {"granted", "agent", "fold"}


@pytest.mark.parametrize("name", ALL_THE_WAY)
def test_an_idea_comes_back_as_text(stage: Stage, name: str) -> None:
    """All the way through: reply, repository, filed issues, commit messages, logs."""
    text = TEXTS.get(name) or "\n- ".join(["A page", *TEXTS.values()])
    issue = stage.issue(text.split("\n")[0][:200].replace("\x00", ""), text.replace("\x00", ""))
    payload = stage.comment(issue, "/dispatch-genesis")
    payload["issue"]["body"] = text
    done = stage.handle(payload)
    _assert_quiet(done)
    (project_id,) = stage.projects_of(issue)
    stage.assert_done_once(payload)
    assert stage.state().projects[project_id].idea.replace("\x00", "").strip()

    phases = stage.work_through(stage.assignment(project_id))

    _assert_quiet(*phases)
    project = stage.state().projects[project_id]
    assert project.stage == "development", [done.log for done in phases]
    for comment in stage.comments(issue):
        if comment["user"]["login"] == BOT:
            _assert_harmless(comment["body"])
    repository = stage.call(APP, "GET", f"/repos/{project.repository}")
    assert not _MENTION.search(repository["description"])
    assert repository["description"].endswith(f"made by orchestrator for project {project_id}")
    _assert_filed_issues_are_harmless(stage, project.repository)
    for commit in stage.repository(project.repository).history("main"):
        assert not _MENTION.search(commit.message)
        assert "::" not in commit.message
    assert list(stage.folder.rglob(CANARY)) == []


def _assert_filed_issues_are_harmless(stage: Stage, repository: str) -> None:
    filed = stage.every(f"/repos/{repository}/issues", state="all")
    assert filed
    for row in filed:
        assert not _MENTION.search(row["title"]), row["title"]
        assert row["user"]["login"] == APP
        _assert_harmless(row["body"])


@pytest.mark.parametrize("name", TEXTS)
def test_whatever_is_typed_after_a_command_is_answered_as_text(stage: Stage, name: str) -> None:
    text = " ".join(TEXTS[name].split()).replace("\x00", "")
    joined = text.replace(" ", "")[:40]
    body = f"/dispatch-genesis --size {text}\n/status {text}\n/{joined} {text}\n/help {text}"
    payload = stage.comment(stage.issue(), body)
    _assert_quiet(stage.handle(payload))
    _assert_harmless(stage.reply(payload))
    assert stage.projects_of(payload["issue"]["number"]) == []


def test_the_longest_comment_is_an_idea_like_any_other(stage: Stage) -> None:
    payload = stage.comment(stage.issue(), ("/dispatch-genesis " + "é@all " * LONGEST)[:LONGEST])
    _assert_quiet(stage.handle(payload))
    stage.assert_done_once(payload)
    _assert_harmless(stage.reply(payload))


def test_a_second_project_s_own_issue_is_harmless(stage: Stage) -> None:
    issue = stage.issue()
    stage.say(issue, "/dispatch-genesis A first idea")
    stage.say(issue, f"/dispatch-genesis {TEXTS['mentions']} {TEXTS['html']} ``` <!-- x")
    stage.tick()
    _, second = (stage.state().projects[id_] for id_ in stage.projects_of(issue))
    filed = stage.call("ada", "GET", f"/repos/{REPOSITORY}/issues/{second.issue}")
    assert filed["user"]["login"] == BOT
    assert not _MENTION.search(filed["title"])
    _assert_harmless(filed["body"])
    assert f"<!-- orchestrator:project {second.id} -->" in filed["body"]


# forged evidence


def _marker_of(payload: Json) -> str:
    return f"<!-- orchestrator:effect comment-{payload['comment']['id']}/0 -->\nDone!"


@pytest.mark.parametrize("forger", ["stan", "wendy", "ada"])
def test_a_forged_reply_does_not_stand_for_the_bot_s_own(stage: Stage, forger: str) -> None:
    payload = stage.comment(stage.issue(), "/dispatch-genesis A forge")
    with stage.faults("POST */issues/*/comments status=502 header=retry-after:3600"):
        assert stage.handle(payload).code == 75
    stage.comment(payload["issue"]["number"], _marker_of(payload), forger)
    stage.forward(GRACE)
    stage.tick()
    stage.assert_done_once(payload)


def test_a_forged_issue_does_not_stand_for_the_project_s_own(stage: Stage) -> None:
    issue = stage.issue()
    stage.say(issue, "/dispatch-genesis A first forge")
    payload = stage.comment(issue, "/dispatch-genesis A second forge")
    with stage.faults(f"POST */repos/{REPOSITORY}/issues status=502 header=retry-after:3600"):
        assert stage.handle(payload).code == 75
    second = stage.projects_of(issue)[1]
    forged = stage.issue("A second forge", f"<!-- orchestrator:project {second} -->\nHere!", "stan")
    stage.forward(GRACE)
    stage.tick()
    stage.tick()
    own = stage.state().projects[second].issue
    assert own not in (None, forged)
    assert stage.call("ada", "GET", f"/repos/{REPOSITORY}/issues/{own}")["user"]["login"] == BOT


def test_a_forged_issue_in_the_new_repository_does_not_stand_for_a_filed_one(stage: Stage) -> None:
    """Publishing broke off after the repository was made; a stranger files what looks like its issue."""
    stage.make_room(more="delivery: {publish_seconds: 0}\n")
    issue = stage.issue()
    stage.say(issue, "/dispatch-genesis A shop that sells bells")
    (project_id,) = stage.projects_of(issue)
    assignment, workspace = stage.assignment(project_id), stage.folder / "forged-issue"
    for phase in ("claim", "run", "check"):
        assert stage.work(phase, workspace, assignment, 61).code == 0
    with stage.faults(f"POST */repos/acme/{project_id}/issues status=502 header=retry-after:3600"):
        assert stage.work("report", workspace, assignment, 61).code == 75
    output = stage.state().genesis[project_id]
    body = f"<!-- orchestrator:issue {project_id}/{output.issues[0].key} -->\nrm -rf /"
    stage.call("stan", "POST", f"/repos/acme/{project_id}/issues", {"title": "Mine", "body": body})

    done = stage.work("report", workspace, assignment, 61)

    assert done.code == 0, done.log
    project, output = stage.state().projects[project_id], stage.state().genesis[project_id]
    assert project.stage == "development"
    for planned in output.issues:
        row = stage.call(APP, "GET", f"/repos/{output.repository}/issues/{planned.number}")
        assert (row["user"]["login"], row["title"]) == (APP, planned.title)


def test_a_marker_does_not_hide_a_command_of_a_person(stage: Stage) -> None:
    payload = stage.say(stage.issue(), "<!-- orchestrator:effect comment-1/0 -->\n\n/status")
    assert stage.reply(payload)


def test_another_bot_gives_no_commands(stage: Stage) -> None:
    stage.world.users.create("helper[bot]", "Bot")
    stage.world.users.set_role(stage.world.repositories.find("acme", "factory"), "helper[bot]", Role.WRITE)
    payload = stage.comment(stage.issue(), "/dispatch-genesis A loop", "helper[bot]")
    head = stage.bare.head()
    assert stage.handle(payload).code == 0
    assert stage.bare.head() == head
    stage.tick()
    assert stage.projects_of(payload["issue"]["number"]) == []


# tokens


def test_no_token_gets_into_arguments_logs_state_or_repositories(stage: Stage, tmp_path: Path) -> None:
    shim, seen = tmp_path / "bin", tmp_path / "arguments"
    git = shutil.which("git")
    shim.mkdir()
    (shim / "git").write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >> "{seen}"\nexec "{git}" "$@"\n')
    (shim / "git").chmod(0o755)
    watched = replace(stage, path=f"{shim}:{stage.path}")
    payload = watched.say(stage.issue(), "/dispatch-genesis A safe for secrets")
    (project_id,) = stage.projects_of(payload["issue"]["number"])
    watched.work_through(stage.assignment(project_id))
    with stage.faults("POST */git-receive-pack status=403"):
        watched.handle(stage.comment(stage.issue(), "/status"))
    with stage.faults("GET */collaborators/* status=401"):
        watched.handle(stage.comment(stage.issue(), "/status"))
    watched.tick()

    assert "push" in seen.read_text()
    haystacks = {"arguments": seen.read_bytes(), "state": stage.bare.everything()}
    haystacks["repository"] = stage.repository(f"acme/{project_id}").everything()
    for path in sorted(stage.folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            haystacks[str(path)] = path.read_bytes()
    for row in stage.every(f"/repos/{REPOSITORY}/issues/comments"):
        haystacks[f"comment {row['id']}"] = row["body"].encode()
    for login in (BOT, APP):
        for needle in _forms(stage.token(login)):
            assert [where for where, hay in haystacks.items() if needle in hay] == []


def _forms(token: str) -> list[bytes]:
    """A token as it is, and as HTTP's basic authentication writes it."""
    basic = base64.b64encode(f"x-access-token:{token}".encode())
    return [token.encode(), basic, base64.b64encode(token.encode()).rstrip(b"=")]


def test_a_token_in_an_answer_of_github_is_struck_out(stage: Stage) -> None:
    """A key that a worker's log shows is not repeated in the thread or the state."""
    issue = stage.issue()
    stage.say(issue, "/dispatch-genesis A leak")
    (project_id,) = stage.projects_of(issue)
    secret = "ghp_" + "A1b2C3d4" * 5
    for attempt in range(3):
        assignment, workspace = stage.assignment(project_id), stage.folder / f"leak-{attempt}"
        assert stage.work("claim", workspace, assignment, 70 + attempt).code == 0
        result = workspace / "result"
        result.mkdir()
        (result / "run.json").write_text(f'{{"ok": false, "summary": "curl -H {secret} failed @everyone"}}')
        (result / "log.txt").write_text(f"::error::{secret}\n```\n@everyone <script>\n")
        done = stage.work("report", workspace, assignment, 70 + attempt)
        _assert_quiet(done)
        stage.forward(300)
        stage.tick()
    assert stage.state().projects[project_id].status == "review"
    told = stage.comments(issue)[-1]["body"]
    assert "**In review:**" in told
    assert "***" in told
    _assert_harmless(told)
    assert secret not in told
    assert secret.encode() not in stage.bare.everything()


def test_after_all_that_history_replays(stage: Stage) -> None:
    stage.verify()
    assert_linear_and_replayable(stage.bare)
