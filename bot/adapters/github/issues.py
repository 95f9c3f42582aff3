"""Comments, reactions, issues, labels, milestones and pins of one repository."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.adapters.github.calls import RepositoryCalls, graph, parsed, segment
from bot.adapters.github.errors import Call
from bot.adapters.github.models import Issue, IssueComment, Milestone, Named, Pinned
from bot.adapters.github.transport import Refused
from bot.domain.base import stamp
from bot.domain.errors import NotFound
from bot.ports.facts import CommentFacts, IssueFacts

_PINNED = """
query($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) {
    pinnedIssues(first: 3) { nodes { issue {
      id number title body closed url author { __typename login }
      labels(first: 100) { nodes { name } }
    } } }
  }
}
"""
_PIN = "mutation($id: ID!) { pinIssue(input: {issueId: $id}) { issue { id } } }"


class IssueCalls(RepositoryCalls):
    """The part of ``Forge`` that people see: what stands in issues, and how they are marked."""

    # Comments

    def comment(self, issue: int, body: str) -> CommentFacts:
        """Post a comment (1 request)."""
        call = self._change(
            "POST",
            f"/issues/{issue}/comments",
            f"comment on issue #{issue}",
            {"body": body},
            kind="single write",
        )
        return parsed(IssueComment, self.send(call).data, call).facts()

    def edit_comment(self, comment: int, body: str) -> None:
        """Replace a comment's body (1 request)."""
        self.send(
            self._change("PATCH", f"/issues/comments/{comment}", f"edit comment {comment}", {"body": body})
        )

    def read_comment(self, comment: int) -> CommentFacts:
        """One comment (1 request). Raises NotFound where it was deleted."""
        call = self._get(f"/issues/comments/{comment}", f"read comment {comment}")
        return parsed(IssueComment, self.send(call).data, call).facts()

    def react(self, comment: int, content: str) -> None:
        """Add a reaction (``rocket``, ``confused``, ``eyes``) to a comment (1 request)."""
        path = f"/issues/comments/{comment}/reactions"
        self.send(self._change("POST", path, f"react to comment {comment}", {"content": content}))

    def comments_since(self, since: datetime) -> list[CommentFacts]:
        """Every issue and pull request comment updated since then, oldest first (1 request a page)."""
        # By creation, because an edit while the pages are read would move a comment to another page.
        query = {"since": stamp(since), "sort": "created", "direction": "asc"}
        return self._comments(self._get("/issues/comments", "list the comments", query))

    def comments_of(self, issue: int) -> list[CommentFacts]:
        """Every comment of one issue, oldest first (1 request a page)."""
        return self._comments(self._get(f"/issues/{issue}/comments", f"list the comments of issue #{issue}"))

    # Issues, labels, milestones

    def issue(self, number: int) -> IssueFacts:
        """Read an issue (1 request)."""
        call = self._get(f"/issues/{number}", f"read issue #{number}")
        return parsed(Issue, self.send(call).data, call).facts()

    def issues(self, labels: Sequence[str] = (), creator: str = "") -> list[IssueFacts]:
        """All issues, open and closed, that carry all the labels, oldest first (1 request a page).

        Pull requests are left out.
        """
        query = {"state": "all", "sort": "created", "direction": "asc"}
        if labels:
            query["labels"] = ",".join(labels)
        if creator:
            query["creator"] = creator
        found = self._all(Issue, self._get("/issues", "list the issues", query))
        return [issue.facts() for issue in found if not issue.is_pull_request]

    def create_issue(
        self, title: str, body: str, labels: Sequence[str] = (), milestone: int | None = None
    ) -> IssueFacts:
        """File an issue (1 request)."""
        content: dict[str, object] = {"title": title, "body": body, "labels": list(labels)}
        if milestone is not None:
            content["milestone"] = milestone
        call = self._change("POST", "/issues", f"file the issue {title!r}", content, kind="single write")
        return parsed(Issue, self.send(call).data, call).facts()

    def edit_issue(self, number: int, *, body: str | None = None, closed: bool | None = None) -> None:
        """Change an issue's body, close or reopen it (1 request; none where nothing is to change)."""
        changes = {} if body is None else {"body": body}
        if closed is not None:
            changes["state"] = "closed" if closed else "open"
        if changes:
            self.send(self._change("PATCH", f"/issues/{number}", f"edit issue #{number}", changes))

    def add_labels(self, issue: int, labels: Sequence[str]) -> None:
        """Put labels on an issue; GitHub makes those that do not exist (1 request; none for no label)."""
        if labels:
            path = f"/issues/{issue}/labels"
            self.send(self._change("POST", path, f"label issue #{issue}", {"labels": list(labels)}))

    def remove_label(self, issue: int, label: str) -> None:
        """Take one label off an issue; one that is not there is fine (1 request)."""
        path = f"/issues/{issue}/labels/{segment(label)}"
        try:
            self.send(self._change("DELETE", path, f"take the label {label!r} off issue #{issue}"))
        except NotFound as error:
            if "label does not exist" not in str(error).lower():  # else it is the issue that is missing
                raise

    def label_names(self) -> frozenset[str]:
        """The labels that this repository defines (1 request a page)."""
        labels = self._all(Named, self._get("/labels", "list the labels"))
        return frozenset(label.name for label in labels)

    def create_label(self, name: str, colour: str, description: str) -> None:
        """Define a label (colour as ``rrggbb``); one that exists is fine (1 request)."""
        content = {"name": name, "color": colour, "description": description}
        try:
            self.send(self._change("POST", "/labels", f"define the label {name!r}", content))
        except Refused as error:
            if "already_exists" not in error.codes:
                raise

    def milestones(self) -> dict[str, int]:
        """Milestones, open and closed: title → number (1 request a page)."""
        found = self._all(Milestone, self._get("/milestones", "list the milestones", {"state": "all"}))
        return {milestone.title: milestone.number for milestone in found}

    def create_milestone(self, title: str, description: str) -> int:
        """Create a milestone; returns its number (1 request). Raises Rejected where it exists."""
        content = {"title": title, "description": description}
        purpose = f"create the milestone {title!r}"
        call = self._change("POST", "/milestones", purpose, content, kind="single write")
        return parsed(Milestone, self.send(call).data, call).number

    def pinned_issues(self) -> list[IssueFacts]:
        """The pinned issues (GraphQL, 1 request)."""
        owner, _, name = self._name.partition("/")
        call = Call(
            "POST",
            "",
            f"list the pinned issues of {self._name}",
            "issues: read",
            body=graph(_PINNED, owner=owner, name=name),
        )
        return parsed(Pinned, self.graphql(call), call).facts()

    def pin_issue(self, node_id: str) -> None:
        """Pin an issue (GraphQL ``pinIssue``, 1 request)."""
        call = self._change(
            "POST", "", f"pin the issue {node_id}", graph(_PIN, id=node_id), kind="single write"
        )
        self.graphql(call)

    def _comments(self, call: Call) -> list[CommentFacts]:
        """Oldest first, each once: one that is deleted meanwhile moves the others between pages."""
        comments = {comment.id: comment.facts() for comment in self._all(IssueComment, call)}
        return sorted(comments.values(), key=lambda comment: (comment.created_at, comment.id))
