"""Facts of GitHub that a settling run looked up: recorded with the event, so that history replays alone."""

from __future__ import annotations

from pydantic import Field

from bot.domain.base import Frozen


class FileText(Frozen):
    """A file of the repository that a command names."""

    path: str
    text: str | None = Field(description="None: there is no such file")
    problem: str = Field(default="", description="why there is no text, for people")


class RunSeen(Frozen):
    """A worker's run as GitHub shows it."""

    assignment: str = Field(description="what it is named after: {task}@{lease}")
    run_id: int
    status: str = Field(description="GitHub's word: queued, in_progress, completed …")
    conclusion: str = Field(
        default="", description="GitHub's word once it is completed: success, cancelled …"
    )
    url: str = ""


class FoundIssue(Frozen):
    """An open ``dev-ready`` issue of a repository that a command wants to adopt."""

    number: int
    title: str
    body: str = Field(default="", max_length=20_000)
    labels: tuple[str, ...] = ()
    author: str = ""
    author_role: str = Field(
        default="", description="in that repository, looked up where `texts.role` asks for it"
    )


class FoundRepository(Frozen):
    """A repository that a command names."""

    full_name: str = Field(description="owner/name as GitHub spells it; as given where there is a problem")
    url: str = ""
    default_branch: str = "main"
    description: str = ""
    issues: tuple[FoundIssue, ...] = ()
    problem: str = Field(default="", description="why it cannot be used, for people")


class IssueText(Frozen):
    """The issue that a comment stands on, as it was when the command was settled."""

    title: str
    body: str
    author: str
    author_role: str = Field(
        default="", description="looked up where the author is not who asked; empty: not looked up"
    )
    priorities: tuple[str, ...] = Field(default=(), description="its priority labels")
