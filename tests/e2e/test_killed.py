"""SIGKILL before and after every request and every git command of ``handle``; one tick heals it."""

from __future__ import annotations

import shutil
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from tests.e2e.door import Moment, opened
from tests.e2e.repository import INBOX, assert_linear_and_replayable, settled_in
from tests.e2e.stage import GRACE, Json, Stage, staged

COMMAND = "/dispatch-genesis A page that counts the days to the next holiday"

# Stands in for git on the victim's PATH; kills the victim at the chosen call of the chosen command.
SHIM = """\
#!/bin/sh
echo "$2" >> "{folder}/calls"
if [ "$2 $(grep -cx -e "$2" "{folder}/calls")" = "{call}" ]; then
  case {moment} in
    before) kill -9 $PPID; exit 1 ;;
    after) "{git}" "$@"; kill -9 $PPID; exit 1 ;;
  esac
fi
exec "{git}" "$@"
"""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_at_any_request(tmp_path: Path, moment: Moment) -> None:
    with staged(tmp_path) as stage, opened(stage.info.url) as door:
        stage.make_room()
        behind = replace(stage, server_url=door.url)

        def victim(payload: Json, point: int) -> str | None:
            door.lie_in_wait(point, moment)
            process = behind.start_handle(payload)
            door.aim(process.pid)
            done = process.done()
            assert done.code == (-signal.SIGKILL if door.fell else 0), done.log
            return door.fell or None

        fallen = _kill_everywhere(stage, victim)
        assert Counter(request.partition("/repos/")[0][:4] for request in fallen)["POST"] >= 6, fallen
        assert any("git-receive-pack" in request for request in fallen)
        assert any("/dispatches" in request for request in fallen)
        _assert_whole(stage)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_at_any_git_command(tmp_path: Path, moment: Moment) -> None:
    with staged(tmp_path) as stage:
        stage.make_room()
        calls = _git_calls(stage, tmp_path / "dry")
        assert [call for call in calls if call != "cat-file 1"] == ["fetch 1", "fast-import 1", "push 1"]

        def victim(payload: Json, point: int) -> str | None:
            if point > len(calls):
                return None
            call = calls[point - 1]
            shimmed = replace(stage, path=_shim(tmp_path / f"shim-{point}", call, moment))
            done = shimmed.handle(payload)
            # The reader in the background ends because its parent ends, never before it.
            survives = (call, moment) == ("cat-file 1", "after")
            assert done.code == (0 if survives else -signal.SIGKILL), f"{call}: {done.log}"
            return call

        assert _kill_everywhere(stage, victim) == calls
        _assert_whole(stage)


def _kill_everywhere(stage: Stage, victim: Callable[[Json, int], str | None]) -> list[str]:
    """Kill a ``handle`` at each point in turn, each time for a comment of its own; the points' names."""
    fallen: list[str] = []
    for point in count(1):
        payload = stage.comment(stage.issue(), COMMAND)
        where = victim(payload, point)
        if where is None:
            return fallen
        fallen.append(where)
        stage.forward(GRACE)
        stage.tick()
        try:
            stage.assert_done_once(payload)
        except AssertionError as error:
            raise AssertionError(f"killed at point {point}, {where}: {error}") from error
    raise AssertionError("there is always a last point")


def _assert_whole(stage: Stage) -> None:
    stage.verify()
    assert stage.bare.refs(INBOX) == []
    assert_linear_and_replayable(stage.bare)
    twice = {event: commits for event, commits in settled_in(stage.bare).items() if len(commits) > 1}
    assert twice == {}


def _git_calls(stage: Stage, folder: Path) -> list[str]:
    """The git commands of an undisturbed ``handle``, each with its number among its like."""
    shimmed = replace(stage, path=_shim(folder, "", "before"))
    done = shimmed.handle(stage.comment(stage.issue(), COMMAND))
    assert done.code == 0, done.log
    seen: Counter[str] = Counter()
    calls = []
    for name in (folder / "calls").read_text().split():
        seen[name] += 1
        calls.append(f"{name} {seen[name]}")
    return calls


def _shim(folder: Path, call: str, moment: Moment) -> str:
    """A directory with the stand-in for git, put first on the ``PATH``."""
    git = shutil.which("git")
    assert git is not None
    folder.mkdir()
    program = folder / "git"
    program.write_text(SHIM.format(folder=folder, call=call, moment=moment, git=git))
    program.chmod(0o755)
    return f"{folder}:{Path(git).parent}:/usr/bin:/bin"
