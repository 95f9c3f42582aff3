"""Deploys projects by the configuration, without an agent: a site for Pages, a command, a workflow.

It publishes nothing itself: a site is handed on as a branch, a workflow is dispatched by whoever reports.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import assert_never

from bot.domain.deploying import HealthCheck
from bot.domain.failures import FailureKind
from bot.domain.outputs import Deployment
from bot.domain.work import WorkOrder
from bot.executors import handing, sites
from bot.executors.area import Area, Refused, open_area
from bot.executors.attempting import Attempt, attempt, read_order
from bot.executors.checking import read_output
from bot.executors.measuring import gate_failed
from bot.executors.repository import Repository
from bot.executors.transcript import Mask
from bot.executors.untrusted import one_line
from bot.executors.verification import CHECK_FILE
from bot.executors.workspace import CommandFailed, Ran
from bot.ports.executor import Finished
from bot.ports.outside import Health

_HERE = 10
"""Seconds that a site has to answer on this machine."""


class Deployer:
    """Does every deployment task that the configuration leaves to no agent."""

    name = "deployer"

    def __init__(self, health: Health, environ: Mapping[str, str], most: int = sites.MOST_BYTES) -> None:
        """``environ`` is where a command's keys are found; ``most`` bytes may a site have."""
        self._health = health
        self._environ = environ
        self._most = most

    def run(self, assignment: Path, result: Path) -> Finished:
        """Deploy, or make ready for it."""
        return attempt("Deployment", assignment, result, self._deploy, self._secrets)

    def check(self, assignment: Path, result: Path) -> Finished:
        """Build again and compare, or ask again."""
        try:
            order = read_order(assignment)
            with open_area() as area:
                problems = list(self._problems(order, assignment.parent, result, area))
            handing.write_report(result / CHECK_FILE, problems)
        except (Refused, CommandFailed, OSError) as error:
            return Finished(False, one_line(f"The deployment does not hold: {error}.", 500))
        if problems:
            return Finished(False, one_line(f"The deployment does not hold: {problems[0]}.", 500), CHECK_FILE)
        return Finished(True, "The deployment holds.", CHECK_FILE)

    def _secrets(self, order: WorkOrder) -> list[str]:
        return [self._environ[name] for name in order.deployment.keys if self._environ.get(name)]

    def _deploy(self, current: Attempt) -> tuple[str, str]:
        order, rule = current.order, current.order.deployment
        repository = Repository(current.area, current.log)
        repository.clone(order, current.handed, order.default_branch)
        match rule.kind:
            case "pages":
                return self._site(current, repository)
            case "command":
                return self._commanded(current, repository)
            case "workflow":
                deployed = Deployment(kind="workflow", url=_address(order), commit=repository.base)
                return f"{rule.workflow} is to be run for {repository.base[:12]}", _hand(deployed, current)
            case "agent":
                raise Refused("a deployment of kind agent is done by the pool's executor", retry=False)
            case never:
                assert_never(never)

    def _site(self, current: Attempt, repository: Repository) -> tuple[str, str]:
        site = self._built(current.order, repository, current.area, current.result)
        sites.bundle(site, current.result)
        deployed = Deployment(kind="pages", commit=repository.base)
        return f"a site of {site.files} files from {repository.base[:12]} is ready", _hand(deployed, current)

    def _built(
        self, order: WorkOrder, repository: Repository, area: Area, result: Path, commit: str = ""
    ) -> sites.Site:
        """The project's site, built on a clean clone."""
        commit = commit or repository.base
        clone = repository.clean(commit, order.time_limit)
        if words := _words(handing.known_commands(order).build):
            ran = clone.attempt(words)
            if ran.exit_code:
                raise _failed(ran, result)
        folder = sites.find(clone.root, order.deployment.folder, _stack(order))
        return sites.take(folder, order.project, commit, repository, area, self._most)

    def _commanded(self, current: Attempt, repository: Repository) -> tuple[str, str]:
        order = current.order
        clone = repository.clean(repository.base, order.time_limit)
        ran = clone.attempt(_words(order.deployment.command), self._keys(order))
        if ran.exit_code:
            raise _failed(replace(ran, output=Mask(self._secrets(order)).text(ran.output)), current.result)
        url = _address(order)
        seen = self._health(url, order.deployment.health)
        clone.note(f"{url} was asked: {seen.says}")
        if not seen.ok:
            raise gate_failed(f"{url} does not answer as it has to after the command: {seen.says}")
        deployed = Deployment(kind="address", url=url, health=seen.says, commit=repository.base)
        return f"{url} answers {seen.says} with {repository.base[:12]}", _hand(deployed, current)

    def _keys(self, order: WorkOrder) -> dict[str, str]:
        """What the command is given. Raises Refused where one of them is missing."""
        missing = [name for name in order.deployment.keys if not self._environ.get(name)]
        if missing:
            raise Refused(
                f"the deployment's command needs {', '.join(missing)}, and no such variable is set here: "
                "set the secret and hand it to the step that runs the work, or correct `deployment.keys`",
                FailureKind.ACCESS,
                retry=False,
            )
        return {name: self._environ[name] for name in order.deployment.keys}

    def _problems(self, order: WorkOrder, handed: Path, result: Path, area: Area) -> Iterator[str]:
        """What is wrong with what was handed on."""
        claimed = read_output(result / handing.DEPLOYMENT, Deployment)
        rule = order.deployment
        expected = {"pages": ("pages", ""), "command": ("address", _address(order))}
        if (claimed.kind, claimed.url) != expected.get(rule.kind, ("workflow", _address(order))):
            yield "the output is not what a deployment of this kind hands on"
            return
        repository = Repository(area, [])
        repository.clone(order, handed, order.default_branch)
        if not repository.contains(claimed.commit):
            commit = one_line(claimed.commit, 64) or "(none)"
            yield f"{order.default_branch} does not hold the commit {commit} that was deployed"
        elif rule.kind == "pages":
            site = self._built(order, repository, area, result, claimed.commit)
            yield from self._site_problems(order, site, result, claimed.commit)
        elif rule.kind == "command" and not (seen := self._health(claimed.url, rule.health)).ok:
            yield f"{claimed.url} does not answer as it has to: {seen.says}"

    def _site_problems(self, order: WorkOrder, site: sites.Site, result: Path, commit: str) -> Iterator[str]:
        """Compare with what was handed on, then look at it as a browser would."""
        if differs := sites.difference(site, result):
            yield differs
            return
        wanted = order.deployment.health.model_copy(update={"seconds": _HERE})
        proof = HealthCheck(path=sites.PROOF, contains=commit, seconds=_HERE)
        with sites.served(site.folder) as url:
            for asked in (wanted, proof):
                if not (seen := self._health(url, asked)).ok:
                    yield f"served here, the site's /{asked.path} does not answer as it has to: {seen.says}"


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError as error:
        shown = one_line(command, 100)
        raise Refused(f"`{shown}` cannot be read as a command: {error}", retry=False) from None


def _address(order: WorkOrder) -> str:
    return order.deployment.url.replace("{project}", order.project)


def _stack(order: WorkOrder) -> str:
    genesis = order.outputs.get("genesis")
    return str(genesis.get("stack") or "") if isinstance(genesis, Mapping) else ""


def _failed(ran: Ran, result: Path) -> Refused:
    """A command that failed is rework, with its output for whoever tries again."""
    problem = f"`{one_line(ran.command, 200)}` {ran.outcome()}"
    handing.write_report(result / CHECK_FILE, [problem], [ran])
    return gate_failed(problem)


def _hand(deployed: Deployment, current: Attempt) -> str:
    path = current.result / handing.DEPLOYMENT
    path.write_text(deployed.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return handing.DEPLOYMENT
