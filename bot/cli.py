"""argv and environment → one call → exit code: 0 done, 1 a defect, 2 wrong usage, 75 try again later."""

from __future__ import annotations

import gc
import logging
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from bot import __version__
from bot.domain.errors import Forbidden, ForgeError, OrchestratorError, UsageError
from bot.looking.commands import COMMANDS as LOOKING
from bot.setup.commands import COMMANDS as SETUP
from bot.worker_command import worker

if TYPE_CHECKING:
    from bot.app.process import Result
    from bot.app.workspace import Claimant
    from bot.bootstrap.session import Session
    from bot.domain.watch import Mode

LATER = 75
log = logging.getLogger("orchestrator")


def main() -> None:
    """Run, turn every foreseen failure into one clear line and its exit code, and end at once."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="orchestrator: %(message)s")
    gc.set_threshold(500_000)  # a start makes 100,000 objects that stay: no search for cycles among them
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # else each start searches all packages
    code = _run()
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    # All was closed on the way here; taking the modules apart would cost a short run a sixth of its time.
    os._exit(code)


def _run() -> int:
    """Run the command that was asked for; its exit code."""
    try:
        orchestrator.main(standalone_mode=False)
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except click.exceptions.Abort:
        return 130
    except click.ClickException as error:
        error.show()
        return 2
    except click.exceptions.Exit as error:
        return error.exit_code
    except OrchestratorError as error:
        line = _one_line(str(error))
        log.error("%s", line)
        _summarise_failure(line)
        return error.exit_code
    return 0


def _summarise_failure(line: str) -> None:
    """The same line in the step's summary, where there is one: people look there first."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if path:
        with suppress(OSError), Path(path).open("a", encoding="utf-8", errors="replace") as summary:
            summary.write(f"orchestrator: {line}\n")


def _one_line(text: str) -> str:
    return " ".join(text.split())


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="orchestrator")
def orchestrator() -> None:
    """Coordinates a fleet of coding workers out of GitHub alone."""


@orchestrator.command()
def handle() -> None:
    """Settle the event that started this Actions run."""
    from bot.adapters.actions import ActionsContext
    from bot.bootstrap.session import open_session
    from bot.bootstrap.settling import settles

    context = ActionsContext.from_environ(os.environ)
    settle = settles(context)
    if settle is None:
        log.info("nothing to do for this %s", context.event_name)
        return
    with open_session(context, os.environ) as current:  # the fetch runs while the rest is imported
        app = current.app(connected=True)
        result = settle(current, app)
        _summarise(current, result, app.forge.requests)
    _exit(result.undelivered)


def _summarise(current: Session, result: Result, requests: int) -> None:
    """One line in the log and in the step's summary: what became of this run."""
    from bot.adapters.actions import append_summary

    did = "saved" if result.committed else "nothing to save"
    left = f", {len(result.undelivered)} effects left to a tick" if result.undelivered else ""
    left += f", {len(result.unseen)} looks left to the next tick" if result.unseen else ""
    if (shed := result.state.showing.shed) is not None:
        from bot.render.requests import waiting

        left += f"; {waiting(shed.purposes, shed.until)}"
    log.info("%s, %d API requests%s", did, requests, left)
    append_summary(current.context, f"orchestrator: {did}, {requests} API requests{left}")


def _exit(undelivered: Sequence[ForgeError]) -> None:
    if any(isinstance(error, Forbidden) for error in undelivered):
        log.error("the state is saved; what the token may not do is redelivered by a tick once it may")
        sys.exit(Forbidden.exit_code)
    if any(error.exit_code == LATER for error in undelivered):
        log.warning("the state is saved; what could not be delivered or looked at is left to a tick")
        sys.exit(LATER)


@orchestrator.command()
@click.option(
    "--loop", "lasts", type=click.FloatRange(min=1), help="Look again and again for so many seconds."
)
@click.option(
    "--every", type=click.FloatRange(min=0.1), default=30.0, show_default=True, help="Seconds between looks."
)
@click.option(
    "--deadline",
    type=click.FloatRange(min=0.1),
    default=120.0,
    show_default=True,
    help="Seconds that one look of a loop may take.",
)
@click.option(
    "--mode", type=click.Choice(["loop", "cron", "events"]), help="How the monitor is run: for its record."
)
def tick(lasts: float | None, every: float, deadline: float, mode: str | None) -> None:
    """Look at GitHub and settle what differs: lost commands, redelivery, what is due."""
    from bot.bootstrap.reading import read_config
    from bot.bootstrap.session import session
    from bot.domain.watch import Mode

    told = Mode(mode) if mode else None
    if lasts is not None:
        _watch(lasts, every, deadline, told)
    with session(os.environ) as current:
        from bot.app.tick import tick as run_tick

        app = current.app(connected=True)
        file = read_config(current.environ, app.forge)
        result = run_tick(app, current.observer, file, current.first_look(), current.watcher(told))
        _summarise(current, result, app.forge.requests)
    _exit([*result.undelivered, *result.unseen])


def _watch(lasts: float, every: float, deadline: float, mode: Mode | None) -> NoReturn:
    """The monitor; ends the program with its exit code."""
    from bot.adapters.actions import append_summary
    from bot.app.monitor import Plan
    from bot.bootstrap.monitoring import monitor
    from bot.bootstrap.session import session

    with session(os.environ) as current:
        app = current.app(connected=True)
        with monitor(current, app, Plan(lasts, every, deadline), mode) as watching:
            code = watching.run()
        counts, forge = watching.counts, app.forge
        did = (
            f"{counts.ticks} ticks, {counts.saved} saved, {counts.failed} failed; "
            f"{forge.requests} API requests, {forge.unchanged} of them answered as unchanged"
        )
        log.info("%s", did)
        append_summary(current.context, f"orchestrator: {did}")
    sys.exit(code)


