"""Who does an order's task, with which keys and from which lock."""

from __future__ import annotations

import os
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.domain.errors import UsageError
from bot.ports.executor import Executor

if TYPE_CHECKING:
    from bot.domain.work import WorkOrder


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
    for name in (*key_names(), *(profile.keys if profile else ()), *order.deployment.keys):
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


def agents_keys(environ: Mapping[str, str]) -> dict[str, str]:
    """The keys of the agents that come with the program, as far as they are set."""
    return {key: environ[key] for key in key_names() if environ.get(key)}


def key_names() -> list[str]:
    """The variables that hold the keys of the agents that come with the program."""
    from bot.executors.catalogue import built_in, find

    return [key for name in built_in() if (profile := find(name)) for key in profile.keys]
