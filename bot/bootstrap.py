"""Builds the adapters from the environment; the only place that wires. Reads the environment once."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from bot.adapters.actions import ActionsContext
from bot.adapters.git_store import GitStore, PendingLook
from bot.adapters.no_forge import NoForge
from bot.domain.errors import ConfigInvalid, ForgeError, UsageError
from bot.domain.quota import Meter
from bot.ports.executor import Executor
from bot.ports.forge import Forge
from bot.ports.outside import Notifier
from bot.ports.store import Look

if TYPE_CHECKING:
    from bot.adapters.git_sessions import GitSessions
    from bot.adapters.github import GitHub
    from bot.app.looks import Watcher
    from bot.app.monitor import Monitor, Plan
    from bot.app.process import App, Result
    from bot.app.publishing.publication import Outside
    from bot.app.tick import ConfigFile
    from bot.app.worker.identity import Identity
    from bot.domain.history import History
    from bot.domain.quota import Quota
    from bot.domain.watch import Mode
    from bot.domain.work import WorkOrder
    from bot.hub.setup import HubInfo
    from bot.publishing_ports import Publisher


class LateGitHub:
    """GitHub, whose library is imported by the first use: a run that asks nothing is much quicker."""

    def __init__(self, connect: Callable[[], GitHub]) -> None:
        """``connect`` is called at most once."""
        self._connect = connect
        self._github: GitHub | None = None

    @property
    def requests(self) -> int:
        """API requests made so far."""
        return self._github.requests if self._github else 0

    @property
    def unchanged(self) -> int:
        """Of these, lists that were as before."""
        return self._github.unchanged if self._github else 0

    @property
    def quota(self) -> Quota | None:
        """What GitHub said of the token's requests; None before the first answer."""
        return self._github.quota if self._github else None

    def now(self) -> datetime | None:
        """GitHub's clock; None before the first answer."""
        return self._github.now() if self._github else None

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any other method of the port
        """Whatever asks GitHub something."""
        if self._github is None:
            self._github = self._connect()
        return getattr(self._github, name)


@dataclass(slots=True)
class Session:
    """One run: its context, its store with the first fetch under way, its way to GitHub."""

    context: ActionsContext
    environ: Mapping[str, str] = field(repr=False)
    store: GitStore
    pending: PendingLook | None
    wall: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    remote: str = ""
    """Where the state branch is."""
    publisher: Publisher | None = None
    """The way to the projects' repositories, once somebody has asked for it."""
    pause: Callable[[float], None] | None = None
    """Waits between the ticks of a loop; None: so that a signal can end it."""
    meter: Meter = field(default_factory=Meter)
    """Counts this run's requests by purpose."""

    def first_look(self) -> Look:
        """The look whose fetch began at the start."""
        pending, self.pending = self.pending, None
        return self.store.load() if pending is None else pending.result()

    def app(self, *, connected: bool = False) -> App:
        """The shell's path over this session's adapters.

        ``connected``: GitHub will be asked in any case, so its library is imported while the fetch runs.
        """
        from bot.app.facts import Facts
        from bot.app.process import App, Clocks

        forge = cast("Forge", self._forge(connected=connected))
        clocks = Clocks(wall=self.wall, monotonic=self.monotonic, wait=self.sleep)
        facts = Facts(forge, self.context.repository, lambda name: publisher(self).forge(name), self._history)
        projects = (lambda name: publisher(self).forge(name)) if self.context.token else None
        sessions = self._sessions() if self.context.token else None
        return App(
            self.store,
            forge,
            facts,
            clocks,
            read_template,
            projects=projects,
            sessions=sessions,
            notifier=self._notifier(),
            meter=self.meter,
        )

    def _history(self) -> History | None:
        """The state branch's newest commits, with where their pages are; None where they cannot be read."""
        from bot.domain.errors import OrchestratorError
        from bot.domain.history import MOST_COMMITS, CommitSeen, History

        try:
            found = self.store.history(MOST_COMMITS + 1)
        except OrchestratorError:
            return None
        seen = [
            CommitSeen(version=one.version, at=one.at, subject=one.message.partition("\n")[0][:120])
            for one in reversed(found[:MOST_COMMITS])
        ]
        url = f"{self.remote.removesuffix('.git')}/commit/" if self.remote.startswith("http") else ""
        return History(url=url, commits=tuple(seen), whole=len(found) <= MOST_COMMITS)

    def _notifier(self) -> Notifier | None:
        if not self.environ.get("ORCHESTRATOR_NOTIFY_URLS", "").strip():
            return None
        from bot.adapters.outside import notifier

        return notifier(self.environ)

    def _sessions(self) -> GitSessions:
        from bot.adapters.git_sessions import GitSessions

        return GitSessions(self.remote, self.context.token, self.environ, self.sleep)

    def _forge(self, *, connected: bool) -> GitHub | LateGitHub | NoForge:
        if not self.context.token:
            return NoForge()
        return self._github() if connected else LateGitHub(self._github)

    def start_afresh(self) -> None:
        """Drop what was broken off half done."""
        self.pending = None
        self.store.start_afresh()

    def watcher(self, mode: Mode | None) -> Watcher:
        """Which run of the monitor this is."""
        from bot.app.looks import Watcher

        return Watcher(mode, self.context.in_actions, self.context.workflow_file)

    def _github(self) -> GitHub:
        from bot.adapters.github import GitHub

        context = self.context
        return GitHub(
            context.repository,
            context.token,
            context.api_url,
            default_branch=context.default_branch,
            jitter_seed=f"{context.run_id}-{context.run_attempt}",
            sleep=self.sleep,
            monotonic=self.monotonic,
            meter=self.meter,
        )

    @property
    def observer(self) -> str:
        """What this run is called where it looks at GitHub."""
        return f"{self.context.run_id}-{self.context.run_attempt}-{uuid4().hex[:8]}"

    @property
    def run_url(self) -> str:
        """This run's page."""
        context = self.context
        return f"{context.server_url}/{context.repository}/actions/runs/{context.run_id}"


