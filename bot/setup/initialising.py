"""``orchestrator init``: look, choose, show, and only then write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from bot import __version__
from bot.adapters.actions import ActionsContext
from bot.adapters.github.admin import GitHubAdmin
from bot.domain.config import Config
from bot.domain.errors import Forbidden, NotFound, UsageError
from bot.domain.watch import Mode
from bot.render import setting_up
from bot.render.labels import definitions
from bot.setup import reading, writing
from bot.setup.action import COMMIT, Action, chosen, resolved
from bot.setup.choosing import Known, Options, choose, extras, needed
from bot.setup.plan import BRANCH, CONFIG, FILES, MODE, FilePlan, Wishes, to_write, wanted
from bot.setup.prices import price
from bot.setup.reading import About, Proposal
from bot.setup.rights import check

Beginning = Callable[[ActionsContext, Mapping[str, str]], None]
"""Makes the state branch and the labels, as a first tick would."""


@dataclass(frozen=True, slots=True)
class Found:
    """The repository as it is."""

    about: About
    head: str
    """The default branch's commit; empty in a repository without any."""
    proposal: Proposal | None
    there: Mapping[str, str | None]
    """The files, where the pull request is open as it has them."""
    labels: frozenset[str]
    state: str
    variables: reading.Names
    secrets: reading.Names


def look(admin: GitHubAdmin, about: About, state_branch: str) -> Found:
    """Everything that is there already (some 15 requests)."""
    head, proposal = reading.head(admin, about.default_branch), reading.proposal(admin, BRANCH)
    return Found(
        about,
        head,
        proposal,
        reading.texts(admin, FILES, proposal.head if proposal else head),
        reading.labels(admin),
        reading.head(admin, state_branch),
        reading.variables(admin),
        reading.secrets(admin),
    )


@dataclass(frozen=True, slots=True)
class Init:
    """One call of ``init``."""

    context: ActionsContext
    environ: Mapping[str, str]
    begin: Beginning
    dry_run: bool = False

    def run(self, options: Options, given_action: str) -> None:
        """Set the repository up, or show what would be done. Raises OrchestratorErrors."""
        admin = GitHubAdmin(self.context.repository, self.context.token, self.context.api_url)
        about = reading.about(admin)
        check(about)
        action = resolved(*chosen(given_action), admin)
        found = look(admin, about, self.environ.get("ORCHESTRATOR_STATE_BRANCH") or "state")
        configured = found.there[CONFIG] is not None
        known = Known(about.private, found.variables.values, found.secrets.values, configured)
        wishes = choose(options, known, action, self.environ)
        plan = to_write(wanted(wishes), found.there, action)
        self._show(found, wishes, plan)
        if self.dry_run:
            click.echo("Nothing was written: this was --dry-run.")
            return
        if not options.yes:
            click.confirm("Do this?", default=True, abort=True)
        proposal = self._propose(admin, found, plan)
        self.begin(self.context, self.environ)
        left = _settings(admin, wishes)
        there = {**known.secrets, **wishes.secrets}
        missing = needed(wishes.agent, wishes.projects, there)
        left += [setting_up.secret_command(name, about.full_name) for name in missing]
        if wishes.projects == "branch" and not reading.may_open_pulls(admin):
            left.append(setting_up.pulls_command(about.full_name))
        _farewell(proposal, left)

    def _show(self, found: Found, wishes: Wishes, plan: FilePlan) -> None:
        about = found.about
        missing = {k: v for k, v in definitions(Config()).items() if k not in found.labels}
        visible = "private" if about.private else "public"
        click.echo(f"{about.full_name} ({visible}, default branch {about.default_branch}):")
        if not found.head:
            click.echo("- first commit: README.md, because the repository is empty")
        if plan.changes:
            how = "changed in" if found.proposal else "in a pull request from"
            click.echo(f"- {len(plan.changes)} files, {how} {BRANCH}:")
            for path, text in plan.changes.items():
                click.echo(setting_up.shown_file(path, text) if self.dry_run else f"    {path}")
        for note in plan.notes:
            click.echo(f"- {note}")
        if not found.state:
            click.echo("- the state branch, from its template")
        if missing:
            click.echo(f"- {len(missing)} labels" + (":" if self.dry_run else ""))
            if self.dry_run:
                click.echo("\n".join(setting_up.labels(missing)))
        for name, value in wishes.variables.items():
            meaning = f": {price(Mode(value), private=about.private)}" if name == MODE else ""
            click.echo(f"- the variable {name} is set to {value}{meaning}")
        for name in wishes.secrets:
            click.echo(f"- the secret {name} is set")
        click.echo(f"- the workflows use {wishes.action.uses()}")

    def _propose(self, admin: GitHubAdmin, found: Found, plan: FilePlan) -> Proposal | None:
        if not plan.changes:
            return found.proposal
        base = found.about.default_branch
        head = found.head or writing.first_commit(admin, base, "README.md", f"# {admin.name}\n")
        parent = found.proposal.head if found.proposal else head
        writing.push(admin, BRANCH, parent, plan.changes, setting_up.TITLE, found.proposal)
        paths = [path for path in FILES if found.there[path] is not None or path in plan.changes]
        body = setting_up.proposal(paths, plan.notes, __version__)
        return writing.propose(admin, BRANCH, base, setting_up.TITLE, body, found.proposal)


def _settings(admin: GitHubAdmin, wishes: Wishes) -> list[str]:
    """Set variables and secrets; what the token may not set is left to a person, with the command."""
    left = []
    for name, value in wishes.variables.items():
        try:
            writing.set_variable(admin, name, value)
        except (Forbidden, NotFound):
            left.append(setting_up.variable_command(name, value, admin.repository))
    for name, value in wishes.secrets.items():
        try:
            writing.set_secret(admin, name, value)
        except (Forbidden, NotFound):
            left.append(setting_up.secret_command(name, admin.repository))
    return left


def _farewell(proposal: Proposal | None, left: list[str]) -> None:
    if left:
        click.echo("Still to be done by you:")
        for command in dict.fromkeys(left):
            click.echo(f"  {command}")
    if proposal is None:
        click.echo("Everything is in place. `orchestrator doctor` looks whether it works.")
    else:
        click.echo(f"Merge {proposal.url}, then comment /help on any issue.")


def local(folder: Path, options: Options, given_action: str, *, dry_run: bool) -> None:
    """Write the files into a clone, and nothing else; makes no request. Raises UsageError."""
    repository, version = chosen(given_action)
    if not COMMIT.match(version):
        raise UsageError(
            f"--action {repository}@{version}: with --local give the commit (40 hexadecimal digits); no "
            "request is made that could look it up"
        )
    action = Action(repository, version)
    there = {path: _read(folder / path) for path in FILES}
    wishes = Wishes(action, options.agent or "template", extras=extras(options))
    plan = to_write(wanted(wishes), there, action)
    for path, text in plan.changes.items():
        click.echo(setting_up.shown_file(path, text) if dry_run else f"wrote {path}")
        if text is not None and not dry_run:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
    for note in plan.notes:
        click.echo(note)
    if not dry_run:
        click.echo("Commit them to the default branch. The first command or tick makes the rest.")


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None
