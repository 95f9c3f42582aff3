"""How GitHub shows issues, comments, labels, milestones, reactions and issue events."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from bot.hub.data.records import (
    Comment,
    Issue,
    IssueEvent,
    Label,
    Milestone,
    Reaction,
    Repository,
    Role,
    to_text,
)
from bot.hub.data.views_repositories import Json, RepositoryViews

_ASSOCIATIONS = {Role.NONE: "NONE", Role.ADMIN: "OWNER"}


class IssueViews(RepositoryViews):
    """Issues and what belongs to them as JSON."""

    def label(self, label: Label, repository: Repository) -> Json:
        """A label."""
        return {
            "id": label.id,
            "node_id": f"LA_{label.id}",
            "url": f"{self.api_of(repository)}/labels/{quote(label.name, safe='')}",
            "name": label.name,
            "color": label.color,
            "default": False,
            "description": label.description or None,
            "archived_at": None,
            "archived_by": None,
        }

    def milestone(self, milestone: Milestone, repository: Repository) -> Json:
        """A milestone."""
        address = f"{self.api_of(repository)}/milestones/{milestone.number}"
        opened, closed = self.world.milestones.issue_counts(milestone)
        return {
            "url": address,
            "html_url": f"{self.page_of(repository)}/milestone/{milestone.number}",
            "labels_url": f"{address}/labels",
            "id": milestone.id,
            "node_id": f"MI_{milestone.id}",
            "number": milestone.number,
            "title": milestone.title,
            "description": milestone.description or None,
            "creator": self.login(milestone.creator),
            "open_issues": opened,
            "closed_issues": closed,
            "state": milestone.state,
            "created_at": to_text(milestone.created_at),
            "updated_at": to_text(milestone.updated_at),
            "due_on": to_text(milestone.due_on) if milestone.due_on else None,
            "closed_at": to_text(milestone.closed_at) if milestone.closed_at else None,
        }

    def issue(self, issue: Issue, repository: Repository) -> Json:
        """An issue."""
        address = f"{self.api_of(repository)}/issues/{issue.number}"
        links = ("comments", "events", "timeline")
        assignees = [self.login(login) for login in issue.assignees]
        shown: Json = {
            "id": issue.id,
            "node_id": f"I_{issue.id}",
            "number": issue.number,
            "url": address,
            "repository_url": self.api_of(repository),
            **{f"{name}_url": f"{address}/{name}" for name in links},
            "labels_url": f"{address}/labels{{/name}}",
            "html_url": f"{self.page_of(repository)}/{_page(pull=issue.pull_request)}/{issue.number}",
            "title": issue.title,
            "body": issue.body or None,
            "user": self.login(issue.author),
            "author_association": self._association(repository, issue.author),
            "state": issue.state,
            "state_reason": issue.state_reason,
            "locked": False,
            "active_lock_reason": None,
            "labels": [self.label(label, repository) for label in issue.labels],
            "assignee": assignees[0] if assignees else None,
            "assignees": assignees,
            "milestone": self._milestone_of(issue, repository),
            "comments": issue.comments,
            "created_at": to_text(issue.created_at),
            "updated_at": to_text(issue.updated_at),
            "closed_at": to_text(issue.closed_at) if issue.closed_at else None,
            "closed_by": self.login(issue.closed_by),
            "reactions": self._rollup(address, self.world.reactions.summary(issue)),
            "performed_via_github_app": None,
        }
        if issue.pull_request:
            pull = self.world.pulls.of(issue)
            page = shown["html_url"]
            shown["draft"] = pull.draft
            shown["pull_request"] = {
                "url": f"{self.api_of(repository)}/pulls/{issue.number}",
                "html_url": page,
                "diff_url": f"{page}.diff",
                "patch_url": f"{page}.patch",
                "merged_at": to_text(pull.merged_at) if pull.merged_at else None,
            }
        return shown

    def issue_told(self, issue: Issue, repository: Repository) -> Json:
        """An issue as webhooks carry it: without who closed it, which the sender of that event is."""
        return {name: value for name, value in self.issue(issue, repository).items() if name != "closed_by"}

    def comment(self, comment: Comment, repository: Repository) -> Json:
        """A comment."""
        address = f"{self.api_of(repository)}/issues/comments/{comment.id}"
        kind = _page(pull=comment.on_pull_request)
        page = f"{self.page_of(repository)}/{kind}/{comment.issue_number}"
        return {
            "id": comment.id,
            "node_id": f"IC_{comment.id}",
            "url": address,
            "html_url": f"{page}#issuecomment-{comment.id}",
            "issue_url": f"{self.api_of(repository)}/issues/{comment.issue_number}",
            "body": comment.body,
            "user": self.login(comment.author),
            "author_association": self._association(repository, comment.author),
            "created_at": to_text(comment.created_at),
            "updated_at": to_text(comment.updated_at),
            "reactions": self._rollup(address, self.world.reactions.summary(comment)),
            "performed_via_github_app": None,
        }

    def reaction(self, reaction: Reaction) -> Json:
        """A reaction."""
        return {
            "id": reaction.id,
            "node_id": f"REA_{reaction.id}",
            "user": self.login(reaction.login),
            "content": reaction.content,
            "created_at": to_text(reaction.created_at),
        }

    def event(self, event: IssueEvent, repository: Repository, *, with_issue: bool = False) -> Json:
        """An issue event; lists of a whole repository carry the issue too."""
        shown = {
            "id": event.id,
            "node_id": f"E_{event.id}",
            "url": f"{self.api_of(repository)}/issues/events/{event.id}",
            "actor": self.login(event.actor),
            "event": event.event,
            "commit_id": None,
            "commit_url": None,
            "created_at": to_text(event.created_at),
            "performed_via_github_app": None,
            **{name: value for name, value in event.detail.items() if name != "state_reason"},
        }
        if event.detail.get("commit_id"):
            shown["commit_url"] = f"{self.api_of(repository)}/commits/{event.detail['commit_id']}"
        for who in {"assignee", "assigner"} & set(event.detail):
            shown[who] = self.login(event.detail[who])
        if with_issue:
            shown["issue"] = self.issue(self.world.issues.by_id(event.issue_id), repository)
        return shown

    def _milestone_of(self, issue: Issue, repository: Repository) -> Json | None:
        if issue.milestone_id is None:
            return None
        return self.milestone(self.world.milestones.by_id(issue.milestone_id), repository)

    def _association(self, repository: Repository, login: str) -> str:
        role = self.world.users.role(repository, self.world.users.get(login))
        return _ASSOCIATIONS.get(role, "COLLABORATOR")

    def _rollup(self, address: str, counts: Mapping[str, int]) -> Json:
        return {"url": f"{address}/reactions", "total_count": sum(counts.values()), **counts}


def _page(*, pull: bool) -> str:
    return "pull" if pull else "issues"
