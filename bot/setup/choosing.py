"""What somebody chooses at ``init``: by options, else by answers, else by the defaults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import click

from bot.domain.errors import UsageError
from bot.domain.watch import Mode
from bot.executors.catalogue import built_in, find
from bot.setup.action import Action
from bot.setup.plan import APP_ID, APP_KEY, GENESIS, MODE, Wishes
from bot.setup.prices import price, usual
from bot.setup.workflow_files import EXTRAS

PLACES = ("branch", "token", "app")
"""Where projects go: onto a branch of this repository, or into repositories made by a token or by an App."""


@dataclass(frozen=True, slots=True)
class Options:
    """What was given on the command line; empty: to be asked for, or the default."""

    mode: str = ""
    agent: str = ""
    projects: str = ""
    app_id: str = ""
    secrets: tuple[str, ...] = ()
    """Names of secrets to set, each from the environment variable of its name."""
    without: tuple[str, ...] = ()
    """Workflows to leave out, of those that nothing rests on."""
    yes: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What the repository says already."""

    private: bool
    variables: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    configured: bool = False
    """Whether there is a configuration file, which stays as it is."""


Ask = Callable[..., str]


def choose(options: Options, known: Known, action: Action, environ: Mapping[str, str]) -> Wishes:
    """Every choice; asks where an option is missing, unless ``yes`` takes the defaults. Raises UsageError."""
    mode = _mode(options, known)
    agent = _agent(options, known)
    projects = _projects(options, known)
    variables = {} if known.variables.get(MODE) == mode else {MODE: mode}
    if projects == "app":
        number = _app_id(options, known)
        variables |= {} if known.variables.get(APP_ID) == number else {APP_ID: number}
    secrets = _given(options, environ)
    if not options.yes:
        for name in needed(agent, projects, {**known.secrets, **secrets}):
            if name != APP_KEY and (value := _hidden(name)):  # a key of many lines is no answer to a prompt
                secrets[name] = value
    return Wishes(action, agent, projects, variables, secrets, extras(options))


def extras(options: Options) -> tuple[str, ...]:
    """The workflows beyond those that the bot relies on."""
    return tuple(name for name in EXTRAS if name.removesuffix(".yml") not in options.without)


def needed(agent: str, projects: str, there: Mapping[str, str]) -> list[str]:
    """Secrets that are still missing for what was chosen; of an agent's keys one is enough."""
    profile = find(agent)
    keys = profile.keys if profile else ()
    missing = [] if not keys or any(key in there for key in keys) else [keys[0]]
    place = {"token": GENESIS, "app": APP_KEY}.get(projects)
    return [*missing, *([place] if place and place not in there else [])]


def _mode(options: Options, known: Known) -> str:
    present = known.variables.get(MODE, "")
    default = present if present in set(Mode) else usual(private=known.private)
    if options.mode or options.yes:
        return options.mode or str(default)
    click.echo("How is the monitor to run?")
    for mode in Mode:
        click.echo(f"  {mode:7} {price(mode, private=known.private)}")
    return str(click.prompt("Mode", type=click.Choice([str(mode) for mode in Mode]), default=str(default)))


def _agent(options: Options, known: Known) -> str:
    names = ["template", *built_in()]
    if options.agent and options.agent not in names:
        raise UsageError(f"--agent {options.agent!r}: expected one of {', '.join(names)}")
    if options.agent or options.yes or known.configured:
        return options.agent or "template"
    click.echo("Who does the work? `template` needs no key and scaffolds; agents also write programs.")
    return str(click.prompt("Agent", type=click.Choice(names), default="template"))


def _projects(options: Options, known: Known) -> str:
    default = "token" if GENESIS in known.secrets else "app" if APP_ID in known.variables else "branch"
    if options.app_id and not options.projects:
        default = "app"
    if options.projects or options.yes or options.app_id:
        return options.projects or default
    click.echo("Where do projects go? `branch`: onto branches of this repository; `token` or `app`: into")
    click.echo(
        "repositories of their own, by a personal token or a GitHub App (`init --app FILE.html` helps)."
    )
    return str(click.prompt("Projects", type=click.Choice(PLACES), default=default))


def _app_id(options: Options, known: Known) -> str:
    number = options.app_id or known.variables.get(APP_ID, "")
    if not number and not options.yes:
        number = str(click.prompt("The App's number (App ID)"))
    if not number.isdigit():
        raise UsageError(f"--app-id {number!r}: expected the number of a GitHub App, as its page shows it")
    return number


def _given(options: Options, environ: Mapping[str, str]) -> dict[str, str]:
    missing = [name for name in options.secrets if not environ.get(name)]
    if missing:
        raise UsageError(
            f"--secret {missing[0]}: set the environment variable {missing[0]} to its value, so that it "
            "stands in no command line"
        )
    return {name: environ[name] for name in options.secrets}


def _hidden(name: str) -> str:
    told = f"{name} (empty: you set it yourself later)"
    return str(click.prompt(told, hide_input=True, default="", show_default=False)).strip()
