"""What people think of finished projects: the thumbs on the comments that tell of them."""

from __future__ import annotations

import logging

from bot.app.process import App
from bot.domain.archive import Left
from bot.domain.errors import ForgeError
from bot.domain.events.observed import Observed, Voted
from bot.domain.models import Project
from bot.domain.quota import Purpose
from bot.domain.state import State
from bot.policies.measuring.voting import counting
from bot.policies.outside.requesting import shed
from bot.ports.facts import Thumbs

log = logging.getLogger("orchestrator")
MOST_UNKNOWN = 20
"""Comments of one look that are looked up singly, because their ids in GraphQL are not known yet."""


def with_votes(app: App, state: State, seen: Observed) -> Observed:
    """A look that is going to be committed anyway, with the votes that differ, where it is time for them.

    So the pause between two looks is known to every run, and no look at votes makes a commit.
    """
    found = counting(state, app.now())
    unknown = [one for one in found if one.delivery and not one.delivery.node]
    left = {one.id for one in unknown[MOST_UNKNOWN:]}
    wanted = {one.delivery.comment: one.delivery.node for one in found if one.delivery and one.id not in left}
    if not wanted or Purpose.VOTES in shed(app.forge.quota, state.config.requests, app.now()):
        return seen
    try:
        with app.meter.on(Purpose.VOTES):
            thumbs = app.forge.thumbs(wanted)
    except ForgeError as error:  # GraphQL's limits are not those of the rest of a tick
        log.warning("votes were not looked at: %s", " ".join(str(error).split()))
        return seen
    asked = [one for one in found if one.id not in left]
    votes = tuple(vote for one in asked if (vote := _changed(one, thumbs)) is not None)
    return seen.model_copy(update={"votes": votes, "counted": True})


def _changed(project: Project | Left, thumbs: dict[int, Thumbs]) -> Voted | None:
    known = project.delivery
    if known is None:
        return None
    if (now := thumbs.get(known.comment)) is None:
        return Voted(project=project.id, up=known.up, down=known.down, missing=True)
    if (now.up, now.down, now.node, 0) == (known.up, known.down, known.node, known.missed):
        return None
    return Voted(project=project.id, up=now.up, down=now.down, node=now.node)
