"""The demonstration: people's part, played over HTTP against the embedded hub, and checked afterwards."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import click

from bot.demo.outcome import Outcome, outcome_of
from bot.demo.person import Person
from bot.demo.story import Story
from bot.demo.telling import show
from bot.domain.errors import UsageError

EXAMPLE = (
    'A web page that shows "Hello World", a button that changes the message, a counter of clicks, '
    "responsive styling, basic tests, deployable as a static site."
)
_TRACE = "hub"


def run_demo(idea: str, idea_file: Path | None, out: Path, *, serve: bool = False) -> int:
    """Carry one project from a comment as far as it can go without a key; returns the exit code.

    The worked example goes through all three stages; its code is a replay, and says so. Another idea is
    scaffolded, because developing it takes an agent. 0 only where all of it is really there. Everything
    stays in ``out``, with ``summary.json``. ``serve`` keeps the hub up until it is interrupted.
    """
    if idea and idea_file:
        raise UsageError("give the idea (IDEA) or a file with it (IDEA_FILE), not both")
    text = idea_file.read_text(encoding="utf-8") if idea_file else idea or EXAMPLE
    if not text.strip():
        raise UsageError("the idea is empty; say in a sentence or two what is to be built")
    started = time.monotonic()
    signal.signal(signal.SIGTERM, _end)
    _clear(out)
    with _hub(out / _TRACE) as hub:
        story = Story(Person.of(hub, "ada"), Person.of(hub, "wendy"), whole=text.strip() == EXAMPLE)
        finished = story.play(text)
        outcome = outcome_of(story, hub, out / _TRACE, time.monotonic() - started)
        (out / "summary.json").write_text(json.dumps(outcome.summary(), indent=2) + "\n", encoding="utf-8")
        show(story, outcome, out)
        code = _concluded(story, outcome, out, finished=finished)
        if serve and code == 0:
            click.echo(f"\nServing {hub['url']} until Ctrl-C.")
            _until_interrupted()
    return code


def _concluded(story: Story, outcome: Outcome, out: Path, *, finished: bool) -> int:
    again = f".venv/bin/orchestrator local --data {out / _TRACE} --port {outcome.port}"
    if not finished:
        click.echo(f"\nIt did not get to the end ({story.why}); the log of each run is in {out}/hub/runs.")
        return 1
    if missing := outcome.missing(whole=story.whole):
        click.echo(f"\nNot everything is there: {', '.join(missing)}.")
        return 1
    click.echo(
        f"\nDone in {outcome.seconds:.1f} s; all of it is in {out}/, see summary.json."
        f"\nOpen it again, page and all, with: {again}"
    )
    return 0


def _clear(out: Path) -> None:
    """Remove an earlier demonstration, and nothing else."""
    if out.exists() and any(out.iterdir()) and not (out / _TRACE / "hub.json").exists():
        raise UsageError(f"{out} holds something that is no demonstration; choose another --out, or empty it")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)


@contextmanager
def _hub(data: Path) -> Iterator[dict[str, Any]]:
    """The embedded hub with its runner, as a process of its own."""
    log = (data.parent / "hub.log").open("w", encoding="utf-8")
    command = [sys.executable, "-m", "bot", "local", "--port", "0", "--data", str(data), "--json"]
    with log, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line:
                raise UsageError(f"the hub did not start; see {data.parent}/hub.log")
            yield json.loads(line)
        finally:
            process.terminate()
            process.wait(30)


def _end(number: int, frame: FrameType | None) -> NoReturn:
    """Asked to end: by way of what is open, so that the hub ends, too."""
    raise SystemExit(128 + number)


def _until_interrupted() -> None:
    try:
        while True:
            time.sleep(3_600)
    except KeyboardInterrupt:
        click.echo("")
