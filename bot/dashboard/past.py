"""What the branch's history adds to the present: the fleet hour by hour, and longer records.

Files of the past are read leniently: a program of another version may have written them, and a figure that
is missing there is none here.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from bot.domain.controls import Happening, Journal
from bot.domain.records import Completion, Recent
from bot.domain.vocabulary import ProjectStatus, QueueName, WorkerStatus, Workflow
from bot.ports.history import Snapshot, Snapshots

MOST = 200
"""Snapshots: a week of hours, and a day more."""
ROOT = "shared-state/"
_QUEUED = b'"enqueued_at":'
"""Each of a queue's items has it once, and no text has it unescaped: a long queue need not be parsed."""
_PROJECTS = f"{ROOT}projects/"
_INSTANCES = f"{ROOT}instances/"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a project was."""

    stage: str
    status: str
    done: int
    tasks: int


@dataclass(frozen=True, slots=True)
class Given:
    """A task went to a worker, for this reason."""

    at: datetime
    task: str
    worker: str
    rule: str
    considered: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Frame:
    """The fleet at the end of one hour, or at the head."""

    at: datetime
    version: str
    depths: Mapping[str, int]
    """Queue → how many waited in it."""
    workers: Mapping[str, Mapping[str, int]]
    """Workflow → status → how many."""
    projects: Mapping[str, int]
    """Status → how many."""
    alerts: tuple[tuple[str, str], ...]
    """Open ones: (id, severity)."""
    switches: tuple[str, ...]
    """What was paused, held back or halted."""
    changed: Mapping[str, Standing | None]
    """Project → where it was, for those that differ from the frame before; None: gone."""

    @property
    def busy(self) -> int:
        """Workers that held a task."""
        return sum(flow.get("busy", 0) + flow.get("draining", 0) for flow in self.workers.values())


@dataclass(slots=True)
class History:
    """Everything that was read."""

    frames: list[Frame] = field(default_factory=list)
    """Oldest first."""
    happenings: list[Happening] = field(default_factory=list)
    """Of all journals that were kept, oldest first, each once."""
    completions: list[Completion] = field(default_factory=list)
    """The same of finished attempts."""
    given: Mapping[str, list[Given]] = field(default_factory=dict)
    """Project → which tasks were given to whom, as far as a snapshot shows it, oldest first."""


def read(past: Snapshots, since: datetime) -> tuple[History, Mapping[str, bytes]]:
    """Go through the hours since then; also the files of the head, nothing where there is no branch."""
    reader, last = _Reader(past), None
    for snapshot in past.snapshots(since, MOST):
        reader.take(snapshot)
        last = snapshot
    files = {} if last is None else _files(past, last)
    return reader.history(), files


def _files(past: Snapshots, snapshot: Snapshot) -> dict[str, bytes]:
    contents = past.contents(set(snapshot.files.values()))
    return {path: contents[id_] for path, id_ in snapshot.files.items()}


class _Reader:
    """Parses what differs from the hour before, and nothing twice."""

    def __init__(self, past: Snapshots) -> None:
        self._past = past
        self._files: Mapping[str, str] = {}
        self._standings: dict[str, Standing] = {}
        self._instances: dict[str, tuple[str, str]] = {}
        self._parsed: dict[str, Any] = {}
        self._lengths: dict[str, int] = {}
        self._frames: list[Frame] = []
        self._happenings: dict[Happening, None] = {}
        self._completions: dict[Completion, None] = {}
        self._given: dict[str, dict[Given, None]] = {}

    def take(self, snapshot: Snapshot) -> None:
        """Add the next hour."""
        new = {path: id_ for path, id_ in snapshot.files.items() if self._files.get(path) != id_}
        wanted = {path: id_ for path, id_ in new.items() if _wanted(path)}
        contents = self._past.contents(set(wanted.values()))
        gone = self._files.keys() - snapshot.files.keys()
        changed: dict[str, Standing | None] = dict(self._drop(gone))
        for path, id_ in wanted.items():
            changed |= self._put(path, contents[id_])
        self._files = snapshot.files
        self._frames.append(self._frame(snapshot, changed))

    def history(self) -> History:
        """What was found; attempts and happenings in the order in which they were."""
        return History(
            self._frames,
            sorted(self._happenings, key=lambda one: one.at),
            sorted(self._completions, key=lambda one: one.finished_at),
            {id_: sorted(found, key=lambda one: one.at) for id_, found in self._given.items()},
        )

    def _drop(self, gone: set[str]) -> Iterator[tuple[str, None]]:
        for path in gone:
            match path.removeprefix(ROOT).split("/"):
                case ["projects", project, "status.json"]:
                    self._standings.pop(project, None)
                    yield project, None
                case ["instances", file]:
                    self._instances.pop(file.removesuffix(".json"), None)
                case _:
                    pass

    def _put(self, path: str, content: bytes) -> dict[str, Standing | None]:
        match path.removeprefix(ROOT).split("/"):
            case ["projects", project, _]:
                return self._standing(project, _dictionary(content))
            case ["instances", file]:
                found = _dictionary(content)
                flow, status = str(found.get("workflow", "")), str(found.get("status", ""))
                self._instances[file.removesuffix(".json")] = (flow, status)
            case ["journal.json"]:
                self._happenings |= dict.fromkeys(_journal(content))
            case ["metrics", "recent.json"]:
                self._completions |= dict.fromkeys(_recent(content))
            case ["queues", _, _]:
                self._lengths[path] = content.count(_QUEUED)
            case rest:
                self._parsed["/".join(rest)] = _dictionary(content)
        return {}

    def _standing(self, project: str, found: Mapping[str, Any]) -> dict[str, Standing | None]:
        tasks = [one for one in _rows(found.get("tasks")) if not one.get("discarded")]
        self._given.setdefault(project, {}).update(dict.fromkeys(_given(tasks)))
        done = sum(one.get("status") == "done" for one in tasks)
        now = Standing(str(found.get("stage", "")), str(found.get("status", "")), done, len(tasks))
        if self._standings.get(project) == now:
            return {}
        self._standings[project] = now
        return {project: now}

    def _frame(self, snapshot: Snapshot, changed: Mapping[str, Standing | None]) -> Frame:
        alerts = [one for one in _rows(self._file("alerts.json").get("items")) if not one.get("until")]
        return Frame(
            at=snapshot.at,
            version=snapshot.version,
            depths={name.value: self._depth(name) for name in QueueName},
            workers={flow.value: self._workers(flow) for flow in Workflow},
            projects=dict(self._projects()),
            alerts=tuple((str(one.get("id", "")), str(one.get("severity", ""))) for one in alerts),
            switches=tuple(_switches(self._file("controls.json"))),
            changed=changed,
        )

    def _projects(self) -> Counter[str]:
        """By status, with those that had left the state by then."""
        found = Counter(one.status for one in self._standings.values())
        archived = self._file("archived.json")
        found[ProjectStatus.COMPLETE] += int(archived.get("complete", 0))
        found[ProjectStatus.FAILED] += int(archived.get("dropped", 0))
        return +found

    def _file(self, name: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._parsed.get(name, {})
        return found

    def _depth(self, name: QueueName) -> int:
        return self._lengths.get(f"{ROOT}queues/{name}-queue/items.json", 0)

    def _workers(self, flow: Workflow) -> dict[str, int]:
        counts = Counter(status for of, status in self._instances.values() if of == flow)
        return {status.value: counts[status] for status in WorkerStatus if counts[status]}


def _wanted(path: str) -> bool:
    """Only what frames are made of: the rest of a thousand projects is not read hour by hour."""
    if path.startswith(_PROJECTS):
        return path.endswith("/status.json")
    rest = path.removeprefix(ROOT)
    return path.startswith((_INSTANCES, f"{ROOT}queues/")) or rest in (
        "alerts.json",
        "archived.json",
        "controls.json",
        "journal.json",
        "metrics/recent.json",
    )


def _dictionary(content: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _rows(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _given(tasks: list[Mapping[str, Any]]) -> Iterator[Given]:
    for task in tasks:
        choice, at = task.get("choice"), task.get("assigned_at")
        worker = task.get("worker") or ""
        if isinstance(choice, dict) and isinstance(at, str):
            best = next(iter(_rows(choice.get("candidates"))), {})
            worker = worker or str(best.get("worker", ""))
            rule, of = str(choice.get("rule", "")), int(choice.get("considered", 1))
            attempt = int(task.get("attempt", 1))
            yield Given(datetime.fromisoformat(at), str(task.get("id", "")), worker, rule, of, attempt)


def _journal(content: bytes) -> tuple[Happening, ...]:
    try:
        return Journal.model_validate_json(content).happenings
    except ValidationError:
        return ()


def _recent(content: bytes) -> tuple[Completion, ...]:
    try:
        return Recent.model_validate_json(content).completions
    except ValidationError:
        return ()


def _switches(controls: Mapping[str, Any]) -> Iterator[str]:
    if controls.get("halted"):
        yield "everything stopped"
    for one in _rows(controls.get("paused")):
        yield f"{one.get('workflow', '')} paused"
    triage = controls.get("triage")
    if isinstance(triage, dict):
        of = f" of {triage['workflow']}" if triage.get("workflow") else ""
        yield f"triage{of}: {triage.get('level', '')} and above"
    for one in _rows(controls.get("emergency")):
        yield f"emergency: {one.get('workflow', '')}"
