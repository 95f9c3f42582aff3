"""``verify`` against somebody who may push to the state branch: each way of editing it by hand is named."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot import __version__
from bot.adapters.git.formats import tree_id
from bot.app.auditing import SIGNED
from tests.e2e.bot_process import Done
from tests.e2e.stage import Stage, staged

QUEUE = "shared-state/queues/genesis-queue/items.json"
CONTROLS = "shared-state/controls.json"
EVENTS = "shared-state/events.json"
STATE = "refs/heads/state"
Attack = Callable[["Forger"], object]


class Forger:
    """Rewrites the state branch past the bot, as good as git lets one."""

    def __init__(self, stage: Stage) -> None:
        self.bare = stage.bare

    @property
    def message(self) -> str:
        """The newest commit's message."""
        return self.bare.git("log", "-1", "--format=%B", STATE).decode().rstrip("\n")

    def commit(
        self,
        files: dict[str, bytes | None],
        message: str,
        *,
        who: str = SIGNED,
        parents: tuple[str, ...] = (STATE,),
        at: int = 0,
        modes: dict[str, str] | None = None,
    ) -> str:
        """A commit with the files of its first parent and some that differ; the branch then ends in it."""
        seconds = at or int(self.bare.text("log", "-1", "--format=%ct", STATE))
        lines = [f"commit {STATE}\nmark :1\nauthor {who} {seconds} +0000\ncommitter {who} {seconds} +0000\n"]
        stream = lines[0].encode() + b"data %d\n%b\n" % (len(message.encode()), message.encode())
        for word, parent in zip(("from", "merge", "merge"), parents, strict=False):
            stream += f"{word} {self.bare.text('rev-parse', parent)}\n".encode()
        for path, content in files.items():
            mode = (modes or {}).get(path, "100644")
            stream += (
                f"D {path}\n".encode()
                if content is None
                else f"M {mode} inline {path}\ndata {len(content)}\n".encode() + content + b"\n"
            )
        self.bare.git("fast-import", "--quiet", "--force", "--done", stdin=stream + b"\ndone\n")
        return self.bare.head()

    def read(self, path: str, commit: str = STATE) -> bytes:
        return self.bare.git("show", f"{commit}:{path}")

    def amend(self, files: dict[str, bytes | None], message: str = "", **options: object) -> str:
        """The newest commit once more, with other files or words, in its place."""
        mine = message or f"{self.message}\n"
        changed = self.bare.text("diff-tree", "-r", "--name-only", "--no-commit-id", STATE).splitlines()
        kept = {path: self.read(path) for path in changed}
        when = int(self.bare.text("log", "-1", "--format=%ct", STATE))
        return self.commit({**kept, **files}, mine, parents=(f"{STATE}^",), at=when, **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stage, str]]:
    """A branch with a few commits, and its head."""
    with staged(tmp_path_factory.mktemp("verify")) as stage:
        stage.say(stage.issue("A bell"), "/dispatch-genesis A shop that sells bells")
        stage.say(stage.issue(), "/pause content", "max")
        stage.say(stage.issue("A tide"), "/dispatch-genesis A tide table")
        yield stage, stage.bare.head()


@pytest.fixture
def stage(original: tuple[Stage, str]) -> Iterator[Stage]:
    stage, head = original
    yield stage
    stage.bare.git("update-ref", STATE, head)


def verify(stage: Stage, *options: str) -> Done:
    return stage.start("verify", *options, event="schedule", payload={}).done()


def _paused(forger: Forger) -> bytes:
    """What the branch says of pauses, with one more line of white space."""
    return forger.read(CONTROLS).replace(b"{", b"{\n", 1)


def _without_pause(forger: Forger) -> bytes:
    told = json.loads(forger.read(CONTROLS))
    assert told["paused"]
    return json.dumps({**told, "paused": []}, indent=2).encode() + b"\n"


