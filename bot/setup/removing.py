"""``orchestrator uninstall``: the files by a pull request; labels, state and settings only when confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

import click

from bot.adapters.actions import ActionsContext
from bot.adapters.git.shelf import shelf_of
from bot.adapters.github.admin import GitHubAdmin
from bot.domain.config import Config
from bot.domain.errors import ForgeError, NotFound, UsageError
from bot.render import setting_up
from bot.render.labels import definitions
from bot.render.text import plural
from bot.setup import reading, writing
from bot.setup.plan import APP_ID, BRANCH, FILES, MODE, REMOVAL, to_remove
from bot.setup.reading import About
from bot.setup.rights import check
from bot.setup.workflow_files import PATHS

_REFS = "orchestrator/"
"""Below this the bot keeps refs of its own: the inbox, agents' sessions."""
_VARIABLES = (MODE, APP_ID)


@dataclass(frozen=True, slots=True)
class Removal:
    """One call of ``uninstall``."""

    context: ActionsContext
    environ: Mapping[str, str]
    dry_run: bool = False

    def run(self, *, yes: bool, state: bool, secrets: tuple[str, ...], confirmed: str) -> None:
        """Take away what was asked for, and say what is left. Raises OrchestratorErrors."""
        admin = GitHubAdmin(self.context.repository, self.context.token, self.context.api_url)
        about = reading.about(admin)
        check(about)
        if state:
            self._files_are_gone(admin, about)
            if not self.dry_run:
                _confirm(about, confirmed)
            self._stand_still(admin)
        proposal = self._files(admin, about, yes=yes or state)
        if state:
            self._everything(admin)
        for name in secrets:
            self._do(f"deleted the secret {name}", admin, "actions.delete_repo_secret", secret_name=name)
        self._left(admin, about, proposal, state=state)

    def _files_are_gone(self, admin: GitHubAdmin, about: About) -> None:
        """No workflow may be left that would make the state branch anew. Raises UsageError."""
        head = reading.head(admin, about.default_branch)
        plan = to_remove(reading.texts(admin, PATHS, head))
        if plan.changes:
            raise UsageError(
                f"{', '.join(plan.changes)} are still on {about.default_branch}: what runs from them would "
                f"make the state anew. First `orchestrator uninstall {about.full_name}`, merge its pull "
                "request, then this"
            )

    def _stand_still(self, admin: GitHubAdmin) -> None:
        """No run may be under way that would make the state branch anew. Raises UsageError."""
        running = [run for run in reading.runs_under_way(admin) if run["path"] in PATHS]
        for run in running:
            self._do(f"cancelled the run {run['id']}", admin, "actions.cancel_workflow_run", run_id=run["id"])
        if running and not self.dry_run:
            are = "is" if len(running) == 1 else "are"
            raise UsageError(f"{plural(len(running), 'run')} {are} ending; do this again in a minute")

    def _files(self, admin: GitHubAdmin, about: About, *, yes: bool) -> str:
        """Close what is open, propose the files' removal; its address."""
        open_one = reading.proposal(admin, BRANCH)
        head = reading.head(admin, about.default_branch)
        plan = to_remove(reading.texts(admin, FILES, head))
        for path in plan.changes:
            click.echo(f"- {path} goes, in a pull request from {REMOVAL}")
        for note in plan.notes:
            click.echo(f"- {note}")
        nothing = not (plan.changes or open_one or reading.head(admin, BRANCH))
        if nothing:
            click.echo(f"no file of orchestrator's is on {about.default_branch}")
        if self.dry_run:
            return ""
        if not (yes or nothing):
            click.confirm("Do this?", default=True, abort=True)
        if open_one is not None:
            writing.close(admin, open_one.number)
            click.echo(f"closed {open_one.url}")
        if reading.head(admin, BRANCH):
            writing.delete_ref(admin, f"heads/{BRANCH}")
        if not plan.changes:
            return ""
        writing.push(admin, REMOVAL, head, plan.changes, setting_up.REMOVE, None)
        body = setting_up.removal(list(plan.changes), plan.notes)
        known = reading.proposal(admin, REMOVAL)
        return writing.propose(admin, REMOVAL, about.default_branch, setting_up.REMOVE, body, known).url

    def _everything(self, admin: GitHubAdmin) -> None:
        """Labels, the bot's refs, the state branch and the variables."""
        for name in sorted(reading.labels(admin) & set(definitions(Config()))):
            self._do(f"deleted the label {name}", admin, "issues.delete_label", name=quote(name, safe=""))
        state = self.environ.get("ORCHESTRATOR_STATE_BRANCH") or "state"
        for branch in (state, shelf_of(state)):
            if reading.head(admin, branch):
                self._do(f"deleted the branch {branch}", admin, "git.delete_ref", ref=f"heads/{branch}")
        for ref in admin.ask("list the bot's refs", "git.list_matching_refs", ref=_REFS).json:
            name = ref["ref"].removeprefix("refs/")
            self._do(f"deleted {name}", admin, "git.delete_ref", ref=name)
        for name in _VARIABLES:
            if name in reading.variables(admin).values:
                self._do(f"deleted the variable {name}", admin, "actions.delete_repo_variable", name=name)

    def _do(self, did: str, admin: GitHubAdmin, operation: str, **given: object) -> None:
        if self.dry_run:
            click.echo(f"would have {did}")
            return
        try:
            admin.ask(did, operation, **given)
        except NotFound:
            return
        except ForgeError as error:
            click.echo(f"not {did}: {error}")
            return
        click.echo(did)

    def _left(self, admin: GitHubAdmin, about: About, proposal: str, *, state: bool) -> None:
        """What this does not take away, so that nobody thinks that it is gone."""
        secrets = reading.secrets(admin).values
        kept = [name for name in sorted(secrets) if name.startswith("ORCHESTRATOR_")]
        click.echo("What is left:")
        if proposal:
            click.echo(f"- the files, until you merge {proposal}; then delete its branch")
        if not state:
            click.echo("- the state branch, labels and variables: uninstall again with --state")
        else:
            click.echo("- projects' repositories and branches; issues, the pinned one too, and comments")
        for name in kept:
            click.echo(f"- the secret {name}: gh secret delete {name} --repo {about.full_name}")
        click.echo("- agents' keys, tokens and the GitHub App: revoke them where you made them")


def _confirm(about: About, confirmed: str) -> None:
    name = about.full_name
    typed = confirmed or str(
        click.prompt(f"The state of every project is deleted for good. Type {name} to do so", default="")
    )
    if typed != name:
        raise UsageError(f"that is not {name}; nothing was done")
