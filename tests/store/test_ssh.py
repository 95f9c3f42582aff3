"""The state over ssh, for machines that have git access and no token."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.domain.errors import OrchestratorError
from tests.store.conftest import OpenStore, Place
from tests.store.repositories import Bare, minutes

# What ssh does as far as git can see: the host, then the command for a shell over there.
_SSH = """\
#!/bin/sh
while [ "${1#-}" != "$1" ]; do
  [ "$1" = -G ] && exit 0
  [ "$1" = -o ] && shift
  shift
done
echo "$1" >> "$0.hosts"
[ -n "$GIT_CONFIG_COUNT" ] && exit 1
shift
exec sh -c "$*"
"""


@pytest.fixture
def ssh(tmp_path: Path) -> Path:
    program = tmp_path / "ssh"
    program.write_text(_SSH)
    program.chmod(0o755)
    return program


def test_a_change_goes_over_ssh(bare: Bare, ssh: Path, open_store: OpenStore) -> None:
    place = Place(f"ssh://git@far.example{bare.path}", bare, "a-token-that-ssh-does-not-need")
    environment = {"PATH": f"{ssh.parent}:{os.environ['PATH']}"}
    store = open_store(place, environment=environment)
    store.publish("e.1", "event")
    saved = store.save(store.load(), {"a": b"1"}, "Begin", at=minutes(0), settled=["e.1"])
    assert bare.head() == saved.version == store.peek().version
    assert set((ssh.parent / "ssh.hosts").read_text().split()) == {"git@far.example"}


def test_a_command_of_ones_own_is_used(bare: Bare, ssh: Path, open_store: OpenStore) -> None:
    own = ssh.rename(ssh.parent / "own")
    environment = {"PATH": os.environ["PATH"], "GIT_SSH_COMMAND": str(own)}
    assert open_store(Place(f"ssh://far.example{bare.path}", bare), environment=environment).load()
    assert (own.parent / "own.hosts").exists()


def test_ssh_that_would_ask_something_fails(bare: Bare, tmp_path: Path, open_store: OpenStore) -> None:
    program = tmp_path / "ssh"
    program.write_text(
        '#!/bin/sh\necho "$@" >> "$0.calls"\necho "Permission denied (publickey)." >&2\nexit 255\n'
    )
    program.chmod(0o755)
    place = Place(f"ssh://far.example{bare.path}", bare)
    with pytest.raises(OrchestratorError, match=r"Permission denied|could not read"):
        open_store(place, environment={"PATH": f"{tmp_path}:{os.environ['PATH']}"}).load()
    assert "BatchMode=yes" in (tmp_path / "ssh.calls").read_text()
