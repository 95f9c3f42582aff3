"""Workflow runs: dispatching them, their life from queued to completed, and lists of them."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from bot.hub.data import git_data
from bot.hub.data.records import (
    WHOLE,
    HubEvent,
    Repository,
    Role,
    Run,
    Slice,
    User,
    to_time,
    to_time_or_none,
)
from bot.hub.data.refusals import Clash, Invalid, Missing
from bot.hub.data.store import Store

INPUTS = 25
INPUT_CHARACTERS = 65_535
CONCLUSIONS = (
    "success",
    "failure",
    "cancelled",
    "skipped",
    "timed_out",
    "neutral",
    "action_required",
    "stale",
)
_FILE = re.compile(r"^[A-Za-z0-9._-]{1,100}\.ya?ml$")
_SELECT = "SELECT runs.*, workflows.file FROM runs JOIN workflows ON workflows.id = workflow_id WHERE "


@dataclass(frozen=True, slots=True)
class RunQuery:
    """Which runs; the fields are those of GitHub's list of workflow runs. Newest first."""

    workflow: str = ""
    status: str = ""
    """A status or a conclusion."""
    event: str = ""
    actor: str = ""
    branch: str = ""
    created_from: str = ""
    """Earliest time of creation, as it is stored."""
    created_to: str = ""

    def where(self, repository: Repository) -> tuple[str, list[str | int]]:
        """The condition in SQL and its values."""
        terms, values = ["runs.repository_id = ?"], list[str | int]([repository.id])
        for term, value in (
            ("workflows.file = ?", self.workflow),
            ("? IN (runs.status, coalesce(runs.conclusion, ''))", self.status),
            ("runs.event = ?", self.event),
            ("runs.actor = ? COLLATE NOCASE", self.actor),
            ("runs.branch = ?", self.branch),
            ("runs.created_at >= ?", self.created_from),
            ("runs.created_at <= ?", self.created_to),
        ):
            if value:
                terms.append(term)
                values.append(value)
        return " AND ".join(terms), values


EVERY = RunQuery()
"""All runs of a repository."""


