"""Where the configuration file's text comes from: a named file, the checkout, or the default branch."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from bot.adapters.config_file import PATH
from bot.domain.errors import NotFound, UsageError
from bot.ports.forge import Forge

SETTLING = 120.0
"""Seconds after a push in which the file is read again: the API may be behind what git shows already."""


def config_text(environ: Mapping[str, str], forge: Forge) -> str | None:
    """The file's text as this run finds it; None where there is none (1 request without a checkout)."""
    if named := environ.get("ORCHESTRATOR_CONFIG"):
        return _named(named)
    checkout = Path(environ.get("GITHUB_WORKSPACE") or os.devnull)
    if (checkout / ".git").exists():
        path = checkout / PATH
        return path.read_text(encoding="utf-8") if path.is_file() else None
    return _of_the_default_branch(forge)


class ConfigSource:
    """The file's text for a process that lives for hours, whose checkout grows old.

    It is read anew when the default branch has moved, which git tells at each look: no request while
    nothing is pushed.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        forge: Forge,
        head: Callable[[], str | None],
        monotonic: Callable[[], float],
    ) -> None:
        """``head`` is the commit id of the default branch now."""
        self._environ, self._forge = environ, forge
        self._head_of_branch, self._monotonic = head, monotonic
        self._head: str | None = None
        self._text: str | None = None
        self._is_known = False
        self._until = 0.0

    def __call__(self) -> str | None:
        """The text now; None where there is no file. Raises as ``config_text`` and reading refs."""
        if named := self._environ.get("ORCHESTRATOR_CONFIG"):
            return _named(named)
        head = self._head_of_branch()
        if not self._is_known:
            fresh = head == self._environ.get("GITHUB_SHA")
            self._text = config_text(self._environ if fresh else {}, self._forge)
        elif head != self._head or self._monotonic() < self._until:
            if head != self._head:
                self._until = self._monotonic() + SETTLING
            self._text = _of_the_default_branch(self._forge)
        self._head, self._is_known = head, True
        return self._text


def _named(name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"ORCHESTRATOR_CONFIG names {name}, which cannot be read ({error.strerror}); "
            "name an existing file, or unset it"
        ) from None


def _of_the_default_branch(forge: Forge) -> str | None:
    try:
        return forge.file_text(PATH)
    except NotFound:
        return None