def _fewer_events(forger: Forger) -> bytes:
    told = json.loads(forger.read(EVENTS))
    assert len(told["events"]) == 1
    return json.dumps({**told, "events": []}, indent=2).encode() + b"\n"


ATTACKS: dict[str, tuple[Attack, str]] = {
    "JSON edited in the browser": (
        lambda forger: forger.commit(
            {CONTROLS: _without_pause(forger)}, "Update controls.json\n", who="Mallory <m@example.org>"
        ),
        r"its author is Mallory <m@example.org>\n(.*\n)*.*names no version that decided it",
    ),
    "JSON edited, signed and worded as the bot does": (
        lambda forger: forger.commit({CONTROLS: _without_pause(forger)}, forger.message + "\n"),
        rf"not what deciding gives: .*{CONTROLS}",
    ),
    "JSON edited in the newest commit": (
        lambda forger: forger.amend({CONTROLS: _without_pause(forger)}),
        rf"not what deciding gives: {CONTROLS}",
    ),
    "white space": (
        lambda forger: forger.amend({CONTROLS: _paused(forger)}),
        rf"not what deciding gives: {CONTROLS}",
    ),
    "a removed event": (
        lambda forger: forger.amend({EVENTS: _fewer_events(forger)}),
        rf"its message is not what these events give\n(.*\n)*.*not what deciding gives: .*{EVENTS}",
    ),
    "a removed file": (
        lambda forger: forger.amend({QUEUE: None}),
        r"not what deciding gives: .*items.json|it is no state",
    ),
    "a file beside the state": (
        lambda forger: forger.amend({".github/workflows/own.yml": b"on: push\n"}),
        r"not what deciding gives: \.github/workflows/own\.yml",
    ),
    "a link": (
        lambda forger: forger.amend({CONTROLS: b"../README.md"}, modes={CONTROLS: "120000"}),
        r"no ordinary file: a link",
    ),
    "a program": (
        lambda forger: forger.amend({CONTROLS: forger.read(CONTROLS)}, modes={CONTROLS: "100755"}),
        r"no ordinary file",
    ),
    "a rewritten message": (
        lambda forger: forger.amend({}, re.sub(r"^comment-\d+", "comment-1", forger.message) + "\n"),
        r"its message is not what these events give",
    ),
    "a word more in the message": (
        lambda forger: forger.amend({}, forger.message + "\nReviewed-By: ada\n"),
        r"its message is not what these events give",
    ),
    "somebody else's commit with nothing changed": (
        lambda forger: forger.amend({}, who="ada <ada@example.org>"),
        r"its author is ada <ada@example.org>",
    ),
    "another time": (
        lambda forger: forger.commit({}, forger.message + "\n", parents=(f"{STATE}^",), at=2_000_000_000),
        r"it was decided at .* and says 2033-05-18",
    ),
    "a merge": (
        lambda forger: _merge(forger),
        r"it follows [0-9a-f]{12}, [0-9a-f]{12}, where only the commit before it is expected",
    ),
    "another version's name": (
        lambda forger: forger.amend(
            {CONTROLS: _without_pause(forger)},
            forger.message.replace(f"orchestrator {__version__}", "orchestrator 99.0.0") + "\n",
        ),
        r"the version 99\.0\.0 decided it, which is newer than this program",
    ),
    "a day's name": (
        lambda forger: forger.amend(
            {CONTROLS: _without_pause(forger)},
            f"The state at the end\n\nWas: {'0' * 40}\nCompacted-By: orchestrator {__version__}\n",
        ),
        r"it stands for a day, among commits that were not shortened\n(.*\n)*.*none of the last 2 days is",
    ),
    "all of the history in one commit": (
        lambda forger: _squashed(forger),
        r"not what deciding gives",
    ),
}


