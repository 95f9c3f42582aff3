"""A repository's beginning: the state branch from its template, and the labels' definitions."""

from __future__ import annotations

from bot.app.process import App
from bot.ports.store import Look
from bot.render.labels import definitions


def initialise(app: App, look: Look) -> None:
    """Create what is missing; what is there stays as it is, so doing so twice is harmless.

    Raises StateMissing where the branch is gone although the repository was in use before.
    """
    state = app.process([], look).state if look.version is None else app.load(look)
    present = app.forge.label_names()
    for name, (colour, meaning) in definitions(state.config).items():
        if name not in present:
            app.forge.create_label(name, colour, meaning)
