"""Secrets stay where they belong, over a whole project from idea to finish and a row of bad moments.

Every secret that the workflows know is planted, and handed to the steps that the workflow files name. Then
everything that is left behind is looked through, and every process was looked at while it ran.
"""

from __future__ import annotations

import base64
import contextlib
import gzip
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from urllib.parse import quote

import pytest

from bot.bootstrap.hub import prepare_hub
from bot.demo import EXAMPLE
from bot.demo.outcome import outcome_of
from bot.demo.person import Person
from bot.demo.story import Story
from bot.demo.telling import show
from bot.hub.exchanges import LISTENERS, Exchange
from bot.hub.runner.runner import HubInfo as RunnerInfo
from bot.hub.runner.runner import Runner
from bot.hub.serve import running
from tests.e2e.repository import Bare
from tests.e2e.stage import REPOSITORY, Done, Stage
from tests.e2e.webhook import PASSWORD, PATH, Webhook, listening
from tests.executors.agents import Agent
from tests.security import leftovers, office
from tests.security.planted import (
    AGENTS_KEYS,
    APP_ID,
    Vault,
    found_in,
    handed,
    private_key,
    step,
    workflow_secrets,
)
from tests.security.watcher import Watcher

PATIENCE = 900.0
"""Seconds for the project: a machine with other work to do takes its time."""
ALERTS = "administrators: [ada]\nalerts: {notify_severity: warning}\n"
AGENTS = "pools: {genesis: {executor: careless}}\nexecutors: {careless: {like: claude-code}}\n"
TELLS_ALL = """
for name, value in os.environ.items():
    sys.stderr.write(f"{name}={value}\\n")
print(json.dumps(dict(os.environ)), flush=True)
(result / "notes.txt").write_text("I could not do it.")
"""
"""The act of an agent that prints its whole environment, keys and all."""


@dataclass
class Fleet:
    """A hub, the bot around it, and what is known of its secrets."""

    stage: Stage
    vault: Vault
    hook: Webhook
    folder: Path
    public_key: str = ""
    """Of the GitHub App."""
    told: io.StringIO = field(default_factory=io.StringIO)
    exchanges: list[Exchange] = field(default_factory=list)
    done: list[tuple[str, Done]] = field(default_factory=list)
    """What was started one by one, and how it ended."""

    def run(self, name: str, *words: str, payload: object = None, **variables: str) -> Done:
        """Start the bot once with everything that a careless person has in the environment."""
        told = {"event": "issue_comment" if payload else "schedule", "payload": payload or {}}
        done = self.stage.start(*words, **told, **{**self.everything(), **variables}).done()
        self.done.append((name, done))
        return done

    def comment(self, text: str, **variables: str) -> Done:
        """Give a command, and settle it."""
        payload = self.stage.comment(self.stage.issue(), text, "ada")
        return self.run(text, "handle", payload=payload, **variables)

    def everything(self) -> dict[str, str]:
        """What a careless person has in the environment."""
        tokens = {"ORCHESTRATOR_GENESIS_TOKEN": self.vault.secrets["ORCHESTRATOR_GENESIS_TOKEN"]}
        keys = {name: self.vault.secrets[name] for name in AGENTS_KEYS}
        return {**tokens, **keys, "ORCHESTRATOR_NOTIFY_URLS": self.hook.url, "TMPDIR": str(self.temp)}

    @property
    def temp(self) -> Path:
        """Where programs put what is only for a moment."""
        return self.folder / "tmp"

    def pieces(self) -> Iterator[leftovers.Piece]:
        """Everything that is left behind."""
        data = Path(self.stage.info.data)
        yield from leftovers.repositories(data / "repositories")
        yield from leftovers.database(self.stage.world)
        yield from leftovers.files("hub", data, but=("hub.sqlite3", "hub.json", "repositories/"))
        for kind in ("runs", "tmp", "made"):
            yield from leftovers.files(kind, self.folder / kind)
        yield from leftovers.exported(self.folder / "made/state.bundle", self.folder / "imported")
        yield "demo output", self.told.getvalue().encode()
        yield "webhook messages", json.dumps(self.hook.told).encode()
        yield from self._requests()

    def _requests(self) -> Iterator[leftovers.Piece]:
        for entry in self.stage.control("GET", "/requests")["requests"]:
            yield "request line", f"{entry['method']} {entry['path']}?{entry['query']}".encode()
        for one in self.exchanges:
            yield f"request {one.method} {one.path}", one.request or b""


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[Fleet]:
    """A hub with every secret planted."""
    with running(folder / "hub", bot_requests_per_hour=1_000_000) as (world, _, info), listening() as hook:
        prepare_hub(info)
        for name in ("tmp", "made", "runs"):
            (folder / name).mkdir()
        stage = Stage(world, info, folder / "runs")
        fleet = Fleet(stage, Vault(), hook, folder)
        _plant(fleet)
        LISTENERS.append(fleet.exchanges.append)
        try:
            yield fleet
        finally:
            LISTENERS.remove(fleet.exchanges.append)
            stage.close()