@contextmanager
def session(environ: Mapping[str, str]) -> Iterator[Session]:
    """Read the environment, start the first fetch, clean up at the end. Raises UsageError."""
    with open_session(ActionsContext.from_environ(environ), environ) as current:
        yield current


@contextmanager
def open_session(context: ActionsContext, environ: Mapping[str, str]) -> Iterator[Session]:
    """The same for a context that is at hand already."""
    remote, branch = state_remote(context, environ)
    nonce = f"{context.run_id}-{context.run_attempt}-{uuid4().hex}"
    with GitStore(remote, branch, nonce=nonce, token=context.token, environment=environ) as store:
        yield Session(context, environ, store, store.start_load(), remote=remote)


def state_remote(context: ActionsContext, environ: Mapping[str, str]) -> tuple[str, str]:
    """(where the state branch is, its name)."""
    remote = environ.get("ORCHESTRATOR_STATE_REMOTE") or f"{context.server_url}/{context.repository}.git"
    return remote, environ.get("ORCHESTRATOR_STATE_BRANCH") or "state"


def settles(context: ActionsContext) -> Callable[[Session, App], Result] | None:
    """What settles the event that started a run; None where the payload alone shows that nothing does."""
    from bot.app.sieve import may_concern_us
    from bot.commands.lines import holds_command

    if context.event_name == "issue_comment" and holds_command(context.created_comment):
        return _handle_comment
    if context.event_name == "issues" and may_concern_us(context.payload):
        return _handle_issue
    return None


def _handle_comment(current: Session, app: App) -> Result:
    from bot.adapters.payloads import read_comment
    from bot.app.handle import handle_comment

    payload = read_comment(current.context.payload)
    if payload is None:
        raise UsageError("the event is no issue_comment as GitHub sends it: it has no comment or no issue")
    look, issue = current.first_look(), payload.issue.facts()
    return handle_comment(app, look, payload.facts(), issue, current.observer)


def _handle_issue(current: Session, app: App) -> Result:
    from bot.adapters.payloads import read_issue
    from bot.app.handle import handle_issue

    woken = read_issue(current.context.payload).facts()
    return handle_issue(app, current.first_look(), woken, current.observer)


def read_template() -> dict[str, bytes]:
    """The tree that a state branch starts as, from the checkout or from the installed package."""
    here = Path(__file__).resolve().parent
    for root in (here / "state-repo-template", here.parent / "state-repo-template"):
        if root.is_dir():
            paths = sorted(path for path in root.rglob("*") if path.is_file())
            return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}
    raise UsageError("state-repo-template is missing beside the package; install orchestrator again")


def read_config(environ: Mapping[str, str], forge: Forge) -> ConfigFile:
    """The configuration file as it stands now: named, of the checkout, or of the default branch."""
    from bot.adapters.config_source import config_text

    return _read(lambda: config_text(environ, forge))


