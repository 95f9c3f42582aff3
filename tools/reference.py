"""The reference that is made from the code: command line, exit codes, environment, files of the state."""

from __future__ import annotations

from collections.abc import Iterator

import click

from bot.cli import orchestrator
from bot.domain import errors, files
from bot.domain.models import Queue
from tools import environment

MEANINGS = {
    "projects/{id}/status.json": "the project with all its tasks: the truth about both",
    "ledger.json": "which events are settled, and the counter of leases",
    "controls.json": "the switches that people and rules have thrown: pauses, triage, emergencies, halts",
    "metrics/forecasts.json": "the forecasts of open projects, and how those of complete ones turned out",
}
"""What the models of these files leave to the design's table."""
MADE = "Made from the code by `make generate`."


def _page(*lines: str) -> bytes:
    return "\n".join(lines).rstrip().encode() + b"\n"


def _first(doc: str | None) -> str:
    """The first paragraph of a docstring, as Markdown."""
    return " ".join((doc or "").strip().partition("\n\n")[0].split()).replace("``", "`")


def command_line() -> bytes:
    """Every command of ``orchestrator`` with its options, from click's own table."""
    intro = [
        "# Command line",
        "",
        "`orchestrator` is called by people and by the workflows. Its [exit codes](exit-codes.md) and the",
        "[environment](environment.md) that it reads have pages of their own.",
        "",
        MADE,
        "",
    ]
    return _page(*intro, *_commands(orchestrator, "orchestrator"))


def _commands(group: click.Group, above: str) -> Iterator[str]:
    for name in sorted(group.commands):
        command = group.commands[name]
        if isinstance(command, click.Group):
            yield from _commands(command, f"{above} {name}")
        else:
            yield from _entry(command, f"{above} {name}")


def _entry(command: click.Command, name: str) -> Iterator[str]:
    context = click.Context(command, info_name=name)
    usage = " ".join(command.collect_usage_pieces(context))
    yield from [f"## {name}", "", f"`{name} {usage}`".replace(" `", "`"), ""]
    for paragraph in (command.help or "").replace("``", "`").split("\n\n"):
        yield from [" ".join(paragraph.split()), ""]
    options = [
        one
        for one in command.get_params(context)
        if isinstance(one, click.Option) and "--help" not in one.opts
    ]
    if options:
        yield from ["| option | meaning |", "| --- | --- |"]
        yield from (_option(one, context) for one in options)
        yield ""


def _option(option: click.Option, context: click.Context) -> str:
    record = option.get_help_record(context)
    shown, told = record or ("", "")
    return f"| `{shown.replace('|', ', ')}` | {told.replace('|', ', ')} |"


def exit_codes() -> bytes:
    """Every exit code, from the errors that have it."""
    rows = {0: "done", 1: "", 2: "", 75: "", 130: "a question was answered with no, or with Ctrl-C"}
    meanings = {
        1: "a defect; or the answer is no: `verify` and `replay` found something, `demo` did not get to its "
        "end, a write was refused",
        2: "the call or the set-up is wrong: repeating it as it is cannot help. `doctor`: something is wrong",
        75: "for now it cannot be done: call it again later. What was saved stays saved",
    }
    lines = [
        "# Exit codes",
        "",
        "| code | meaning |",
        "| --- | --- |",
        *[f"| {code} | {meanings.get(code, told)} |" for code, told in rows.items()],
        "",
        "A run of Actions that ends with another code than 0 is red. Its reason is one line in the log, that",
        "begins with `orchestrator:`, and the same line in the step's summary. A run that is killed loses",
        "nothing: the next tick finds what it had not done.",
        "",
        "## What ends with which",
        "",
        "| code | failure | what it means |",
        "| --- | --- | --- |",
        *[f"| {one.exit_code} | `{one.__name__}` | {_first(one.__doc__)} |" for one in _failures()],
        "",
        MADE,
    ]
    return _page(*lines)


def _failures() -> list[type[errors.OrchestratorError]]:
    known = [
        one
        for one in vars(errors).values()
        if isinstance(one, type) and issubclass(one, errors.OrchestratorError)
    ]
    return sorted(known, key=lambda one: (one.exit_code, one.__name__))


def environment_page() -> bytes:
    """The variables, secrets and settings by their names."""
    parts = [
        (
            "In a shell",
            environment.BY_HAND,
            "For commands that a person calls, and for `orchestrator worker`.",
        ),
        (
            "Variables of Actions",
            environment.VARIABLES,
            "Settings → Secrets and variables → Actions → Variables.",
        ),
        ("Secrets of Actions", environment.SECRETS, "Settings → Secrets and variables → Actions → Secrets."),
    ]
    lines = ["# Environment", "", "Settings that are not in [the configuration](configuration.md).", ""]
    for title, table, where in parts:
        lines += [f"## {title}", "", where, "", "| name | meaning |", "| --- | --- |"]
        lines += [f"| `{name}` | {meaning} |" for name, meaning in table.items()] + [""]
    actions = ", ".join(f"`{name}`" for name in sorted(environment.BY_ACTIONS))
    lines += [f"In a run the program also reads what GitHub sets: {actions}.", "", MADE]
    return _page(*lines)


def state_files() -> bytes:
    """Each file of the state branch with its model's fields."""
    single = dict(files.SINGLE.values())
    models = {
        **{f"projects/{{id}}/{path}": model for path, model in files.PER_PROJECT.values()},
        "queues/{name}-queue/items.json": Queue,
        **{f"{name}/{{id}}.json": model for name, model in files.PER_ID.items()},
        **single,
    }
    lines = [
        "# Files of the state",
        "",
        "What the state branch holds below `shared-state/`. Each kind of file has a JSON Schema in the",
        "branch's `schemas/`; a new branch's are in `state-repo-template/schemas`. Programs may read them;",
        "only the bot may write: `orchestrator replay` tells what somebody else has changed.",
        "",
        "| file | what it is | its keys |",
        "| --- | --- | --- |",
        *[f"| `{path}` | {_meaning(path, model)} | {_keys(model)} |" for path, model in models.items()],
        "",
        MADE,
    ]
    return _page(*lines)


def _meaning(path: str, model: type[files.Document]) -> str:
    return MEANINGS.get(path) or _first(model.__doc__).partition(": ")[2].removesuffix(".")


def _keys(model: type[files.Document]) -> str:
    names = (info.alias or name for name, info in model.model_fields.items())
    return ", ".join(f"`{name}`" for name in names if name != "schema_version")


def pages() -> dict[str, bytes]:
    """Each page by its path from the project's root."""
    return {
        "docs/command-line.md": command_line(),
        "docs/environment.md": environment_page(),
        "docs/exit-codes.md": exit_codes(),
        "docs/state-files.md": state_files(),
    }
