"""What a worker is handed: one task as a file, with everything an executor may know about it."""

from __future__ import annotations

from pydantic import Field, JsonValue

from bot.domain.base import Document
from bot.domain.outputs import Priority, Size


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
    idea_author: str
    stack: str = Field(description="what the program is built on; empty leaves the choice open")
    region: str
    priority: Priority
    attempt: int
    time_limit: int = Field(description="seconds")
    outputs: dict[str, JsonValue]
    executor: str