def _read(text: Callable[[], str | None]) -> ConfigFile:
    from bot.adapters.config_file import parse
    from bot.app.tick import ConfigFile
    from bot.domain.config import Config

    try:
        found = text()
        return ConfigFile(Config() if found is None else parse(found))
    except ConfigInvalid as error:
        return ConfigFile(None, str(error))


@contextmanager
def monitor(current: Session, app: App, plan: Plan, mode: Mode | None) -> Iterator[Monitor]:
    """The loop over a session's adapters; in its block SIGTERM and SIGINT end it after the present tick."""
    from bot.adapters.alarms import Ending, time_limit
    from bot.adapters.config_source import ConfigSource
    from bot.adapters.git_head import DefaultBranch
    from bot.app.monitor import Monitor, Surroundings

    context = current.context
    url = f"{context.server_url}/{context.repository}.git"
    with Ending() as ending, DefaultBranch(url, context.token, current.environ) as branch:
        source = ConfigSource(current.environ, app.forge, branch.head, current.monotonic)
        around = Surroundings(
            look=current.first_look,
            config=lambda: _read(source),
            limit=time_limit,
            pause=current.pause or ending.pause,
            ending=lambda: ending.wanted,
            start_afresh=current.start_afresh,
        )
        yield Monitor(app, plan, around, current.observer, current.watcher(mode))


def executor(
    name: str, settings: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None
) -> Executor:
    """The executor of that name, with what the configuration says of it.

    ``environ`` is where an agent's key is found. Raises UsageError for an unknown one.
    """
    if name == "template" and not settings:
        from bot.executors.template import TemplateExecutor

        return TemplateExecutor()
    from bot.adapters.health import ask

    if name == "scripted" and not settings:
        from bot.executors.scripted import ScriptedExecutor

        return ScriptedExecutor(ask)
    from bot.executors.agent import AgentExecutor
    from bot.executors.catalogue import find

    environ = os.environ if environ is None else environ
    if (profile := find(name, settings)) is None:
        raise UsageError(_unknown(name))
    return AgentExecutor(name, profile, environ, ask, _prompts(environ))


def executor_of(order: WorkOrder, environ: Mapping[str, str] | None = None) -> Executor:
    """Who does an order's task: the bot itself what is deployed by a rule, else the pool's executor."""
    environ = os.environ if environ is None else environ
    if order.deployed_by_rule:
        from bot.adapters.health import ask
        from bot.executors.deploying import Deployer

        return Deployer(ask, environ)
    return executor(order.executor, order.settings, environ)


def take_keys(order: WorkOrder, environ: MutableMapping[str, str]) -> dict[str, str]:
    """All of an environment, for whoever does an order; agents' and deployments' keys leave ``environ``.

    Libraries start programs of their own (copier has git run), which inherit whatever stands in there.
    """
    from bot.executors.catalogue import find

    whole = dict(environ)
    profile = find(order.executor, order.settings)
    for name in (*_key_names(), *(profile.keys if profile else ()), *order.deployment.keys):
        environ.pop(name, None)
    return whole


def _unknown(name: str) -> str:
    from bot.adapters.config_file import PATH
    from bot.executors.catalogue import built_in

    known = ", ".join(["template", "scripted", *built_in()])
    return f"there is no executor {name!r}; this version has: {known}. See `pools` and `executors` in {PATH}"


def _prompts(environ: Mapping[str, str]) -> Path | None:
    """The repository's own prompts: named, or in the checkout of a workflow's run."""
    from bot.executors.prompting import OVERRIDES

    if named := environ.get("ORCHESTRATOR_PROMPTS"):
        return Path(named)
    checkout = environ.get("GITHUB_WORKSPACE")
    return Path(checkout) / OVERRIDES if checkout else None


def agent_lock(name: str, settings: Mapping[str, Any] | None = None) -> str:
    """The lock that a hosted runner installs an executor's program from; empty where it needs none."""
    from bot.executors.catalogue import lock_of

    return lock_of(name, settings)


def lock_for(order: WorkOrder) -> str:
    """The lock for whoever does an order's task."""
    return "" if order.deployed_by_rule else agent_lock(order.executor, order.settings)


def folds(order: WorkOrder) -> bool:
    """Whether an order's work is to be checked where it was done."""
    from bot.executors.catalogue import find

    if order.deployed_by_rule:
        return False
    profile = find(order.executor, order.settings)
    return profile is not None and profile.fold


