"""SIGKILL at every git command, before, during and after it: the remote stays whole."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.store.conftest import OpenStore, Place
from tests.store.repositories import Bare, minutes

# Stands in for git on the PATH of the victim; kills the victim at the chosen call of the chosen command.
# An orphan keeps the pipe open until it has ended.
SHIM = """\
#!/bin/sh
echo >> "{place}/$2.log"
if [ "$2 $(wc -l < "{place}/$2.log")" = "{call}" ]; then
  exec 9> "{place}/orphan"
  case {moment} in
    before) kill -9 $PPID; exit 1 ;;
    during) kill -9 $PPID; exec "{git}" "$@" ;;
    after) "{git}" "$@"; kill -9 $PPID; exit 1 ;;
  esac
fi
exec "{git}" "$@"
"""
CALLS = [
    *("fast-import 1", "push 1"),  # publish
    *("fetch 1", "cat-file 1"),  # load
    *("fast-import 2", "push 2"),  # save, with the event "first"
    *("fast-import 3", "push 3"),  # save
    *("push 4", "fetch 2"),  # discard the event "second", load
]

STATES: dict[bytes | None, dict[str, bytes]] = {
    b"0": {"step": b"0"},
    b"1": {"step": b"1", "only/one": b"1"},
    b"2": {"step": b"2", "two": b"2"},
}


def _run_victim(bare: Bare, tmp_path: Path, call: str, moment: str) -> int:
    shim = tmp_path / "bin" / "git"
    shim.parent.mkdir()
    shim.write_text(SHIM.format(place=tmp_path, call=call, moment=moment, git=shutil.which("git")))
    shim.chmod(0o755)
    os.mkfifo(tmp_path / "orphan")
    orphan = os.open(tmp_path / "orphan", os.O_RDONLY | os.O_NONBLOCK)
    path = f"{shim.parent}{os.pathsep}{os.environ['PATH']}"
    command = [sys.executable, "-m", "tests.store.victim", str(bare.path)]
    done = subprocess.run(command, env={**os.environ, "PATH": path}, check=False)
    os.set_blocking(orphan, True)
    with open(orphan, "rb") as pipe:
        assert pipe.read() == b""  # the orphan has ended as well
    return done.returncode


@pytest.mark.parametrize("moment", ["before", "during", "after"])
@pytest.mark.parametrize("call", CALLS)
def test_a_killed_process_leaves_a_valid_remote(
    bare: Bare, tmp_path: Path, open_store: OpenStore, moment: str, call: str
) -> None:
    place = Place(str(bare.path), bare)
    store = open_store(place)
    for name in ("first", "second"):
        store.publish(name, name)
    begun = store.save(store.load(), STATES[b"0"], "Begin", at=minutes(0))

    code = _run_victim(bare, tmp_path, call, moment)

    # The reader in the background ends because its parent ends, never before it.
    assert code == (0 if (call, moment) == ("cat-file 1", "after") else -signal.SIGKILL)
    assert bare.is_sound()
    look = store.load()
    assert look.files == STATES[look.files["step"]]
    assert ("first" in look.inbox) == (look.version == begun.version)
    assert ("second" in look.inbox) or look.files["step"] == b"2"
    repaired = store.save(look, {"step": b"3"}, "Go on", at=minutes(3), settled=list(look.inbox))
    assert bare.head() == repaired.version
    assert bare.inbox() == set()
