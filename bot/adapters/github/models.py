"""The parts of GitHub's JSON that this program reads, from API answers and event payloads alike.

Tolerant on purpose: GitHub adds fields at any time, deletes accounts (``user: null``) and leaves
bodies empty (``body: null``). What is missing although nothing works without it is an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bot.domain.base import Time
from bot.ports.facts import CommentFacts, IssueFacts, RepositoryFacts, RunFacts

STANDARD_ROLES = ("admin", "maintain", "write", "triage", "read", "none")
"""GitHub's own repository roles, strongest first."""

_GRANTS = {"admin": "admin", "maintain": "maintain", "push": "write", "triage": "triage", "pull": "read"}


def same_case(name: object) -> object:
    """A label's name as GitHub compares it: upper and lower case are the same label, whose definition decides
    how it is spelled. So somebody who renames ``stage:genesis`` to ``Stage:Genesis`` changes nothing.
    """
    return name.lower() if isinstance(name, str) else name


def _label_names(value: object) -> object:
    """Labels come as objects, or (in old answers) as plain names."""
    if not isinstance(value, list):
        return value
    return [same_case(label.get("name") if isinstance(label, Mapping) else label) for label in value]


Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]
"""A text that GitHub sends as ``null`` when it is empty."""


class Tolerant(BaseModel):
    """A value read from GitHub; keys that are not named here are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class User(Tolerant):
    """An account; one that was deleted appears as GitHub shows it, ``ghost``."""

    login: str = "ghost"
    type: str = "User"

    @property
    def is_bot(self) -> bool:
        """Whether this is a GitHub App's or Actions' own account."""
        return self.type == "Bot" or self.login.endswith("[bot]")


Account = Annotated[User, BeforeValidator(lambda value: {} if value is None else value)]
"""A user who may have been deleted."""


class Issue(Tolerant):
    """An issue or a pull request."""

    number: int
    title: Text = ""
    body: Text = ""
    user: Account = User()
    labels: Annotated[frozenset[str], BeforeValidator(_label_names)] = frozenset()
    state: str = "open"
    html_url: str = ""
    node_id: str = ""
    pull_request: dict[str, Any] | None = None

    @property
    def is_pull_request(self) -> bool:
        """Whether the number belongs to a pull request."""
        return self.pull_request is not None

    def facts(self) -> IssueFacts:
        """As the port names it."""
        return IssueFacts(
            number=self.number,
            title=self.title,
            body=self.body,
            author=self.user.login,
            labels=self.labels,
            closed=self.state == "closed",
            url=self.html_url,
            node_id=self.node_id,
            is_pull_request=self.is_pull_request,
        )


class Comment(Tolerant):
    """A comment on an issue or on a pull request's conversation, as an event brings it."""

    id: int
    body: Text = ""
    user: Account = User()
    created_at: Time
    updated_at: Time
    html_url: str = ""


class IssueComment(Comment):
    """A comment as the API tells it, with the address of its issue."""

    issue_url: str = Field(pattern=r"/\d+$")

    def facts(self) -> CommentFacts:
        """As the port names it; the issue's number is the last part of ``issue_url``."""
        return CommentFacts(
            id=self.id,
            issue=int(self.issue_url.rpartition("/")[2]),
            author=self.user.login,
            author_is_bot=self.user.is_bot,
            body=self.body,
            created_at=self.created_at,
            updated_at=self.updated_at,
            url=self.html_url,
        )


class Run(Tolerant):
    """A workflow run."""

    id: int
    name: Text = ""
    display_title: Text = ""
    status: Text = ""
    conclusion: str | None = None
    html_url: str = ""
    created_at: Time

    def facts(self) -> RunFacts:
        """As the port names it: ``display_title`` is the run-name, ``name`` the workflow's."""
        return RunFacts(
            id=self.id,
            name=self.display_title or self.name,
            status=self.status,
            conclusion=self.conclusion,
            url=self.html_url,
            created_at=self.created_at,
        )


class Repository(Tolerant):
    """A repository."""

    full_name: str
    html_url: str
    clone_url: str
    default_branch: str = "main"
    description: Text = ""
    private: bool = True

    def facts(self) -> RepositoryFacts:
        """As the port names it."""
        return RepositoryFacts(
            full_name=self.full_name,
            url=self.html_url,
            clone_url=self.clone_url,
            default_branch=self.default_branch,
            description=self.description,
            private=self.private,
        )


class _Grants(Tolerant):
    permissions: dict[str, bool] = Field(default_factory=dict)


class Permission(Tolerant):
    """What a user may do in a repository."""

    permission: str = "none"
    role_name: Text = ""
    user: Annotated[_Grants, BeforeValidator(lambda value: {} if value is None else value)] = _Grants()

    @property
    def role(self) -> str:
        """One of GitHub's standard roles.

        An organisation's custom role counts as the strongest standard role that it includes. Old
        servers send neither that nor ``role_name``; then the coarser ``permission`` has to do.
        """
        if self.role_name in STANDARD_ROLES:
            return self.role_name
        granted = {role for grant, role in _GRANTS.items() if self.user.permissions.get(grant)}
        return next((role for role in STANDARD_ROLES if role in granted), self.permission)


class Named(Tolerant):
    """A label, of which only the name matters."""

    name: str


class Milestone(Tolerant):
    """A milestone."""

    number: int
    title: str


class _Login(Tolerant):
    login: str


class Viewer(Tolerant):
    """GraphQL's answer to the question whose token this is."""

    viewer: _Login


class Dispatched(Tolerant):
    """The answer to a workflow dispatch that asked for the run's details."""

    workflow_run_id: int | None = None


class File(Tolerant):
    """A file as the contents API tells it."""

    type: str
    size: int = 0
    encoding: Text = ""
    content: Text = ""


class _Author(Tolerant):
    typename: str = Field(default="User", alias="__typename")
    login: str

    @property
    def rest_login(self) -> str:
        """The login as REST spells it: GraphQL leaves out a bot's ``[bot]``."""
        bare = self.typename == "Bot" and not self.login.endswith("[bot]")
        return f"{self.login}[bot]" if bare else self.login


class _Nodes(Tolerant):
    nodes: list[Named] = []


class _PinnedIssue(Tolerant):
    id: str
    number: int
    title: Text = ""
    body: Text = ""
    closed: bool = False
    url: str = ""
    author: _Author | None = None
    labels: _Nodes | None = None


class _Pin(Tolerant):
    issue: _PinnedIssue

    def facts(self) -> IssueFacts:
        """As the port names it, the author spelled as REST does."""
        issue = self.issue
        return IssueFacts(
            number=issue.number,
            title=issue.title,
            body=issue.body,
            author=issue.author.rest_login if issue.author else User().login,
            labels=frozenset(label.name.lower() for label in issue.labels.nodes)
            if issue.labels
            else frozenset(),
            closed=issue.closed,
            url=issue.url,
            node_id=issue.id,
        )


class _Pins(Tolerant):
    nodes: list[_Pin] = []


class _PinBoard(Tolerant):
    pins: _Pins = Field(alias="pinnedIssues")


class Pinned(Tolerant):
    """GraphQL's answer to the question which issues are pinned."""

    repository: _PinBoard

    def facts(self) -> list[IssueFacts]:
        """The pinned issues as the port names them, in their order on GitHub."""
        return [pin.facts() for pin in self.repository.pins.nodes]


ModelT = TypeVar("ModelT", bound=Tolerant)


def first_problem(error: ValidationError) -> str:
    """The first thing that a validation found wrong: ``comment.id: Field required``."""
    problem = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in problem["loc"]) or "the whole"
    return f"{where}: {problem['msg']}"
