"""The bot as real processes, started as workflows start it: with the variables of Actions, nothing else."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.hub.data.world import APP, BOT
from tests.e2e.people import REPOSITORY, Json, People

PATIENCE = 120.0
"""Seconds after which a process that does not end fails its test."""


@dataclass(frozen=True)
class Done:
    """A process of the bot that has ended."""

    code: int
    log: str
    """Standard output and standard error as they came."""
    outputs: str
    summary: str


@dataclass
class Process:
    """A process of the bot, in a process group of its own."""

    popen: subprocess.Popen[bytes]
    folder: Path

    @property
    def pid(self) -> int:
        """Its process id, which is its group's as well."""
        return self.popen.pid

    def done(self) -> Done:
        """Wait for its end."""
        code = self.popen.wait(PATIENCE)
        texts = [self._text(name) for name in ("log.txt", "outputs.txt", "summary.md")]
        return Done(code, *texts)

    def _text(self, name: str) -> str:
        path = self.folder / name
        return path.read_bytes().decode("utf-8", "replace") if path.exists() else ""


@dataclass
class Bot(People):
    """The bot of a hub."""

    folder: Path
    """Each process has a directory of its own in it, named after its run id."""
    server_url: str = ""
    """Where the bot finds GitHub; a door in between, for tests that stand in its way."""
    path: str = field(default_factory=lambda: os.environ["PATH"])
    """The bot's ``PATH``."""
    makes_repositories: bool = True
    """Whether ticks, claims and reports have the token for that."""
    _run_ids: Iterator[int] = field(default_factory=lambda: itertools.count(1_000_001))

    def start(self, *words: str, event: str, payload: Mapping[str, Any], **variables: str) -> Process:
        """Start ``python -m bot`` as a step of a workflow; ``variables`` go on top of Actions' own."""
        run_id = int(variables.get("GITHUB_RUN_ID") or next(self._run_ids))
        folder = self.folder / f"{run_id}-{'-'.join(words[:2]).replace('/', '-')}-{next(self._run_ids)}"
        (folder / "home").mkdir(parents=True)
        (folder / "event.json").write_text(json.dumps(payload), encoding="utf-8")
        with (folder / "log.txt").open("wb") as log:
            popen = subprocess.Popen(
                [sys.executable, "-m", "bot", *words],
                cwd=folder,
                env={**self._environment(folder, event, run_id), **variables},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return Process(popen, folder)

    def environment(self, event: str, **variables: str) -> dict[str, str]:
        """What a step of a new run gets, for a program that is called in this process."""
        run_id = next(self._run_ids)
        folder = self.folder / f"{run_id}-here"
        (folder / "home").mkdir(parents=True)
        (folder / "event.json").write_text("{}", encoding="utf-8")
        return {**self._environment(folder, event, run_id), **variables}

    def _environment(self, folder: Path, event: str, run_id: int) -> dict[str, str]:
        server = self.server_url or self.info.url
        return {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTOR": "wendy",
            "GITHUB_API_URL": f"{server}/api/v3",
            "GITHUB_EVENT_NAME": event,
            "GITHUB_EVENT_PATH": str(folder / "event.json"),
            "GITHUB_GRAPHQL_URL": f"{server}/api/graphql",
            "GITHUB_OUTPUT": str(folder / "outputs.txt"),
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_RUN_ID": str(run_id),
            "GITHUB_SERVER_URL": server,
            "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
            "GITHUB_TOKEN": self.token(BOT),
            "HOME": str(folder / "home"),
            "LANG": "C.UTF-8",
            "PATH": self.path,
        }

    def start_handle(self, payload: Mapping[str, Any], **variables: str) -> Process:
        """Start a ``handle`` for a comment's event."""
        return self.start("handle", event="issue_comment", payload=payload, **variables)

    def handle(self, payload: Mapping[str, Any], **variables: str) -> Done:
        """One ``handle``, to its end."""
        return self.start_handle(payload, **variables).done()

    def start_woken(self, payload: Mapping[str, Any], **variables: str) -> Process:
        """Start a ``handle`` for what somebody did to an issue."""
        return self.start("handle", event="issues", payload=payload, **variables)

    def wake(self, payload: Mapping[str, Any], **variables: str) -> Done:
        """The same, to its end, which must be a success."""
        done = self.start_woken(payload, **variables).done()
        assert done.code == 0, done.log
        return done

    def say(self, issue: int, body: str, login: str = "wendy") -> Json:
        """Comment, and let a ``handle`` settle it, which must succeed; the event's payload."""
        payload = self.comment(issue, body, login)
        done = self.handle(payload)
        assert done.code == 0, done.log
        return payload

    def try_tick(self, **variables: str) -> Done:
        """One ``tick``, to its end."""
        tokens = {"ORCHESTRATOR_GENESIS_TOKEN": self.token(APP)} if self.makes_repositories else {}
        return self.start("tick", event="schedule", payload={}, **tokens, **variables).done()

    def tick(self) -> Done:
        """One ``tick``, which must succeed."""
        done = self.try_tick()
        assert done.code == 0, done.log
        return done

    def work(self, phase: str, workspace: Path, assignment: str, run: int, **variables: str) -> Done:
        """One phase of an assignment, with the tokens that the workflow gives to it."""
        words = ["work", phase, "--workspace", str(workspace)]
        if phase in ("claim", "report"):
            words += ["--assignment", assignment]
        tokens = {"GITHUB_TOKEN": self.token(BOT)} if phase in ("claim", "report") else {"GITHUB_TOKEN": ""}
        if phase in ("claim", "report") and self.makes_repositories:
            tokens["ORCHESTRATOR_GENESIS_TOKEN"] = self.token(APP)
        payload = {"inputs": {"assignment": assignment}}
        settings = {"GITHUB_RUN_ID": str(run), **tokens, **variables}
        return self.start(*words, event="workflow_dispatch", payload=payload, **settings).done()

    def work_through(self, assignment: str) -> list[Done]:
        """All four phases, as ``worker.yml`` runs them."""
        run, workspace = next(self._run_ids), self.folder / f"workspace-{assignment}"
        return [self.work(phase, workspace, assignment, run) for phase in ("claim", "run", "check", "report")]

    def verify(self) -> None:
        """``python -m bot verify`` finds nothing wrong."""
        done = self.start("verify", event="schedule", payload={}).done()
        assert done.code == 0, done.log
        assert "0 problems" in done.log
