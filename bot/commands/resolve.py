"""What people mean by an id: the whole of it, or a beginning that fits only one; the issue's own project."""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import get_close_matches

from bot.commands.spec import Invocation, Refused
from bot.domain.archive import Left
from bot.domain.instances import Instance
from bot.domain.models import Project, Task
from bot.domain.records import Alert
from bot.render import archived, refusals

_AROUND = " `'\"<>()[]@.,:;"
"""What stands around an id that is copied from a reply, a sentence or a usage line."""


def project(call: Invocation, given: str) -> Project:
    """The project of that id, by a unique beginning, of the issue ``#7``, or of this issue where nothing is
    given.

    Raises Refused naming the nearest ids.
    """
    projects = call.draft.projects
    if not given:
        own = [one for one in projects.values() if one.issue == call.event.issue]
        if not own and (left := call.draft.archived.of_issue(call.event.issue)) is not None:
            raise Refused(archived.refused(call.draft.archived, left))
        if not own:
            raise Refused(refusals.no_project_here(call.naming))
        return own[0]
    number = re.fullmatch(r"#?([0-9]{1,9})", given.strip(_AROUND))
    if number and (given.startswith("#") or not any(id_.startswith(number[1]) for id_ in projects)):
        own = [one for one in projects.values() if one.issue == int(number[1])]
        if own:
            return own[0]
    if (left := archived_one(call, given)) is not None:
        raise Refused(archived.refused(call.draft.archived, left))
    return projects[match("project", given, projects)]


def archived_one(call: Invocation, given: str) -> Left | None:
    """The project of the archive that is meant, where no project of the state can be."""
    wanted, known, live = given.strip(_AROUND).lower(), call.draft.archived, call.draft.projects
    if wanted in live:
        return None
    if (exact := known.find(wanted)) is not None:
        return exact
    if not wanted or any(id_.startswith(wanted) for id_ in live):
        return None
    if number := re.fullmatch(r"#?([0-9]{1,9})", wanted):
        of_state = any(one.issue == int(number[1]) for one in live.values())
        return None if of_state else known.of_issue(int(number[1]))
    begins = [one for one in known.items if one.id.startswith(wanted)]
    return begins[0] if len(begins) == 1 else None


def task(call: Invocation, given: str) -> tuple[Project, Task]:
    """The task of that id, by a unique beginning; Raises Refused naming the nearest ids."""
    tasks = {one.id: (holder, one) for holder in call.draft.projects.values() for one in holder.tasks}
    if (left := archived_one(call, given.partition(".")[0])) is not None:
        raise Refused(archived.refused(call.draft.archived, left))
    return tasks[match("task", given, tasks)]


def project_or_task(call: Invocation, given: str) -> tuple[Project, Task | None]:
    """A project, or one task; a whole id counts before a beginning, a project before its tasks."""
    if not given or "." not in given:
        return project(call, given), None
    return task(call, given)


def worker(call: Invocation, given: str) -> Instance:
    """The worker of that id, by a unique beginning. Raises Refused naming the nearest ids."""
    return call.draft.instances[match("worker", given, call.draft.instances)]


def alert(call: Invocation, given: str) -> Alert:
    """The open alert of that id, by a unique beginning. Raises Refused naming the nearest ids."""
    alerts = {one.id: one for one in call.draft.alerts if one.until is None}
    return alerts[match("open alert", given, alerts)]


def match(kind: str, given: str, ids: Collection[str]) -> str:
    """The one id that ``given`` means. Raises Refused where there is none, or more than one."""
    wanted = given.strip(_AROUND).lower()
    if wanted in ids:
        return wanted
    begins = sorted(id_ for id_ in ids if wanted and id_.startswith(wanted))
    if len(begins) == 1:
        return begins[0]
    if begins:
        raise Refused(refusals.ambiguous(kind, given, begins))
    holder = wanted.partition(".")[0]
    close = [holder] if holder in ids else get_close_matches(wanted, ids, n=3, cutoff=0.4)
    raise Refused(refusals.unknown_id(kind, given, close, some=len(ids) > 0))