def publisher(current: Session) -> Publisher:
    """Reaches the projects' repositories: with ORCHESTRATOR_GENESIS_TOKEN, as a GitHub App, or as the run."""
    from bot.adapters.publisher import GitPublisher

    if current.publisher is None:
        given = current.environ.get("ORCHESTRATOR_GENESIS_TOKEN") or _app_tokens(current)
        token, api_url = given or current.context.token, current.context.api_url
        current.publisher = GitPublisher(token, api_url, meter=current.meter)
    return current.publisher


def _app_tokens(current: Session) -> Callable[[str], str] | None:
    app_id = current.environ.get("ORCHESTRATOR_APP_ID", "").strip()
    key = current.environ.get("ORCHESTRATOR_APP_PRIVATE_KEY", "").strip()
    if not app_id and not key:
        return None
    from bot.adapters.app_token import AppTokens

    return AppTokens(app_id, key, current.context.api_url, current.monotonic)


def outside(current: Session) -> Outside:
    """The ways to the projects' repositories and deployments.

    A workflow's own token cannot make repositories, and another in its place is not known to.
    """
    from bot.adapters.health import ask
    from bot.app.publishing.publication import Outside

    makes = any(current.environ.get(name) for name in ("ORCHESTRATOR_GENESIS_TOKEN", "ORCHESTRATOR_APP_ID"))
    return Outside(publisher(current), current.context.repository, makes, ask, current.sleep)


def run_worker(
    me: Identity, environ: Mapping[str, str], *, repository: str, folder: Path | None, poll: float
) -> int:
    """Join the fleet as a worker process and work until asked to end; returns the exit code.

    Raises UsageError where something is missing or the fleet refuses it.
    """
    from bot.adapters.by_hand import by_hand, check_genesis_token, workspaces
    from bot.adapters.signals import Signals
    from bot.adapters.worker_machine import WorkerMachine
    from bot.app.worker.loop import Settings, WorkerLoop
    from bot.app.worker.registration import register
    from bot.domain.vocabulary import Workflow

    context = by_hand(environ, repository, needs="write the repository's contents and issues")
    if me.workflow is Workflow.GENESIS:
        check_genesis_token(environ, context)
    home = workspaces(environ, folder, context.repository, me.id)
    with Signals() as signals, open_session(context, environ) as current:
        app, machine = current.app(), WorkerMachine(signals, environ)
        with suppress(ForgeError):  # for GitHub's clock: this machine's may be wrong, and all would follow it
            app.forge.whoami()
        voice, state = register(app, machine, me, current.first_look())
        settings = Settings(home, poll)
        return WorkerLoop(app, machine, outside(current), settings, voice, state).run()


def serve_hub(
    data: Path, port: int, *, json_line: bool, runner: bool, faults: Sequence[str], tick_every: float = 30.0
) -> int:
    """Serve the embedded hub, with a state branch and labels from the start; returns the exit code."""
    from bot.hub.serve import serve

    return serve(
        data,
        port,
        json_line=json_line,
        runner=runner,
        faults=faults,
        on_ready=prepare_hub,
        tick_every=tick_every,
        agent_environment=_agents_keys(os.environ),
    )


def _agents_keys(environ: Mapping[str, str]) -> dict[str, str]:
    """The keys of the agents that come with the program, as far as they are set."""
    return {key: environ[key] for key in _key_names() if environ.get(key)}


def _key_names() -> list[str]:
    from bot.executors.catalogue import built_in, find

    return [key for name in built_in() if (profile := find(name)) for key in profile.keys]


def prepare_hub(hub: HubInfo) -> None:
    """What ``init`` does on GitHub: the state branch and the labels' definitions."""
    from bot.app.initialise import initialise

    context = ActionsContext(
        event_name="local",
        payload={},
        repository=hub.repository,
        api_url=hub.api_url,
        graphql_url=hub.graphql_url,
        server_url=hub.url,
        token=hub.bot_token,
        run_id=1,
        run_attempt=1,
    )
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    with open_session(context, kept) as current:
        current.sleep = lambda seconds: None  # a hub of one's own needs no spacing of writes
        initialise(current.app(), current.first_look())


def begin_repository(context: ActionsContext, environ: Mapping[str, str]) -> None:
    """What the first tick would do: the state branch from its template, the labels' definitions."""
    from bot.app.initialise import initialise

    with open_session(context, environ) as current:
        initialise(current.app(), current.first_look())


@contextmanager
def state_at(context: ActionsContext, environ: Mapping[str, str]) -> Iterator[Look]:
    """The state branch as it is now."""
    with open_session(context, environ) as current:
        yield current.first_look()
