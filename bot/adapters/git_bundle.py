"""Pushing a worker's bundle into a project's repository: data only, nothing of it is run."""

from __future__ import annotations

import os
from pathlib import Path

from bot.adapters.git_errors import failure
from bot.adapters.git_process import Credentials
from bot.adapters.git_repository import Repository
from bot.domain.errors import StoreUnavailable, UsageError

_TIMEOUT = 300.0


def push_bundle(bundle: Path, remote: str, token: str, branch: str) -> str:
    """Push ``branch`` of ``bundle`` to a remote that does not have it; returns the remote's commit id.

    A branch that is there already stays as it is. Raises UsageError for a file that is no bundle,
    StoreUnavailable or Forbidden where the remote fails or refuses.
    """
    repository = Repository(Credentials.of(remote, token), dict(os.environ), _TIMEOUT, None)
    ref = f"refs/heads/{branch}"
    try:
        read = repository.git.run("fetch", "--quiet", "--no-tags", str(bundle), f"{ref}:{ref}")
        if not read.ok:
            raise UsageError(
                f"{bundle.name} is no git bundle with a branch {branch}: {read.err.strip()[:300]}"
            )
        repository.git.run("push", "--quiet", f"--force-with-lease={ref}:", remote, f"{ref}:{ref}")
        there = repository.git.run("ls-remote", "--exit-code", remote, ref)
        if there.ok and there.out:
            return there.out.split()[0].decode("ascii")
        if there.code == 2:
            raise StoreUnavailable(f"{remote} has no {branch} after the push; try again later")
        raise failure(there.err, remote, "write")
    finally:
        repository.close()