@orchestrator.group()
def work() -> None:
    """The phases of one assignment, as a worker's run calls them."""


def _workspace(command: Callable[..., None]) -> Callable[..., None]:
    option = click.option(
        "--workspace",
        required=True,
        type=click.Path(file_okay=False, path_type=Path),
        help="The directory that the phases hand on to each other.",
    )
    return option(command)


def _claimant(current: Session, assignment: str) -> Claimant:
    from bot.app.workspace import Claimant

    context = current.context
    return Claimant(assignment, context.run_id, context.run_attempt, current.run_url)


_ASSIGNMENT = click.option("--assignment", envvar="ORCHESTRATOR_ASSIGNMENT", default="", help="TASK@LEASE.")


@work.command("claim")
@_ASSIGNMENT
@_workspace
def work_claim(assignment: str, workspace: Path) -> None:
    """Ask for the assignment; sets the outputs ``granted``, ``agent`` (the lock to install), ``fold``."""
    from bot.adapters.actions import set_output
    from bot.app import work as phases
    from bot.app.workspace import Workspace, read_order
    from bot.bootstrap.executors import folds, lock_for
    from bot.bootstrap.projects import outside
    from bot.bootstrap.session import session

    with session(os.environ) as current:
        who = _claimant(current, assignment)
        place = Workspace(workspace)
        granted = phases.claim(current.app(), who, place, outside(current), current.first_look())
        set_output(current.context, "granted", "true" if granted else "false")
        if granted:
            order = read_order(place)
            set_output(current.context, "agent", lock_for(order))
            set_output(current.context, "fold", "true" if folds(order) else "false")


_LIFELINE = click.option(
    "--lifeline",
    type=click.IntRange(min=3),
    metavar="FD",
    help="A pipe's reading end; when it closes, this process ends with all that it started.",
)


@work.command("run")
@_LIFELINE
@_workspace
def work_run(workspace: Path, lifeline: int | None) -> None:
    """Do the work; needs no token and no network of its own."""
    _phase(workspace, "run", lifeline)


@work.command("check")
@_LIFELINE
@_workspace
def work_check(workspace: Path, lifeline: int | None) -> None:
    """Judge the work afresh; needs no token."""
    _phase(workspace, "check", lifeline)


def _phase(path: Path, name: str, lifeline: int | None) -> None:
    """Run one phase of the executor that the assignment names. A failed task is a result, not an error."""
    if lifeline is not None:
        from bot.adapters import lifeline as parent

        parent.hold(lifeline)
    from bot.app import work as phases
    from bot.app.workspace import Workspace, read_order
    from bot.bootstrap.executors import executor_of, take_keys

    workspace = Workspace(path)
    order = read_order(workspace)
    try:
        chosen = executor_of(order, take_keys(order, os.environ))
    except UsageError as error:
        finished = phases.refuse(workspace, name, str(error))
    else:
        finished = phases.run(chosen, workspace) if name == "run" else phases.check(chosen, workspace)
    log.info("%s: %s", name, _one_line(finished.summary))


@work.command("report")
@_ASSIGNMENT
@_workspace
def work_report(assignment: str, workspace: Path) -> None:
    """Settle how the assignment went, then make outside what it describes."""
    from bot.app import work as phases
    from bot.app.workspace import Workspace, read_order
    from bot.bootstrap.projects import outside
    from bot.bootstrap.session import session

    with session(os.environ) as current:
        named = assignment or read_order(Workspace(workspace)).assignment
        phases.report(
            current.app(),
            _claimant(current, named),
            Workspace(workspace),
            outside(current),
            current.first_look(),
        )


for _command in (worker, *LOOKING, *SETUP):
    orchestrator.add_command(_command)


@orchestrator.command()
@click.option("--port", default=8642, show_default=True, help="0 takes any free one.")
@click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), default=Path("hub-data"), show_default=True
)
@click.option("--json", "json_line", is_flag=True, help="Print one line of JSON once it answers.")
@click.option("--no-runner", is_flag=True, help="Serve without starting the bot by itself.")
@click.option(
    "--fail", "faults", multiple=True, metavar="SPEC", help="Inject a fault; see bot/hub/faults.py."
)
def local(port: int, data: Path, json_line: bool, no_runner: bool, faults: tuple[str, ...]) -> None:
    """Serve the embedded hub: GitHub's part, played on this machine."""
    from bot.bootstrap.hub import serve_hub

    serve_hub(data, port, json_line=json_line, runner=not no_runner, faults=faults)


@orchestrator.command()
@click.option("--idea", default="", help="Your own idea in place of the worked example.")
@click.option(
    "--idea-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A file with it."
)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), default=Path("demo-out"), show_default=True
)
@click.option("--serve", is_flag=True, help="Keep the hub up afterwards, to look at everything.")
def demo(idea: str, idea_file: Path | None, out: Path, serve: bool) -> None:
    """Carry one project from a comment to a deployed page with its content, on the embedded hub."""
    from bot.demo import run_demo

    sys.exit(run_demo(idea, idea_file, out, serve=serve))