def _plant(fleet: Fleet) -> None:
    vault, info = fleet.vault, fleet.stage.info
    secret, fleet.public_key = private_key()
    vault.plant("ORCHESTRATOR_APP_PRIVATE_KEY", secret)
    for name in AGENTS_KEYS:
        vault.plant(name)
    vault.plant("ORCHESTRATOR_TOKEN", info.bot_token)
    vault.plant("ORCHESTRATOR_GENESIS_TOKEN", info.app_token)
    vault.plant("the password of an address", PASSWORD)
    vault.plant("the path of an address", PATH)
    vault.plant("a password in a URL")
    for login, account in info.users.items():
        vault.plant(f"the token of {login}", account.token)


def _play(fleet: Fleet) -> None:
    """The demonstration's project, by the demonstration's own people, with the steps' secrets."""
    stage, vault = fleet.stage, fleet.vault
    steps = handed({**vault.secrets, "ORCHESTRATOR_NOTIFY_URLS": fleet.hook.url})
    with office.opened(stage.info.url, fleet.public_key, stage.info.app_token) as app:
        for variables in steps.values():
            if "ORCHESTRATOR_APP_PRIVATE_KEY" in variables:
                variables |= {"GITHUB_API_URL": f"{app.url}/api/v3", "ORCHESTRATOR_GENESIS_TOKEN": ""}
        program = step(fleet.folder / "vault", steps, {"TMPDIR": str(fleet.temp)})
        command = ("sh", str(program))
        runner = Runner(stage.world, RunnerInfo.of(stage.world, REPOSITORY), command=command)
        runner.start()
        try:
            people = (Person.of(stage.info.public(), login) for login in ("ada", "wendy"))
            story = Story(*people, whole=True, patience=PATIENCE)
            with contextlib.redirect_stdout(fleet.told):
                finished = story.play(EXAMPLE)
                outcome = outcome_of(story, stage.info.public(), Path(stage.info.data), 0.0)
                show(story, outcome, fleet.folder)
        finally:
            runner.stop()
    assert finished, fleet.told.getvalue()
    assert outcome.missing(whole=True) == []
    assert app.given > 10, "the App's key was never used"


def _careless_agent(fleet: Fleet) -> None:
    """An agent that prints its keys and fails: what it printed goes to review, and into the thread."""
    stage = fleet.stage
    agent = Agent(fleet.folder / "agent", "careless", {"like": "claude-code"})
    agent.install("is_error", TELLS_ALL)
    stage.configure(AGENTS + ALERTS)
    assert fleet.run("tick", "tick").code == 0
    issue = stage.issue()
    payload = stage.comment(issue, "/dispatch-genesis A tide table")
    assert fleet.run("dispatch", "handle", payload=payload).code == 0
    (project,) = stage.projects_of(issue)
    path = f"{agent.folder / 'bin'}:{stage.path}"
    keys = {name: fleet.vault.secrets[name] for name in AGENTS_KEYS}
    folder = fleet.folder / "runs/careless"
    for phase in ("claim", "run", "check", "report"):
        given = {**keys, "PATH": path} if phase == "run" else {}
        done = stage.work(phase, folder, stage.assignment(project), 4_711, TMPDIR=str(fleet.temp), **given)
        assert done.code == 0, done.log
    assert "ANTHROPIC_API_KEY=***" in (folder / "result/log.txt").read_text("utf-8")
    (call,) = agent.calls
    assert call["environment"]["ANTHROPIC_API_KEY"] == keys["ANTHROPIC_API_KEY"]
    assert not found_in(json.dumps(call["argv"] + [call["prompt"]]).encode(), fleet.vault.needles())
    assert stage.state().projects[project].status == "review"


