"""The configuration of deployments: how a finished project gets to where it answers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from bot.domain.base import Frozen
from bot.domain.profiles import not_reserved

Variable = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,99}$"), AfterValidator(not_reserved)]
"""The name of an environment variable."""
Kind = Literal["pages", "command", "workflow", "agent"]


class HealthCheck(Frozen):
    """What has to answer before a deployment counts."""

    path: str = Field(
        default="", max_length=500, pattern=r"^[^\s]*$", description="added to the deployment's address"
    )
    status: int = Field(default=200, ge=100, le=599, description="the answer's HTTP status")
    contains: str = Field(default="", max_length=500, description="text that the answer has to hold")
    seconds: int = Field(default=180, ge=1, le=1_800, description="how long it is asked until it is right")


class DeploymentRule(Frozen):
    """How projects are deployed."""

    kind: Kind = Field(
        default="pages",
        description="pages: the built site to GitHub Pages; command: `command` is run; workflow: `workflow` "
        "of the repository is dispatched; agent: the pool's executor does it and names the address",
    )
    folder: str = Field(
        default="",
        max_length=200,
        pattern=r"^([A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*)?$",
        description="pages: the site's folder after a build; left out: the first usual one",
    )
    command: str = Field(
        default="", max_length=2_000, description="command: run at the project's root, no shell"
    )
    keys: tuple[Variable, ...] = Field(
        default=(), max_length=20, description="command: environment variables that it is given"
    )
    workflow: str = Field(
        default="", pattern=r"^([\w.-]+\.ya?ml)?$", description="workflow: its file in `.github/workflows`"
    )
    url: str = Field(
        default="",
        max_length=2_000,
        pattern=r"^(https?://\S+)?$",
        description="command and workflow: where the application answers then; `{project}` stands for its id",
    )
    health: HealthCheck = HealthCheck()

    @model_validator(mode="after")
    def _complete(self) -> DeploymentRule:
        if self.kind == "command" and not (self.command and self.url):
            raise ValueError("kind command needs `command` and `url`")
        if self.kind == "workflow" and not (self.workflow and self.url):
            raise ValueError("kind workflow needs `workflow` and `url`")
        return self


class Deploying(DeploymentRule):
    """The rule for every project, and others by what a project is built on."""

    stacks: dict[str, DeploymentRule] = Field(
        default={}, description="other rules by the stack that Genesis names: {service: {kind: command, …}}"
    )

    def rule(self, stack: str) -> DeploymentRule:
        """The rule for a project of that stack."""
        known = {name.casefold(): rule for name, rule in self.stacks.items()}
        own = self.model_dump(exclude={"stacks"})
        return known.get(stack.casefold()) or DeploymentRule.model_validate(own)