def _merge(forger: Forger) -> str:
    """The newest commit, which also follows one that is nowhere else."""
    head = forger.bare.head()
    side = forger.commit({"x": b"y"}, "Side\n", parents=(f"{STATE}~2",))
    forger.bare.git("update-ref", STATE, head)
    return forger.commit({}, forger.message + "\n", parents=(f"{STATE}^", side))


def _squashed(forger: Forger) -> str:
    """The state of now as the first commit, with the words of the last one."""
    files = forger.bare.files(STATE)
    return forger.commit({**files, CONTROLS: _without_pause(forger)}, forger.message + "\n", parents=())


@pytest.mark.parametrize("attack", ATTACKS)
def test_whoever_edits_the_branch_is_found(stage: Stage, attack: str) -> None:
    act, told = ATTACKS[attack]
    before = stage.bare.head()
    act(Forger(stage))
    assert stage.bare.head() != before
    done = verify(stage)
    assert done.code == 1, done.log
    assert re.search(told, done.log), done.log
    assert f"edited: {stage.bare.head()[:12]}" in done.log
    assert "Traceback" not in done.log


def test_what_the_bot_made_is_let_through(stage: Stage) -> None:
    done = verify(stage)
    assert done.code == 0, done.log
    assert re.search(r"\d+ files, [4-9] commits, 0 problems", done.log)
    assert "not proven" not in done.log


def test_a_commit_of_the_bot_on_top_of_an_edited_one_hides_nothing(stage: Stage) -> None:
    forger = Forger(stage)
    edited = forger.commit({CONTROLS: _without_pause(forger)}, forger.message + "\n")
    stage.say(stage.issue(), "/pause genesis", "max")
    done = verify(stage)
    assert done.code == 1
    assert f"edited: {edited[:12]}" in done.log
    assert f"edited: {stage.bare.head()[:12]}" not in done.log
    assert verify(stage, "--last", "1").code == 0, "the newest commit follows from what it found"


def test_a_branch_that_was_set_back_is_found_by_a_commit_that_is_known(stage: Stage) -> None:
    known = stage.bare.head()
    assert verify(stage, "--after", known[:12]).code == 0
    stage.bare.git("update-ref", STATE, f"{STATE}~1")
    assert verify(stage).code == 0, "what is left holds together by itself"
    done = verify(stage, "--after", known)
    assert done.code == 1
    assert f"edited: {known[:12]}: it is no longer on the branch" in done.log


def test_a_rewritten_history_is_found_by_a_commit_that_is_known(stage: Stage) -> None:
    known, forger = stage.bare.head(), Forger(stage)
    forger.amend({}, re.sub(r"Nonce: \S+", "Nonce: another", forger.message) + "\n")
    assert stage.bare.head() != known
    assert verify(stage).code == 0, "another nonce alone is a commit that the bot could have made"
    assert "no longer on the branch" in verify(stage, "--after", known).log


def test_a_shortened_history_is_no_edited_one(tmp_path: Path) -> None:
    with staged(tmp_path) as stage:
        heads = []
        for day in range(4):
            stage.say(stage.issue(f"Day {day}"), f"/dispatch-genesis A page of day {day}")
            heads.append(stage.bare.head())
            stage.forward(86_400)
        stage.tick()
        compact = ("state", "compact", "--keep-days", "2")
        assert stage.start(*compact, event="schedule", payload={}).done().code == 0
        assert heads[0] not in stage.bare.text("rev-list", STATE)
        done = verify(stage, "--after", heads[0])
        assert done.code == 0, done.log
        assert re.search(r"not proven: \d commits?: it stands for a day", done.log)


def test_a_commit_that_is_none_is_refused(stage: Stage) -> None:
    done = verify(stage, "--after", "main")
    assert done.code == 2
    assert "expected a commit's id" in done.log


def test_a_tree_has_the_id_that_git_gives_it(stage: Stage) -> None:
    assert tree_id(stage.bare.files(STATE)) == stage.bare.text("rev-parse", f"{STATE}^{{tree}}")
