"""What plain git says about a repository: the independent witness of these tests."""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def minutes(count: int) -> datetime:
    """A time on the tests' day."""
    return NOON + timedelta(minutes=count)


@dataclass(frozen=True)
class Bare:
    """A bare repository on disk."""

    path: Path

    @classmethod
    def create(cls, path: Path) -> Bare:
        path.parent.mkdir(parents=True, exist_ok=True)
        created = cls(path)
        created.git("init", "--quiet", "--bare", str(path), inside=False)
        return created

    def git(self, *arguments: str, stdin: bytes = b"", inside: bool = True) -> bytes:
        """Output of a git command, which must succeed."""
        who = {
            f"GIT_{role}_{key}": f"{role}@test"
            for role in ("AUTHOR", "COMMITTER")
            for key in ("NAME", "EMAIL")
        }
        where = ["--git-dir", str(self.path)] if inside else []
        environment = {
            "PATH": os.environ["PATH"],
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
        }
        done = subprocess.run(
            ["git", *where, *arguments], input=stdin, env=environment | who, capture_output=True, check=True
        )
        return done.stdout

    def refs(self) -> dict[str, str]:
        """Every ref → commit id."""
        lines = self.git("for-each-ref", "--format=%(refname) %(objectname)").decode().splitlines()
        return dict(line.split(" ") for line in lines)

    def head(self, branch: str = "state") -> str | None:
        return self.refs().get(f"refs/heads/{branch}")

    def inbox(self) -> set[str]:
        return {
            name.rpartition("/")[2] for name in self.refs() if name.startswith("refs/orchestrator/inbox/")
        }

    def files(self, version: str) -> dict[str, bytes]:
        """A commit's files as ``git archive`` writes them."""
        if not self.object_ids(version):  # tarfile refuses an archive without files
            return {}
        with tarfile.open(fileobj=io.BytesIO(self.git("archive", "--format=tar", version))) as tar:
            members = [member for member in tar.getmembers() if member.isfile()]
            return {member.name: tar.extractfile(member).read() for member in members}  # type: ignore[union-attr]

    def object_ids(self, version: str) -> dict[str, str]:
        """A commit's paths → blob ids."""
        rows = self.git("ls-tree", "-r", "-z", version).decode(errors="surrogateescape").split("\0")[:-1]
        return {row.partition("\t")[2]: row.partition("\t")[0].split(" ")[2] for row in rows}

    def is_sound(self) -> bool:
        """Whether ``git fsck`` finds nothing wrong; raises CalledProcessError when it does."""
        self.git("fsck", "--strict", "--full")
        return True

    def hook(self, name: str, script: str) -> None:
        """Install a server-side hook."""
        path = self.path / "hooks" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
