"""How GitHub shows pull requests, reviews, their remarks, commit statuses, protection and Pages."""

from __future__ import annotations

from collections.abc import Sequence

from bot.hub.data.mergeability import standing
from bot.hub.data.protections import Rules
from bot.hub.data.pull_records import PagesSource, Pull, Remark, Review, Status
from bot.hub.data.records import Repository, to_text
from bot.hub.data.statuses import combined
from bot.hub.data.views_issues import IssueViews
from bot.hub.data.views_repositories import Json

_SHOWN_BY_ISSUES = (
    "number", "title", "body", "user", "author_association", "state", "locked", "active_lock_reason",
    "labels", "assignee", "assignees", "milestone", "created_at", "updated_at", "closed_at",
)  # fmt: skip


class PullViews(IssueViews):
    """Pull requests and what belongs to them as JSON."""

    def pull(self, pull: Pull, repository: Repository) -> Json:
        """A pull request as lists show it."""
        address, page = self.pull_address(pull, repository), self.pull_page(pull, repository)
        api, issue = self.api_of(repository), self.issue(pull.issue, repository)
        links = {
            "comments": f"{api}/issues/{pull.number}/comments",
            "commits": f"{address}/commits",
            "statuses": f"{api}/statuses/{pull.head_sha}",
            "issue": f"{api}/issues/{pull.number}",
            "review_comments": f"{address}/comments",
            "review_comment": f"{api}/pulls/comments{{/number}}",
        }
        return {
            "id": pull.issue.id,
            "node_id": f"PR_{pull.issue.id}",
            "url": address,
            "html_url": page,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            **{f"{name}_url": link for name, link in links.items()},
            **{name: issue[name] for name in _SHOWN_BY_ISSUES},
            "_links": {
                name: {"href": href} for name, href in (links | {"self": address, "html": page}).items()
            },
            "draft": pull.draft,
            "head": self._end(pull.head, pull.head_sha, repository),
            "base": self._end(pull.base, pull.base_sha, repository),
            "requested_reviewers": [],
            "requested_teams": [],
            "auto_merge": None,
            "merged_at": to_text(pull.merged_at) if pull.merged_at else None,
            "merge_commit_sha": pull.merge_sha,
        }

    def pull_in_full(self, pull: Pull, repository: Repository) -> Json:
        """One pull request, with what git has to be asked for."""
        files, found = self.world.pulls.files(pull), standing(self.world, repository, pull)
        return {
            **self.pull(pull, repository),
            "merged": pull.merged,
            "mergeable": found.mergeable,
            "rebaseable": found.mergeable,
            "mergeable_state": found.state,
            "merged_by": self.login(pull.merged_by),
            "comments": pull.issue.comments,
            "review_comments": len(self.world.reviews.remarks(pull)),
            "maintainer_can_modify": False,
            "commits": len(self.world.pulls.commits(pull)),
            "additions": sum(each.additions for each in files),
            "deletions": sum(each.deletions for each in files),
            "changed_files": len(files),
        }

    def review(self, review: Review, pull: Pull, repository: Repository) -> Json:
        """A review."""
        address, page = self.pull_address(pull, repository), self.pull_page(pull, repository)
        page = f"{page}#pullrequestreview-{review.id}"
        shown = {
            "id": review.id,
            "node_id": f"PRR_{review.id}",
            "user": self.login(review.author),
            "body": review.body,
            "state": review.state,
            "html_url": page,
            "pull_request_url": address,
            "_links": {"html": {"href": page}, "pull_request": {"href": address}},
            "commit_id": review.commit_sha,
            "author_association": self._association(repository, review.author),
        }
        return shown | ({"submitted_at": to_text(review.submitted_at)} if review.submitted_at else {})

    def remark(self, remark: Remark, pull: Pull, repository: Repository) -> Json:
        """A review's comment on a line; its line is given where the diff is still the one it was made on."""
        address = f"{self.api_of(repository)}/pulls/comments/{remark.id}"
        page = f"{self.pull_page(pull, repository)}#discussion_r{remark.id}"
        pull_address = self.pull_address(pull, repository)
        current = remark.commit_sha == pull.head_sha
        position = len(remark.hunk.split("\n")) - 1
        return {
            "url": address,
            "pull_request_review_id": remark.review_id,
            "id": remark.id,
            "node_id": f"PRRC_{remark.id}",
            "diff_hunk": remark.hunk,
            "path": remark.path,
            "position": position if current else None,
            "original_position": position,
            "commit_id": remark.commit_sha,
            "original_commit_id": remark.commit_sha,
            "user": self.login(remark.author),
            "body": remark.body,
            "created_at": to_text(remark.created_at),
            "updated_at": to_text(remark.created_at),
            "html_url": page,
            "pull_request_url": pull_address,
            "author_association": self._association(repository, remark.author),
            "_links": {
                "self": {"href": address},
                "html": {"href": page},
                "pull_request": {"href": pull_address},
            },
            "start_line": remark.start_line if current else None,
            "original_start_line": remark.start_line,
            "start_side": remark.side if remark.start_line else None,
            "line": remark.line if current else None,
            "original_line": remark.line,
            "side": remark.side,
            "subject_type": "line",
        }

    def status(self, status: Status, repository: Repository) -> Json:
        """A commit status."""
        creator = self.login(status.creator)
        return {
            "url": f"{self.api_of(repository)}/statuses/{status.sha}",
            "avatar_url": creator["avatar_url"] if creator else None,
            "id": status.id,
            "node_id": f"SC_{status.id}",
            "state": status.state,
            "description": status.description,
            "target_url": status.target_url,
            "context": status.context,
            "created_at": to_text(status.created_at),
            "updated_at": to_text(status.created_at),
            "creator": creator,
        }

    def combined_status(
        self, sha: str, latest: Sequence[Status], shown: Sequence[Status], repository: Repository
    ) -> Json:
        """What the newest status of each context comes to; ``shown`` are those of this page."""
        address = f"{self.api_of(repository)}/commits/{sha}"
        statuses = [self.status(status, repository) for status in shown]
        for status in statuses:
            del status["creator"]
        return {
            "state": combined(latest),
            "statuses": statuses,
            "sha": sha,
            "total_count": len(latest),
            "repository": self.minimal_repository(repository),
            "commit_url": address,
            "url": f"{address}/status",
        }

    def protection(self, branch: str, rules: Rules, repository: Repository) -> Json:
        """A branch's protection; a rule that is not set is left out."""
        address = f"{self.api_of(repository)}/branches/{branch}/protection"
        switches = (
            "required_linear_history", "allow_force_pushes", "allow_deletions", "block_creations",
            "required_conversation_resolution", "lock_branch", "allow_fork_syncing",
        )  # fmt: skip
        shown: Json = {
            "url": address,
            "required_signatures": {"url": f"{address}/required_signatures", "enabled": False},
            "enforce_admins": {"url": f"{address}/enforce_admins", "enabled": rules.enforce_admins},
            **{name: {"enabled": name in rules.switches} for name in switches},
        }
        if rules.contexts or rules.strict:
            checks = f"{address}/required_status_checks"
            shown["required_status_checks"] = {
                "url": checks,
                "strict": rules.strict,
                "contexts": list(rules.contexts),
                "contexts_url": f"{checks}/contexts",
                "checks": [{"context": name, "app_id": None} for name in rules.contexts],
            }
        if rules.approvals is not None:
            shown["required_pull_request_reviews"] = {
                "url": f"{address}/required_pull_request_reviews",
                "dismiss_stale_reviews": rules.dismiss_stale,
                "require_code_owner_reviews": rules.code_owners,
                "require_last_push_approval": False,
                "required_approving_review_count": rules.approvals,
            }
        return shown

    def site(self, source: PagesSource, repository: Repository) -> Json:
        """A Pages site."""
        head = self.world.sites.head(repository, source)
        return {
            "url": f"{self.api_of(repository)}/pages",
            "status": "built" if head else "errored",
            "cname": None,
            "custom_404": False,
            "html_url": self.site_address(repository),
            "build_type": "legacy",
            "source": {"branch": source.branch, "path": source.path},
            "public": True,
            "pending_domain_unverified_at": None,
            "protected_domain_state": None,
            "https_enforced": False,
        }

    def site_build(self, source: PagesSource, repository: Repository) -> Json:
        """The newest build: the hub serves the branch as it is, so that is always the last push."""
        head = self.world.sites.head(repository, source)
        time = to_text(max(source.built_at, repository.pushed_at))
        missing = f"The {source.branch} branch does not exist."
        return {
            "url": f"{self.api_of(repository)}/pages/builds/{source.repository_id}",
            "status": "built" if head else "errored",
            "error": {"message": None if head else missing},
            "pusher": self.login(source.creator),
            "commit": head or "",
            "duration": 0,
            "created_at": time,
            "updated_at": time,
        }

    def site_address(self, repository: Repository) -> str:
        """Where a repository's site is served."""
        return f"{self.world.base_url}/pages/{repository.full_name}/"

    def pull_address(self, pull: Pull, repository: Repository) -> str:
        """A pull request's address in the REST API."""
        return f"{self.api_of(repository)}/pulls/{pull.number}"

    def pull_page(self, pull: Pull, repository: Repository) -> str:
        """A pull request's page for people."""
        return f"{self.page_of(repository)}/pull/{pull.number}"

    def _end(self, branch: str, sha: str, repository: Repository) -> Json:
        return {
            "label": f"{repository.owner}:{branch}",
            "ref": branch,
            "sha": sha,
            "user": self.login(repository.owner),
            "repo": self.plain_repository(repository),
        }
