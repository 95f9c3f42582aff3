"""The hub's stand-in for GitHub Actions: starts the bot for events as the project's workflows would.

Which event starts what is the table ``WORKFLOWS``. Each run is recorded in the world and has a
directory of its own, ``DATA/runs/{id}/``, with ``log.txt``, ``event.json`` and ``summary.md``.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from bot.hub.data.records import HubEvent, Run, User
from bot.hub.data.refusals import Refusal
from bot.hub.data.world import APP, BOT, World
from bot.hub.runner.job import Execution, Job, Step, Token
from bot.hub.runner.process import GRACE

_log = logging.getLogger("bot.hub.runner.runner")

_OUR_LABELS = ("priority:", "stage:", "status:", "held:")
_BOT_ONLY = frozenset({Token.BOT})
_BOT_AND_APP = frozenset({Token.BOT, Token.APP})
HANDLE = Job((Step(("handle",), minutes=10, tokens=_BOT_ONLY),))
TICK = Job((Step(("tick",), minutes=10, tokens=_BOT_AND_APP),))
LOOP = ("tick", "--loop", "20000", "--mode", "loop", "--every")
"""The monitor as its workflow runs it in the mode ``loop``; the interval follows."""
WORK = Job(
    (
        Step(
            ("work", "claim", "--assignment", "{assignment}", "--workspace", "{workspace}"),
            minutes=10,
            tokens=_BOT_AND_APP,
            gate="granted",
        ),
        Step(("work", "run", "--workspace", "{workspace}"), minutes=120, agent=True),
        Step(("work", "check", "--workspace", "{workspace}"), minutes=60),
        Step(("work", "report", "--workspace", "{workspace}"), minutes=20, tokens=_BOT_AND_APP, always=True),
    ),
    inputs=("assignment",),
)


@dataclass(frozen=True, slots=True)
class Trigger:
    """What a workflow file's ``on:`` says: the event, its actions (empty: any), the job, its pool."""

    workflow: str
    event: str
    actions: frozenset[str]
    job: Job
    pool: str = "handlers"


WORKFLOWS = (
    Trigger("commands.yml", "issue_comment", frozenset({"created"}), HANDLE),
    Trigger("monitor.yml", "schedule", frozenset(), TICK),
    Trigger("monitor.yml", "workflow_dispatch", frozenset(), TICK),
    Trigger("worker.yml", "workflow_dispatch", frozenset(), WORK, "workers"),
    Trigger("labels.yml", "issues", frozenset({"labeled", "unlabeled", "closed", "reopened"}), HANDLE),
)


@dataclass(frozen=True, slots=True)
class HubInfo:
    """What a run is told about the hub: addresses, the main repository, and the tokens it may get."""

    server_url: str
    api_url: str
    graphql_url: str
    repository: str
    """``owner/name`` of the repository whose workflows run."""
    bot_token: str = field(repr=False)
    app_token: str = field(repr=False)

    @classmethod
    def of(cls, world: World, repository: str) -> HubInfo:
        """Read it from a world that has the accounts ``BOT`` and ``APP``; raises Missing without them."""
        url = world.base_url
        tokens = world.users.token_of(BOT), world.users.token_of(APP)
        return cls(url, f"{url}/api/v3", f"{url}/api/graphql", repository, *tokens)