class Runs(Store):
    """The workflow runs of all repositories."""

    def dispatch(
        self, repository: Repository, actor: User | None, workflow: str, ref: object, inputs: object = None
    ) -> Run:
        """Start a workflow by ``workflow_dispatch`` (write and up); subscribers are told.

        The run's title is ``inputs["assignment"]`` where it is given. Raises Missing for a file name
        that cannot be a workflow, Invalid for a ref that does not exist and for too many inputs.
        """
        actor = self.require(repository, actor, Role.WRITE)
        if not _FILE.match(workflow):
            raise Missing
        given = _checked_inputs(inputs)
        branch = str(ref or "").removeprefix("refs/heads/").removeprefix("refs/tags/")
        sha = git_data.resolve(self.world.repositories.path(repository), branch) if branch else None
        if sha is None:
            raise Invalid(f"No ref found for: {branch}")
        run = self.create(
            repository, workflow, "workflow_dispatch", actor,
            title=given.get("assignment", ""), inputs=given, branch=branch, head_sha=sha,
        )  # fmt: skip
        show = self.world.show
        payload = {
            "inputs": dict(given),
            "ref": f"refs/heads/{branch}",
            "repository": show.repository(repository),
            "sender": show.user(actor),
            "workflow": f".github/workflows/{workflow}",
        }
        self._tell("workflow_dispatch", "", repository, actor, run, payload)
        return run

    def create(
        self,
        repository: Repository,
        workflow: str,
        event: str,
        actor: User,
        *,
        title: str = "",
        inputs: Mapping[str, str] | None = None,
        branch: str = "",
        head_sha: str | None = None,
    ) -> Run:
        """Record a queued run; nobody is told. ``title`` empty: the workflow's name."""
        branch = branch or repository.default_branch
        path = self.world.repositories.path(repository)
        sha = head_sha or git_data.resolve(path, branch) or "0" * 40
        with self.db.transaction():
            workflow_id = self.workflow_id(repository, workflow)
            sql = "SELECT max(number) FROM runs WHERE workflow_id = ?"
            run_id, now = self.db.next_id(), self.now()
            self.db.insert(
                "runs", id=run_id, repository_id=repository.id, workflow_id=workflow_id,
                number=self.db.number(sql, workflow_id) + 1, title=title or workflow_name(workflow),
                event=event, actor=actor.login, branch=branch, head_sha=sha, status="queued",
                inputs=json.dumps(dict(inputs or {})), created_at=now, updated_at=now,
            )  # fmt: skip
        return self.by_id(run_id)

    def start(self, run_id: int) -> bool:
        """Set a queued run in progress; False where it is not queued any more."""
        sql = (
            "UPDATE runs SET status = 'in_progress', started_at = ?, updated_at = ? "
            "WHERE id = ? AND status = 'queued'"
        )
        return self.db.execute(sql, self.now(), self.now(), run_id) == 1

    def finish(self, run_id: int, conclusion: str) -> bool:
        """Complete a run with one of ``CONCLUSIONS``; False where it was completed before."""
        if conclusion not in CONCLUSIONS:
            raise ValueError(f"conclusion={conclusion!r}: expected one of {', '.join(CONCLUSIONS)}")
        sql = (
            "UPDATE runs SET status = 'completed', conclusion = ?, updated_at = ? "
            "WHERE id = ? AND status <> 'completed'"
        )
        return self.db.execute(sql, conclusion, self.now(), run_id) == 1

    def cancel(self, repository: Repository, actor: User | None, run_id: int) -> Run:
        """Cancel a run (write and up). Raises Clash where it is completed.

        A queued run is cancelled at once; of one in progress subscribers are told with the event
        ``workflow_run``, action ``cancel``, and whoever runs it ends it.
        """
        actor = self.require(repository, actor, Role.WRITE)
        run = self.find(repository, run_id)
        if run.status == "completed":
            raise Clash("Cannot cancel a workflow run that is completed.")
        self.db.execute(
            "UPDATE runs SET status = 'completed', conclusion = 'cancelled', updated_at = ? "
            "WHERE id = ? AND status = 'queued'", self.now(), run_id,
        )  # fmt: skip
        run = self.by_id(run_id)
        payload = {"action": "cancel", "workflow_run": self.world.show.run(run, repository)}
        self._tell("workflow_run", "cancel", repository, actor, run, payload)
        return run

    def end_orphans(self) -> int:
        """Fail the runs in progress and cancel the queued ones that an earlier process left behind."""
        with self.db.transaction():
            lost = "UPDATE runs SET status = 'completed', conclusion = ?, updated_at = ? WHERE status = ?"
            ended = self.db.execute(lost, "failure", self.now(), "in_progress")
            return ended + self.db.execute(lost, "cancelled", self.now(), "queued")

    def find(self, repository: Repository, run_id: int) -> Run:
        """A run of this repository. Raises Missing."""
        run = self.by_id(run_id)
        if run.repository_id != repository.id:
            raise Missing
        return run

    def by_id(self, run_id: int) -> Run:
        """A run by its id. Raises Missing."""
        row = self.db.row(_SELECT + "runs.id = ?", run_id)
        if row is None:
            raise Missing
        return _run(row)

    def search(self, repository: Repository, query: RunQuery = EVERY, part: Slice = WHOLE) -> list[Run]:
        """The runs that a query asks for, newest first."""
        condition, values = query.where(repository)
        sql = _SELECT + condition + " ORDER BY runs.id DESC" + part.sql()
        return [_run(row) for row in self.db.rows(sql, *values)]

    def count(self, repository: Repository, query: RunQuery = EVERY) -> int:
        """How many runs ``search`` gives where it is asked for all of them."""
        condition, values = query.where(repository)
        sql = "SELECT count(*) FROM runs JOIN workflows ON workflows.id = workflow_id WHERE "
        return self.db.number(sql + condition, *values)

    def workflow_id(self, repository: Repository, file: str) -> int:
        """The id of a workflow file; it gets one when it is first named."""
        sql = "SELECT id FROM workflows WHERE repository_id = ? AND file = ?"
        with self.db.transaction():
            known = self.db.number(sql, repository.id, file)
            if known:
                return known
            fresh = self.db.next_id()
            self.db.insert(
                "workflows", id=fresh, repository_id=repository.id, file=file, created_at=self.now()
            )
            return fresh

    def workflow_file(self, repository: Repository, name: str) -> str:
        """A workflow's file name, from that or from its id as a text. Raises Missing."""
        if name.isdigit():
            sql = "SELECT file FROM workflows WHERE repository_id = ? AND id = ?"
            row = self.db.row(sql, repository.id, int(name))
            name = str(row["file"]) if row else ""
        if not _FILE.match(name):
            raise Missing
        return name

    def _tell(
        self,
        name: str,
        action: str,
        repository: Repository,
        actor: User,
        run: Run,
        payload: Mapping[str, object],
    ) -> None:
        event = HubEvent(name, action, repository.full_name, actor.login, payload, run_id=run.id)
        self.world.publish(event)


def workflow_name(file: str) -> str:
    """A workflow's name: its file name without the ending."""
    return file.rsplit(".", 1)[0]


def _checked_inputs(inputs: object) -> dict[str, str]:
    if inputs is None:
        return {}
    if not isinstance(inputs, dict):
        raise Invalid("Invalid request.\n\nFor 'properties/inputs', inputs is not an object.")
    if len(inputs) > INPUTS:
        raise Invalid(f"Too many inputs: {len(inputs)} were given, {INPUTS} are allowed")
    if len(json.dumps(inputs, ensure_ascii=False)) > INPUT_CHARACTERS:
        raise Invalid(f"inputs are too large: at most {INPUT_CHARACTERS} characters are allowed")
    for name, value in inputs.items():
        if isinstance(value, dict | list):
            raise Invalid(f"Invalid value for input '{name}'")
    return {name: _input_text(value) for name, value in inputs.items()}


def _input_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _run(row: sqlite3.Row) -> Run:
    return Run(
        id=row["id"],
        repository_id=row["repository_id"],
        workflow_id=row["workflow_id"],
        workflow=row["file"],
        number=row["number"],
        title=row["title"],
        event=row["event"],
        actor=row["actor"],
        branch=row["branch"],
        head_sha=row["head_sha"],
        status=row["status"],
        conclusion=row["conclusion"],
        inputs=json.loads(row["inputs"]),
        created_at=to_time(row["created_at"]),
        started_at=to_time_or_none(row["started_at"]),
        updated_at=to_time(row["updated_at"]),
    )
