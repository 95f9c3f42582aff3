"""The files that a run reads: the state's template, the configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from bot.domain.errors import ConfigInvalid, UsageError
from bot.ports.forge import Forge

if TYPE_CHECKING:
    from bot.app.tick import ConfigFile


def read_template() -> dict[str, bytes]:
    """The tree that a state branch starts as, from the checkout or from the installed package."""
    here = Path(__file__).resolve().parents[1]
    for root in (here / "state-repo-template", here.parent / "state-repo-template"):
        if root.is_dir():
            paths = sorted(path for path in root.rglob("*") if path.is_file())
            return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}
    raise UsageError("state-repo-template is missing beside the package; install orchestrator again")


def read_config(environ: Mapping[str, str], forge: Forge) -> ConfigFile:
    """The configuration file as it stands now: named, of the checkout, or of the default branch."""
    from bot.adapters.config_source import config_text

    return read(lambda: config_text(environ, forge))


def read(text: Callable[[], str | None]) -> ConfigFile:
    """The configuration of a text that is fetched here; the defaults where there is none."""
    from bot.adapters.config_file import parse
    from bot.app.tick import ConfigFile
    from bot.domain.config import Config

    try:
        found = text()
        return ConfigFile(Config() if found is None else parse(found))
    except ConfigInvalid as error:
        return ConfigFile(None, str(error))