class Runner:
    """Runs the workflows of the hub's main repository as processes of this machine.

    ``tick_every`` is in seconds, between the looks of the monitor; 0 switches the schedule off. At most
    ``handlers`` commands and ``workers`` assignments run at once; the schedule has a place of its own.
    ``command`` is the bot's program. ``agent_environment`` (an agent's key, say) is added to
    ``work run`` and to nothing else.
    ``grace`` is the time in seconds that a cancelled program has to end by itself.
    """

    def __init__(
        self,
        world: World,
        hub_info: HubInfo,
        *,
        tick_every: float = 30.0,
        handlers: int = 4,
        workers: int = 4,
        command: Sequence[str] = (sys.executable, "-m", "bot"),
        agent_environment: Mapping[str, str] | None = None,
        grace: float = GRACE,
    ) -> None:
        self._world = world
        self._hub = hub_info
        self._tick_every = tick_every
        self._command = tuple(command)
        self._grace = grace
        self._agent_environment = dict(agent_environment or {})
        self._sizes = {"handlers": handlers, "workers": workers}
        self._pools: dict[str, ThreadPoolExecutor] = {}
        self._running: dict[int, Execution] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._ticker: threading.Thread | None = None
        self._unsubscribe: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Begin to run what happens from now on; runs that an earlier process left open are ended."""
        self._stopping.clear()
        self._world.runs.end_orphans()
        self._pools = {name: ThreadPoolExecutor(size, f"hub-{name}") for name, size in self._sizes.items()}
        self._unsubscribe = self._world.subscribe(self._on_event)
        if self._tick_every > 0:
            self._ticker = threading.Thread(target=self._tick, name="hub-schedule", daemon=True)
            self._ticker.start()

    def stop(self) -> None:
        """End every run (its conclusion is ``cancelled``) and return when no process is left."""
        self._unsubscribe()
        with self._lock:
            self._stopping.set()
            executions = list(self._running.values())
        for execution in executions:
            execution.cancel()
        for pool in self._pools.values():
            pool.shutdown(wait=True)
        if self._ticker is not None:
            self._ticker.join()
            self._ticker = None

    def _on_event(self, event: HubEvent) -> None:
        """Called in the request's own thread, so it only records and queues."""
        if event.name == "workflow_run" and event.action == "cancel":
            self._cancel(event.run_id)
        elif event.name == "workflow_dispatch":
            self._dispatched(event)
        elif event.repository.lower() == self._hub.repository.lower() and _passes_sieve(event):
            trigger = _trigger(event.name, event.action)
            if trigger:
                title = str(event.payload.get("issue", {}).get("title", ""))
                run = self._create(trigger, self._world.users.find(event.actor), title)
                self._submit(run, trigger, event.payload)

    def _dispatched(self, event: HubEvent) -> None:
        assert event.run_id is not None  # noqa: S101  (the world records the run before it tells)
        run = self._world.runs.by_id(event.run_id)
        ours = event.repository.lower() == self._hub.repository.lower()
        trigger = _trigger("workflow_dispatch", "", run.workflow) if ours else None
        if trigger is None:
            known = ", ".join(sorted({known.workflow for known in WORKFLOWS}))
            self._refuse(
                run,
                f"There is no workflow {run.workflow} in {event.repository} that this hub can run; "
                f"it runs {known} of {self._hub.repository}.",
            )
        elif missing := [name for name in trigger.job.inputs if not run.inputs.get(name)]:
            self._refuse(run, f"{run.workflow} needs the input {missing[0]!r}: dispatch it with a value.")
        else:
            self._submit(run, trigger, event.payload)

    def _create(self, trigger: Trigger, actor: User, title: str = "") -> Run:
        owner, _, name = self._hub.repository.partition("/")
        repository = self._world.repositories.find(owner, name)
        return self._world.runs.create(repository, trigger.workflow, trigger.event, actor, title=title)

    def _submit(self, run: Run, trigger: Trigger, payload: Mapping[str, Any]) -> None:
        execution = self._execution(run, trigger, payload)
        self._accept(execution, self._pools[trigger.pool])

    def _accept(self, execution: Execution, pool: ThreadPoolExecutor | None = None) -> bool:
        """Register and queue an execution; while the runner stops, its run is cancelled instead."""
        with self._lock:  # against stop(): what it does not find registered must not start any more
            accepted = not self._stopping.is_set()
            if accepted:
                self._running[execution.run_id] = execution
                if pool is not None:
                    pool.submit(self._perform, execution)
        if not accepted:
            self._world.runs.finish(execution.run_id, "cancelled")
        return accepted

    def _execution(self, run: Run, trigger: Trigger, payload: Mapping[str, Any]) -> Execution:
        return Execution(
            job=trigger.job,
            command=self._command,
            folder=self._world.data.resolve() / "runs" / str(run.id),
            environment=self._environment(run),
            tokens={Token.BOT: self._hub.bot_token, Token.APP: self._hub.app_token},
            agent_environment=self._agent_environment,
            inputs=run.inputs,
            payload=payload,
            run_id=run.id,
            grace=self._grace,
        )

    def _environment(self, run: Run) -> dict[str, str]:
        """What Actions tells every step about its run; paths and tokens are added for each step."""
        return {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTOR": run.actor,
            "GITHUB_API_URL": self._hub.api_url,
            "GITHUB_EVENT_NAME": run.event,
            "GITHUB_GRAPHQL_URL": self._hub.graphql_url,
            "GITHUB_REPOSITORY": self._hub.repository,
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_RUN_ID": str(run.id),
            "GITHUB_SERVER_URL": self._hub.server_url,
            "GITHUB_WORKFLOW": run.workflow.rsplit(".", 1)[0],
        }

    def _perform(self, execution: Execution) -> None:
        """Run one execution to its end in this thread; nothing that goes wrong gets out of it."""
        conclusion = "failure"
        try:
            if execution.cancelled or not self._world.runs.start(execution.run_id):
                conclusion = "cancelled"
            else:
                conclusion = execution.perform()
        except Exception:
            _log.exception("run %s could not be carried out", execution.run_id)
            with contextlib.suppress(OSError):
                execution.note("The hub could not carry out this run; its own output says why.")
        finally:
            with self._lock:
                self._running.pop(execution.run_id, None)
            with contextlib.suppress(Refusal):
                self._world.runs.finish(execution.run_id, conclusion)

    def _cancel(self, run_id: int | None) -> None:
        with self._lock:
            execution = self._running.get(run_id) if run_id is not None else None
        if execution is not None:
            execution.cancel()

    def _refuse(self, run: Run, words: str) -> None:
        folder = self._world.data / "runs" / str(run.id)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "log.txt").write_text(words + "\n", encoding="utf-8")
        self._world.runs.finish(run.id, "failure")

    def _tick(self) -> None:
        """The schedule: one monitor after another, never two at once; each looks again and again."""
        trigger = _trigger("schedule", "")
        assert trigger is not None  # noqa: S101  (it stands in the table)
        loop = Step((*LOOP, f"{self._tick_every:g}"), minutes=350, tokens=_BOT_AND_APP)
        trigger = replace(trigger, job=Job((loop,)))
        while not self._stopping.wait(self._tick_every):
            try:
                run = self._create(trigger, self._world.users.find(BOT))
                execution = self._execution(run, trigger, {"schedule": f"every {self._tick_every:g} s"})
            except Exception:
                _log.exception("the monitor could not be recorded; the next try is in %g s", self._tick_every)
                continue
            if self._accept(execution):
                self._perform(execution)


def _trigger(event: str, action: str, workflow: str = "") -> Trigger | None:
    for trigger in WORKFLOWS:
        fits = trigger.event == event and (not trigger.actions or action in trigger.actions)
        if fits and workflow in ("", trigger.workflow):
            return trigger
    return None


def _passes_sieve(event: HubEvent) -> bool:
    """The ``if:`` of commands.yml and of labels.yml: what a person did that may concern the bot."""
    payload = event.payload
    if event.name == "issue_comment":
        return "/" in payload["comment"]["body"] and payload["comment"]["user"]["type"] != "Bot"
    if event.name == "issues":
        return payload["sender"]["type"] != "Bot" and _may_concern_us(payload)
    return True


def _may_concern_us(payload: Mapping[str, Any]) -> bool:
    issue = payload["issue"]
    if "label" in payload:
        name = str(payload["label"]["name"])
        return name.startswith(_OUR_LABELS) or name == "new-project"
    ours = any(label["name"].startswith("stage:") for label in issue["labels"])
    return ours or str(issue["body"] or "").startswith("<!-- orchestrator:")
