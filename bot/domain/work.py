"""What a worker is handed: one task as a file, with everything an executor may know about it."""

from __future__ import annotations

from pydantic import Field, JsonValue

from bot.domain.base import Document, Frozen
from bot.domain.deploying import DeploymentRule
from bot.domain.outputs import Priority, Size


class EarlierFailure(Frozen):
    """What the attempt before left as its reason: partly printed by foreign code, so untrusted."""

    attempt: int
    summary: str
    command: str = ""
    exit_code: int | None = None
    output: str = ""
    rework: bool = Field(default=False, description="a quality gate sent the work back")


class WorkOrder(Document):
    """The assignment file that ``Executor.run`` and ``Executor.check`` read."""

    assignment: str = Field(description="{task-id}@{lease}")
    task: str
    workflow: str
    specialty: str
    size: Size
    project: str = Field(description="project id, for example todo-app-7")
    title: str
    idea: str = Field(description="untrusted Markdown of a person, up to 65,536 characters")
    idea_author: str = Field(description="who wrote the idea")
    idea_role: str = Field(default="", description="that person's role here; empty: not recorded")
    stack: str = Field(description="what the program is built on; empty leaves the choice open")
    region: str
    priority: Priority
    attempt: int
    time_limit: int = Field(description="seconds")
    outputs: dict[str, JsonValue]
    executor: str
    item: str = Field(
        default="", description="what the task is about: a planned issue's key, a kind of content"
    )
    settings: dict[str, JsonValue] = Field(
        default={}, description="what the configuration says of this executor (`executors.<name>`)"
    )
    failure: EarlierFailure | None = Field(default=None, description="why the attempt before failed")
    session: str = Field(
        default="", description="the agent's session that this attempt goes on with; empty: a new one"
    )
    branch: str = Field(default="", description="the branch that the task's changes are for")
    default_branch: str = Field(default="main", description="the branch that they are to be merged into")
    pieces: tuple[str, ...] = Field(
        default=(), description="the kinds of piece that a task of Content owes; empty: whatever it likes"
    )
    deployment: DeploymentRule = Field(
        default=DeploymentRule(), description="how this project is deployed; for its deployment task"
    )

    @property
    def deployed_by_rule(self) -> bool:
        """Whether it is a deployment that needs no agent: the bot does it by the configuration."""
        task = (self.workflow, self.specialty)
        return task == ("development", "deployment") and self.deployment.kind != "agent"
