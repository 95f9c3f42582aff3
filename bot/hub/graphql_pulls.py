"""Pull requests, their reviews, commits and statuses as GraphQL sees them."""

from __future__ import annotations

from collections.abc import Callable

from bot.hub.data import git_data
from bot.hub.data.closing import closed_by
from bot.hub.data.mergeability import decision, standing
from bot.hub.data.pull_queries import PullQuery
from bot.hub.data.pull_records import Pull, Remark, Review, Status
from bot.hub.data.records import Issue, Repository, to_text
from bot.hub.data.statuses import combined
from bot.hub.data.world import World
from bot.hub.graphql_nodes import Json, connection, failure

_MERGEABLE = {True: "MERGEABLE", False: "CONFLICTING", None: "UNKNOWN"}


class PullShapes:
    """Records around pull requests for GraphQL; callables are resolved with their arguments.

    ``person`` shapes an account by its login, ``issue`` an issue.
    """

    def __init__(
        self, world: World, person: Callable[[str | None], Json | None], issue: Callable[[Issue], Json]
    ) -> None:
        self._world = world
        self._person = person
        self._issue = issue

    def numbered(self, repository: Repository, number: int) -> Json:
        """A repository's pull request by its number; NOT_FOUND where there is none."""
        pull = self._world.pulls.get(repository, number)
        if pull is None:
            raise failure("NOT_FOUND", f"Could not resolve to a PullRequest with the number of {number}.")
        return self.pull(pull)

    def search(self, repository: Repository, part: Json) -> Json:
        """A repository's pull requests by state and branches, oldest first."""
        states = {str(state) for state in part.get("states") or ("OPEN", "CLOSED", "MERGED")}
        query = PullQuery(
            "all", part.get("headRefName") or "", part.get("baseRefName") or "", direction="asc"
        )
        found = [each for each in self._world.pulls.search(repository, query) if _state(each) in states]
        return connection([self.pull(each) for each in found], part)

    def pull(self, pull: Pull) -> Json:
        """A pull request."""
        repository = self._world.repositories.by_id(pull.issue.repository_id)
        shown = self._world.show.pull(pull, repository)
        return {
            **{name: shown[name] for name in ("number", "title", "draft")},
            "__typename": "PullRequest",
            "id": shown["node_id"],
            "databaseId": shown["id"],
            "body": pull.issue.body,
            "isDraft": pull.draft,
            "state": _state(pull),
            "closed": not pull.open,
            "merged": pull.merged,
            "mergedAt": shown["merged_at"],
            "mergedBy": lambda info: self._person(pull.merged_by),
            "closedAt": shown["closed_at"],
            "createdAt": shown["created_at"],
            "updatedAt": shown["updated_at"],
            "mergeable": lambda info: _MERGEABLE[standing(self._world, repository, pull).mergeable],
            "mergeStateStatus": lambda info: standing(self._world, repository, pull).state.upper(),
            "reviewDecision": lambda info: decision(self._world, repository, pull),
            "headRefOid": pull.head_sha,
            "headRefName": pull.head,
            "baseRefOid": pull.base_sha,
            "baseRefName": pull.base,
            "url": shown["html_url"],
            "author": lambda info: self._person(pull.issue.author),
            "authorAssociation": shown["author_association"],
            "mergeCommit": lambda info: self._commit_by_id(repository, pull.merge_sha),
            "changedFiles": lambda info: len(self._world.pulls.files(pull)),
            "additions": lambda info: sum(each.additions for each in self._world.pulls.files(pull)),
            "deletions": lambda info: sum(each.deletions for each in self._world.pulls.files(pull)),
            "labels": lambda info, **part: connection(_labels(shown["labels"]), part),
            "closingIssuesReferences": lambda info, **part: connection(self._closing(repository, pull), part),
            "commits": lambda info, **part: connection(self._commits(repository, pull), part),
            "reviews": lambda info, **part: connection(self._reviews(repository, pull, part), part),
            "latestOpinionatedReviews": lambda info, **part: connection(
                self._opinions(repository, pull, part), part
            ),
        }

    def _closing(self, repository: Repository, pull: Pull) -> list[Json]:
        """The issues that its text closes; GitHub links them only where it goes into the default branch."""
        if pull.base != repository.default_branch:
            return []
        numbers = closed_by(pull.issue.body, repository.full_name)
        found = [self._world.issues.get(repository, number) for number in numbers]
        return [self._issue(issue) for issue in found if issue is not None and not issue.pull_request]

    def _commits(self, repository: Repository, pull: Pull) -> list[Json]:
        shown = []
        for commit in self._world.pulls.commits(pull):
            one = self._commit(repository, commit)
            shown.append({"id": f"PURC_{pull.issue.id}_{commit.sha}", "commit": one, "url": one["url"]})
        return shown

    def _commit_by_id(self, repository: Repository, sha: str | None) -> Json | None:
        if sha is None:
            return None
        path = self._world.repositories.path(repository)
        return self._commit(repository, git_data.commits(path, sha, limit=1)[0])

    def _commit(self, repository: Repository, commit: git_data.CommitRecord) -> Json:
        shown = self._world.show.commit(commit, repository)
        return {
            "id": shown["node_id"],
            "oid": commit.sha,
            "message": commit.message,
            "messageHeadline": commit.message.partition("\n")[0],
            "url": shown["html_url"],
            "committedDate": to_text(commit.committer.date),
            "statusCheckRollup": lambda info: self._rollup(repository, commit.sha),
            "parents": lambda info, **part: connection(self._parents(repository, commit), part),
        }

    def _parents(self, repository: Repository, commit: git_data.CommitRecord) -> list[Json]:
        path = self._world.repositories.path(repository)
        found = [git_data.commits(path, sha, limit=1)[0] for sha in commit.parents]
        return [self._commit(repository, each) for each in found]

    def _rollup(self, repository: Repository, sha: str) -> Json | None:
        """What all statuses come to; nothing where nothing was said."""
        latest = self._world.statuses.latest(repository, sha)
        if not latest:
            return None
        state = "ERROR" if any(each.state == "error" for each in latest) else combined(latest).upper()
        contexts = [self._status(repository, status) for status in latest]
        return {"state": state, "contexts": lambda info, **part: connection(contexts, part)}

    def _status(self, repository: Repository, status: Status) -> Json:
        shown = self._world.show.status(status, repository)
        return {
            "__typename": "StatusContext",
            "id": shown["node_id"],
            "context": status.context,
            "state": status.state.upper(),
            "description": status.description,
            "targetUrl": status.target_url,
            "createdAt": shown["created_at"],
            "creator": lambda info: self._person(status.creator),
        }

    def _reviews(self, repository: Repository, pull: Pull, part: Json) -> list[Json]:
        states = part.get("states")
        found = [each for each in self._world.reviews.of(pull) if not states or each.state in states]
        return [self._review(repository, pull, review) for review in found]

    def _opinions(self, repository: Repository, pull: Pull, part: Json) -> list[Json]:
        """Each person's newest review that is more than a comment."""
        found = self._world.reviews.opinions(repository, pull, writers_only=bool(part.get("writersOnly")))
        return [self._review(repository, pull, review) for review in found]

    def _review(self, repository: Repository, pull: Pull, review: Review) -> Json:
        shown = self._world.show.review(review, pull, repository)
        remarks = self._world.reviews.remarks_of(review)
        return {
            "id": shown["node_id"],
            "databaseId": review.id,
            "fullDatabaseId": str(review.id),
            "author": lambda info: self._person(review.author),
            "authorAssociation": shown["author_association"],
            "state": review.state,
            "body": review.body,
            "submittedAt": shown.get("submitted_at"),
            "url": shown["html_url"],
            "commit": lambda info: self._commit_by_id(repository, review.commit_sha),
            "comments": lambda info, **part: connection(
                [self._remark(repository, pull, remark) for remark in remarks], part
            ),
        }

    def _remark(self, repository: Repository, pull: Pull, remark: Remark) -> Json:
        shown = self._world.show.remark(remark, pull, repository)
        return {
            "id": shown["node_id"],
            "databaseId": remark.id,
            "author": lambda info: self._person(remark.author),
            "path": remark.path,
            "line": shown["line"],
            "originalLine": remark.line,
            "body": remark.body,
            "diffHunk": remark.hunk,
            "url": shown["html_url"],
            "createdAt": shown["created_at"],
        }


def _state(pull: Pull) -> str:
    return "MERGED" if pull.merged else pull.issue.state.upper()


def _labels(labels: list[Json]) -> list[Json]:
    return [{**label, "id": label["node_id"]} for label in labels]
