"""Getting a project to where it answers, and asking it whether it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from bot.app.publishing.change import Subject
from bot.app.publishing.made import Made, refused
from bot.domain.deploying import DeploymentRule, HealthCheck
from bot.domain.errors import Forbidden, Rejected
from bot.domain.outputs import Deployment
from bot.ports.facts import RunFacts
from bot.ports.outside import Health
from bot.ports.projects import ProjectForge, Publisher

BRANCH = "gh-pages"
EVIDENCE = "deployment.json"
"""A file of the site that names the commit: it tells this deployment from an older one."""
_WORKFLOW_SECONDS = 900.0
_EVERY = 5.0
"""Seconds for a deployment's workflow, and between two looks at its run."""


def swapped(subject: Subject, deployment: Deployment) -> str:
    """Why a deployment is not one of the configured kind; empty where it is.

    What answers already is not asked again here, so a worker may not say that of what is still to be made,
    nor name another address than the configured one.
    """
    rule = subject.state.config.deployment.rule(_stack(subject))
    url = rule.url.replace("{project}", subject.project.id)
    expected = {"pages": "pages", "workflow": "workflow"}.get(rule.kind, "address")
    if deployment.kind != expected:
        return f"the deployment is said to be of kind {deployment.kind}, and is to be {expected}"
    if rule.kind == "command" and deployment.url != url:
        return f"the deployment is said to answer at {deployment.url[:200]}, and is to answer at {url}"
    return ""


def publish_deployment(
    publisher: Publisher,
    subject: Subject,
    site: Path | None,
    health: Health,
    wait: Callable[[float], None],
    made: Made,
) -> Made:
    """Deploy what is still to be deployed; the address has to answer before it counts."""
    progress = subject.state.development.get(subject.project.id)
    deployment = progress.deployment if progress else None
    if deployment is None:
        return made
    rule = subject.state.config.deployment.rule(_stack(subject))
    outcome: Deployment | Made
    match deployment.kind:
        case "pages":
            outcome = _pages(publisher, subject, site, deployment, rule, health)
        case "workflow":
            outcome = _workflow(publisher, subject, deployment, rule, health, wait)
        case "address":
            return made  # it was asked already, where it was deployed
    return (
        outcome if isinstance(outcome, Made) else Made(pull=made.pull, commit=made.commit, deployment=outcome)
    )


def _stack(subject: Subject) -> str:
    genesis = subject.state.genesis.get(subject.project.id)
    return genesis.stack if genesis else ""


def _pages(
    publisher: Publisher,
    subject: Subject,
    site: Path | None,
    deployment: Deployment,
    rule: DeploymentRule,
    health: Health,
) -> Deployment | Made:
    if site is None:
        return refused("the site was not handed over: the result holds no site.bundle")
    folder = subject.project.id if subject.project.branch else ""
    publisher.site(site, subject.clone_url, BRANCH, subject.state.config.pull_requests, folder)
    url = _address(publisher.forge(subject.project.repository), subject, folder)
    if isinstance(url, Made):
        return url
    evidence = HealthCheck(path=EVIDENCE, contains=deployment.commit, seconds=rule.health.seconds)
    return _asked(deployment.model_copy(update={"url": url}), (evidence, rule.health), health)


def _address(forge: ProjectForge, subject: Subject, folder: str) -> str | Made:
    """Where the site answers. In a shared repository nobody but an administrator can switch it on."""
    if not folder:
        try:
            return forge.site_address(BRANCH)
        except Rejected as error:  # a person has to decide, so nothing is gained by trying again
            return refused(f"the site was not made: {error}", rework=False, retry=False)
    try:
        url = forge.site_address(BRANCH)
        forge.build_site()
    except (Forbidden, Rejected) as error:
        return refused(
            f"the site is in the folder {folder} of the branch {BRANCH}, and is not served: {error}. An "
            f"administrator of {subject.project.repository} can choose that branch in its settings, "
            "under Pages. Or deploy in another way (`deployment.kind`), or have projects made in "
            "repositories of their own (`ORCHESTRATOR_GENESIS_TOKEN`)",
            rework=False,
            retry=False,
        )
    return f"{url.rstrip('/')}/{folder}/"


def _workflow(
    publisher: Publisher,
    subject: Subject,
    deployment: Deployment,
    rule: DeploymentRule,
    health: Health,
    wait: Callable[[float], None],
) -> Deployment | Made:
    forge = publisher.forge(subject.project.repository)
    inputs = {"project": subject.project.id} if subject.project.branch else {}
    run = _finished(forge, rule.workflow, inputs, wait)
    if run is None:
        return refused(
            f"the workflow {rule.workflow} was started, and its run had not ended after "
            f"{_WORKFLOW_SECONDS / 60:.0f} minutes",
            rework=False,
        )
    if run.conclusion != "success":
        return refused(f"the workflow {rule.workflow} ended with {run.conclusion}: {run.url}", run.url)
    url = rule.url.replace("{project}", subject.project.id)
    return _asked(deployment.model_copy(update={"url": url}), (rule.health,), health)


def _finished(
    forge: ProjectForge, workflow: str, inputs: Mapping[str, str], wait: Callable[[float], None]
) -> RunFacts | None:
    """Start a workflow and wait for its run; None where it does not end in time."""
    run_id = forge.dispatch(workflow, inputs)
    if run_id is None:
        return None
    looks = Retrying(
        stop=stop_after_delay(_WORKFLOW_SECONDS),
        wait=wait_fixed(_EVERY),
        sleep=wait,
        retry=retry_if_result(lambda run: run.status != "completed"),
    )
    try:
        found: RunFacts = looks(forge.run, run_id)
    except RetryError:
        return None
    return found


def _asked(deployment: Deployment, checks: tuple[HealthCheck, ...], health: Health) -> Deployment | Made:
    says = ""
    for check in checks:
        seen = health(deployment.url, check)
        if not seen.ok:
            return refused(f"{deployment.url} does not answer as it should: {seen.says}", seen.says)
        says = seen.says
    return deployment.model_copy(update={"health": says})
