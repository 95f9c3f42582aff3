"""How the projects' open pull requests stand on GitHub, as far as that differs from what is known."""

from __future__ import annotations

import logging
from collections import defaultdict

from bot.app.process import App
from bot.domain.errors import ForgeError, RateLimited
from bot.domain.pulls import PullSeen
from bot.domain.state import State
from bot.policies.pulls import awaited

log = logging.getLogger("orchestrator")
MOST = 60
"""Pull requests of one look; the others follow with the next."""


def changed_pulls(app: App, state: State) -> tuple[PullSeen, ...]:
    """What differs; asked at most every ``pull_requests.look_seconds`` (1 request for each 30).

    None where nothing waits. A process that looks once looks each time.
    """
    now, due = app.clocks.monotonic(), []
    for project in state.projects.values():
        waited = app.looked_at_pulls.get(project.id)
        if project.repository and (waited is None or now - waited >= state.config.pull_requests.look_seconds):
            due += [(project, pull) for pull in awaited(project)]
    due.sort(key=lambda one: app.looked_at_pulls.get(one[0].id, float("-inf")))
    wanted: dict[str, list[int]] = defaultdict(list)
    for project, pull in due[:MOST]:
        wanted[project.repository].append(pull.facts.number)
        app.looked_at_pulls[project.id] = now
    if not wanted or app.projects is None:
        return ()
    try:
        found = app.projects(next(iter(wanted))).pulls_of(wanted)
    except RateLimited:
        raise
    except ForgeError as error:
        log.warning("pull requests were not looked at: %s", " ".join(str(error).split()))
        return ()
    return tuple(
        PullSeen(project=project.id, key=pull.key, known=pull.facts.head, facts=facts)
        for project, pull in due[:MOST]
        if (facts := found.get((project.repository, pull.facts.number))) is not None and facts != pull.facts
    )