def _bad_moments(fleet: Fleet) -> None:
    """Whatever can go wrong while somebody holds a secret."""
    stage, url = fleet.stage, fleet.vault.secrets["a password in a URL"]
    server = stage.info.url.removeprefix("http://")
    stage.configure(AGENTS + ALERTS + "wroking: true\n")
    fleet.run("a wrong configuration", "tick")
    stage.forward(70)
    fleet.run("told outside", "tick")
    assert fleet.hook.titles, "nothing was told outside"
    with stage.faults("GET */collaborators/* status=401"):
        assert fleet.comment("/status").code == 2
    with stage.faults("POST */git-receive-pack status=403"):
        assert fleet.comment("/pause all").code == 2
    fleet.hook.answer = 500
    stage.configure(ALERTS)
    stage.forward(11 * 60)
    fleet.run("an address that fails", "tick")
    stage.forward(11 * 60)
    fleet.run("an address that is not there", "tick", ORCHESTRATOR_NOTIFY_URLS=f"json://u:{PASSWORD}@[{PATH}")
    remote = {"ORCHESTRATOR_STATE_REMOTE": f"http://x-access-token:{url}@{server}/{REPOSITORY}.git"}
    assert fleet.comment("/status", **remote).code == 2
    proxy = {"http_proxy": f"http://someone:{url}@127.0.0.1:1", "no_proxy": ""}
    assert fleet.comment("/status", **proxy).code == 75
    assert fleet.comment("/status", GITHUB_TOKEN=f"{url}\n").code == 2
    assert fleet.comment("/status", GITHUB_SERVER_URL=f"http://{url}:{url}@{server}").code == 2
    broken = {"ORCHESTRATOR_APP_ID": APP_ID, "ORCHESTRATOR_APP_PRIVATE_KEY": f"PRIVATE KEY {url}"}
    fleet.run("a damaged key", "tick", ORCHESTRATOR_GENESIS_TOKEN="", **broken)


def _defect(fleet: Fleet) -> None:
    """What nobody foresaw ends in a traceback."""
    environment = {**fleet.stage.environment("schedule"), **fleet.everything()}
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        ended = subprocess.run(
            [sys.executable, "-P", "-m", "bot", "verify"],
            env=environment,
            cwd=fleet.folder / "made",
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=120,
            check=False,
        )
    assert b"Traceback" in ended.stderr
    (fleet.folder / "made/traceback.txt").write_bytes(ended.stderr)


def _looks(fleet: Fleet) -> None:
    """What people take out of the state, and what they are told of it."""
    made = fleet.folder / "made"
    told = fleet.comment("/status\n/incident-report 24h\n/metrics 7d\n/alerts\n/why scaling")
    assert told.code == 0, told.log
    clone, remote = made / "clone", f"http://x:{fleet.vault.secrets['a password in a URL']}@"
    subprocess.run(["git", "init", "--quiet", str(clone)], check=True)
    origin = f"{remote}{fleet.stage.info.url.removeprefix('http://')}/{REPOSITORY}.git"
    (fleet.folder / "origin").write_text(f'[remote "origin"]\n\turl = {origin}\n', "utf-8")
    subprocess.run(
        ["git", "-C", str(clone), "config", "include.path", str(fleet.folder / "origin")], check=True
    )
    for name, words in {
        "status": ("status", "--json"),
        "metrics": ("metrics", "--format", "openmetrics"),
        "export": ("state", "export", str(made / "state.bundle")),
        "dashboard": ("dashboard", "build", "--out", str(made / "site")),
        "doctor": ("doctor",),
        "init": ("init", REPOSITORY, "--dry-run", "--yes"),
    }.items():
        fleet.run(name, *words)


GITS_OWN = frozenset(
    {"ORCHESTRATOR_TOKEN", "ORCHESTRATOR_GENESIS_TOKEN", "the token of ada", "a password in a URL"}
)
"""What git gets in its environment, in place of its arguments: ada pushes the configuration, and a proxy may
have a password."""
AGENTS_OWN = frozenset({"ANTHROPIC_API_KEY", "CLAUDE_CODE_OAUTH_TOKEN"})
MAY_HOLD = {
    "git": GITS_OWN,
    "git-remote-http": GITS_OWN,
    "claude": AGENTS_OWN,
    "keeper": AGENTS_OWN,  # stands between the bot and the agent
    "bot work run": frozenset(AGENTS_KEYS),
    "bot work check": frozenset(),
}
"""Program → the secrets that may stand in its environment. The bot's other steps hold what the workflows
hand to them; whatever is not named here, the code of a project above all, holds none."""


