"""How the projects' open pull requests stand on GitHub, as far as that differs from what is known."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from zlib import crc32

from bot.app.process import App
from bot.domain.errors import ForgeError
from bot.domain.models import Project
from bot.domain.pulls import Pull, PullSeen
from bot.domain.state import State
from bot.policies.working.pulls import awaited
from bot.ports.facts import IssueEventFacts

log = logging.getLogger("orchestrator")
MOST = 60
"""Pull requests of one look; the others follow with the next ones."""
RARELY = 600
"""Seconds between two looks at one that is closed and may be opened again."""


def changed_pulls(app: App, state: State, listed: Sequence[IssueEventFacts] = ()) -> tuple[PullSeen, ...]:
    """What differs; asked at most every ``pull_requests.look_seconds`` (1 request for each 30).

    None where nothing waits. A process that looks once looks each time. ``listed``: what happened in this
    repository, where a pull request that nobody waits for any more may be told of.
    """
    now, told = app.clocks.monotonic(), _told(listed)
    due = [
        (project, pull)
        for project in state.projects.values()
        for pull in (_wanted(app, project, told) if project.repository else ())
        if now - app.looked_at_pulls.get(_name(project, pull), float("-inf")) >= _pause(state, pull)
    ]
    lot = app.now().isoformat()
    due.sort(key=lambda one: (app.looked_at_pulls.get(_name(*one), float("-inf")), _drawn(lot, *one)))
    wanted: dict[str, list[int]] = defaultdict(list)
    for project, pull in due[:MOST]:
        wanted[project.repository].append(pull.facts.number)
        app.looked_at_pulls[_name(project, pull)] = now
    if not wanted or app.projects is None:
        return ()
    try:
        found = app.projects(next(iter(wanted))).pulls_of(wanted)
    except ForgeError as error:  # GraphQL's limits are not those of the rest of a tick
        log.warning("pull requests were not looked at: %s", " ".join(str(error).split()))
        return ()
    return tuple(
        PullSeen(project=project.id, key=pull.key, known=pull.facts.head, facts=facts)
        for project, pull in due[:MOST]
        if (facts := found.get((project.repository, pull.facts.number))) is not None and facts != pull.facts
    )


def _wanted(app: App, project: Project, told: Mapping[int, str]) -> tuple[Pull, ...]:
    waiting = awaited(project, app.now())
    here = project.repository.lower() == app.facts.repository.lower()
    others = [one for one in project.pulls if here and one.facts.number in told and one not in waiting]
    return (*waiting, *(one for one in others if _differs(one, told[one.facts.number])))


def _told(listed: Sequence[IssueEventFacts]) -> dict[int, str]:
    """What happened last to an issue or a pull request, of what decides whether it is open."""
    return {event.issue: event.event for event in listed if event.event in ("closed", "merged", "reopened")}


def _differs(pull: Pull, event: str) -> bool:
    return pull.facts.state != "merged" and pull.open is not (event == "reopened")


def _pause(state: State, pull: Pull) -> float:
    """Seconds between two looks; hardly anybody opens again what was closed."""
    every = state.config.pull_requests.look_seconds
    return every if pull.open else max(every, RARELY)


def _name(project: Project, pull: Pull) -> str:
    return f"{project.id}/{pull.key}"


def _drawn(lot: str, project: Project, pull: Pull) -> int:
    """A place by lot, of those that this process has not looked at: another one knows of no look at all."""
    return crc32(f"{lot} {_name(project, pull)}".encode())