def _held(watcher: Watcher) -> set[tuple[str, str]]:
    """(program, secret) that should not be together."""
    return {
        (one.program, secret)
        for one in watcher.seen.values()
        if one.program in MAY_HOLD or not one.program.startswith("bot ")
        for secret in one.secrets - MAY_HOLD.get(one.program, frozenset())
    }


def test_no_secret_is_left_anywhere_and_no_process_shows_one(tmp_path: Path) -> None:
    with opened(tmp_path) as fleet:
        assert workflow_secrets() <= {*fleet.vault.secrets, "ORCHESTRATOR_NOTIFY_URLS"}
        with Watcher(fleet.vault.needles(), str(tmp_path).encode()) as watcher:
            _play(fleet)
            _careless_agent(fleet)
            _bad_moments(fleet)
            _defect(fleet)
            _looks(fleet)
        shown, sizes = leftovers.leaks(fleet.pieces(), fleet.vault.needles())
    assert shown == []
    assert watcher.shown == []
    assert _held(watcher) == set()
    # Nothing was found; it was looked at, though.
    assert sizes.keys() - {"tmp"} == {"git", "hub", "runs", "made", "export", "demo", "webhook", "request"}
    assert min(sizes[kind] for kind in ("git", "hub", "runs", "made", "export")) > 10_000, sizes
    assert {"git", "git-remote-http", "make", "claude", "bot work run", "bot work check"} <= {
        *watcher.programs
    }, watcher.programs
    assert watcher.looks > 500


# the search by itself: what it would find


@pytest.fixture
def vault() -> Vault:
    vault = Vault()
    vault.plant("token")
    vault.plant("key", private_key()[0])
    return vault


FORMS = {
    "as it is": lambda secret: secret.encode(),
    "in a URL": lambda secret: f"https://x:{quote(secret, safe='')}@example.org/".encode(),
    "as git's header": lambda secret: base64.b64encode(f"x-access-token:{secret}".encode()),
    "as another header": lambda secret: base64.b64encode(f"me:{secret}".encode()),
    "in the middle of base64": lambda secret: base64.b64encode(f"a{secret}bcd".encode()),
    "in JSON": lambda secret: json.dumps({"it": secret}).encode(),
    "a line of it": lambda secret: secret.splitlines()[3 if "\n" in secret else 0].encode(),
}


@pytest.mark.parametrize("name", ["token", "key"])
@pytest.mark.parametrize("form", FORMS)
def test_a_secret_is_found_in_every_form(vault: Vault, name: str, form: str) -> None:
    content = b"something before " + FORMS[form](vault.secrets[name]) + b" and behind"
    assert found_in(content, vault.needles()) == {name}


def test_a_secret_is_found_wherever_it_was_left(vault: Vault, tmp_path: Path) -> None:
    secret = vault.secrets["token"].encode()
    bare = Bare(tmp_path / "acme/lost.git")
    subprocess.run(["git", "init", "--quiet", "--bare", str(bare.path)], check=True)
    bare.git("hash-object", "-w", "--stdin", stdin=b"no branch leads here: " + secret)
    (bare.path / "config").write_bytes(b"# " + secret)
    packed = tmp_path / "site/data.json.gz"
    packed.parent.mkdir()
    packed.write_bytes(gzip.compress(secret))
    (tmp_path / "site" / vault.secrets["token"]).mkdir()
    pieces = chain(leftovers.repositories(tmp_path), leftovers.files("site", packed.parent))
    shown, _ = leftovers.leaks(pieces, vault.needles())
    assert shown == [
        "token in git lost.git",
        "token in git lost.git/config",
        "token in site data.json.gz",
        f"token in site {vault.secrets['token']}",
    ]


def test_a_secret_is_found_in_a_row_of_the_hub(vault: Vault, tmp_path: Path) -> None:
    with running(tmp_path / "hub") as (world, _, info):
        vault.plant("a person's token", info.users["wendy"].token)
        Person.of(info.public(), "wendy").post("issues", {"title": "x", "body": vault.secrets["token"]})
        shown, _ = leftovers.leaks(leftovers.database(world), vault.needles())
    assert shown == ["token in hub issues"]


def test_a_secret_is_found_in_a_process(vault: Vault) -> None:
    secret, watcher = vault.secrets["token"], Watcher(vault.needles())
    waits = ["sh", "-c", "echo; read line; exit", secret]
    with subprocess.Popen(
        waits, env={"PATH": os.environ["PATH"], "IT": secret}, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        watcher.look()
        process.communicate(b"\n", timeout=60)
    assert watcher.shown == ["token in the arguments of sh"]
    assert _held(watcher) == {("sh", "token")}
