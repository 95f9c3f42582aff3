"""GitHub's GraphQL API over the hub's world: who one is, a repository's issues and pull requests, pinning."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache

from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    build_schema,
    graphql_sync,
)

from bot.hub.data.records import Comment, Issue, Repository, User, to_text
from bot.hub.data.refusals import Malformed, Missing, NotAllowed, Refusal, Unauthenticated
from bot.hub.data.world import World
from bot.hub.graphql_nodes import MOST_NODES, REACTIONS, Json, connection, failure, node_fields
from bot.hub.graphql_pulls import PullShapes
from bot.hub.graphql_schema import SDL
from bot.hub.rest.call import Answer, Call


def answer(call: Call) -> Answer:
    """``POST /api/graphql``: 200 with ``data`` and ``errors``; 401 without a token."""
    if call.actor is None:
        raise Unauthenticated("This endpoint requires you to be authenticated.")
    given = call.fields()
    query, variables = given.get("query"), given.get("variables")
    if not isinstance(query, str):
        raise Malformed("A query attribute must be specified and must be a string.")
    result = graphql_sync(
        _schema(),
        query,
        root_value=_Root(call),
        variable_values=variables if isinstance(variables, dict) else {},
        operation_name=given.get("operationName"),
    )
    return Answer(_shown(result))


class _Root:
    """Resolves the fields of Query and Mutation."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._world: World = call.world
        self._shapes = _Shapes(call.world)

    def viewer(self, info: object) -> Json:
        """Who the token acts as."""
        return self._shapes.user(self._actor())

    def repository(self, info: object, owner: str, name: str, followRenames: bool) -> Json:
        """A repository; NOT_FOUND where it does not exist or must stay unknown."""
        try:
            repository = self._world.repositories.visible(owner, name, self._actor())
        except Missing as error:
            raise failure(
                "NOT_FOUND", f"Could not resolve to a Repository with the name '{owner}/{name}'."
            ) from error
        return self._shapes.repository(repository)

    def node(self, info: object, id: str) -> Json:
        """Something by its global id: a repository, an issue, a pull request, a comment."""
        if id.startswith("IC_"):
            return self._comment(id)
        if id.startswith("R_") and id[2:].isdigit():
            repository = self._world.repositories.by_id(int(id[2:]))
            return self._shapes.repository(self._seen(repository))
        if id.startswith("PR_"):
            return self._shapes.pulls.pull(self._world.pulls.of(self._issue(id, "PR_")))
        return self._shapes.issue(self._issue(id))

    def nodes(self, info: object, ids: list[str]) -> list[Json | GraphQLError]:
        """The same for many; the place of one that cannot be had is empty, with an error."""
        if len(ids) > MOST_NODES:
            raise failure(
                "ARGUMENT_LIMIT",
                f"You may not provide more than {MOST_NODES} node ids; you provided {len(ids)}.",
            )
        found: list[Json | GraphQLError] = []
        for one in ids:
            try:
                found.append(self.node(info, one))
            except GraphQLError as error:
                found.append(error)
        return found

    def rateLimit(self, info: object, dryRun: bool) -> Json:
        """Where the token stands."""
        standing = self._call.limits.look(self._actor(), "graphql")
        reset = to_text(datetime.fromtimestamp(standing.reset, UTC))
        return {**standing.json(), "cost": 1, "nodeCount": 0, "resetAt": reset}

    def pinIssue(self, info: object, input: Json) -> Json:
        """Pin an issue."""
        return self._pin(input, self._world.issues.pin)

    def unpinIssue(self, info: object, input: Json) -> Json:
        """Unpin an issue."""
        return {**self._pin(input, self._world.issues.unpin), "id": input["issueId"]}

    def _pin(self, given: Json, change: Callable[[Repository, User, int], Issue]) -> Json:
        issue = self._issue(given["issueId"])
        repository = self._world.repositories.by_id(issue.repository_id)
        try:
            changed = change(repository, self._actor(), issue.number)
        except NotAllowed as error:
            who = self._actor().login
            raise failure(
                "FORBIDDEN", f"{who} does not have the correct permissions to execute this"
            ) from error
        except Refusal as error:
            raise failure("UNPROCESSABLE", error.message) from error
        return {"issue": self._shapes.issue(changed), "clientMutationId": given.get("clientMutationId")}

    def _comment(self, node_id: str) -> Json:
        try:
            number = node_id.removeprefix("IC_")
            if not number.isdigit():
                raise Missing
            comment = self._world.comments.by_id(int(number))
            repository = self._seen(self._world.repositories.by_id(comment.repository_id))
        except Missing as error:
            text = f"Could not resolve to a node with the global id of '{node_id}'"
            raise failure("NOT_FOUND", text) from error
        return self._shapes.comment(comment, repository, self._actor())

    def _issue(self, node_id: str, kind: str = "I_") -> Issue:
        try:
            number = node_id.removeprefix(kind)
            if not node_id.startswith(kind) or not number.isdigit():
                raise Missing
            issue = self._world.issues.by_id(int(number))
            if issue.pull_request != (kind == "PR_"):
                raise Missing
            self._seen(self._world.repositories.by_id(issue.repository_id))
        except Missing as error:
            text = f"Could not resolve to a node with the global id of '{node_id}'"
            raise failure("NOT_FOUND", text) from error
        return issue

    def _seen(self, repository: Repository) -> Repository:
        return self._world.repositories.visible(repository.owner, repository.name, self._actor())

    def _actor(self) -> User:
        if self._call.actor is None:
            raise Unauthenticated
        return self._call.actor


class _Shapes:
    """Records as GraphQL sees them; callables are resolved with their arguments."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.pulls = PullShapes(world, self.person, self.issue)

    def person(self, login: str | None) -> Json | None:
        """Whose work something is, by the login; None for nobody.

        As on GitHub a bot is a type of its own here, and its login goes without ``[bot]``.
        """
        user = self._world.users.get(login) if login else None
        if user is None:
            return None
        kind = "Bot" if user.type == "Bot" else "User"
        return {**self.user(user), "__typename": kind, "login": user.login.removesuffix("[bot]")}

    def user(self, user: User) -> Json:
        """An account. GitHub's type Bot shares the fields that are here."""
        shown = self._world.show.user(user)
        return {**node_fields(shown), "login": user.login, "name": user.name, "url": shown["html_url"]}

    def _owner(self, repository: Repository) -> Json:
        user = self._world.users.find(repository.owner)
        kind = "Organization" if user.type == "Organization" else "User"
        return {**self.user(user), "__typename": kind}

    def repository(self, repository: Repository) -> Json:
        """A repository."""
        shown = self._world.show.minimal_repository(repository)
        return {
            **node_fields(shown),
            "__typename": "Repository",
            "name": repository.name,
            "nameWithOwner": repository.full_name,
            "description": shown["description"],
            "url": shown["html_url"],
            "isPrivate": repository.private,
            "defaultBranchRef": {"id": f"REF_{repository.id}", "name": repository.default_branch},
            "owner": lambda info: self._owner(repository),
            "issue": lambda info, number: self._numbered(repository, number),
            "pullRequest": lambda info, number: self.pulls.numbered(repository, number),
            "pullRequests": lambda info, **part: self.pulls.search(repository, part),
            "pinnedIssues": lambda info, **part: self._pinned(repository, part),
        }

    def comment(self, comment: Comment, repository: Repository, viewer: User) -> Json:
        """A comment, with every kind of reaction."""
        shown = self._world.show.comment(comment, repository)
        return {
            **node_fields(shown),
            "__typename": "IssueComment",
            "fullDatabaseId": str(comment.id),
            "body": comment.body,
            "url": shown["html_url"],
            "author": self.person(comment.author),
            "createdAt": shown["created_at"],
            "updatedAt": shown["updated_at"],
            "reactionGroups": self._reactions(comment, viewer),
        }

    def _reactions(self, comment: Comment, viewer: User) -> list[Json]:
        who: dict[str, list[str]] = {content: [] for content in REACTIONS}
        for reaction in self._world.reactions.of(comment):
            who[reaction.content].append(reaction.login)
        return [
            {
                "content": REACTIONS[content],
                "viewerHasReacted": viewer.login in logins,
                "reactors": {"totalCount": len(logins)},
            }
            for content, logins in who.items()
        ]

    def issue(self, issue: Issue) -> Json:
        """An issue."""
        repository = self._world.repositories.by_id(issue.repository_id)
        shown = self._world.show.issue(issue, repository)
        labels = [{**node_fields(label), **label, "id": label["node_id"]} for label in shown["labels"]]
        return {
            **node_fields(shown),
            "__typename": "Issue",
            "number": issue.number,
            "title": issue.title,
            "body": issue.body,
            "state": issue.state.upper(),
            "closed": issue.state == "closed",
            "url": shown["html_url"],
            "author": self.person(issue.author),
            "isPinned": issue.pinned,
            "createdAt": shown["created_at"],
            "updatedAt": shown["updated_at"],
            "labels": lambda info, **part: connection(labels, part),
        }

    def _numbered(self, repository: Repository, number: int) -> Json:
        issue = self._world.issues.get(repository, number)
        if issue is None or issue.pull_request:
            raise failure("NOT_FOUND", f"Could not resolve to an issue with the number of {number}.")
        return self.issue(issue)

    def _pinned(self, repository: Repository, part: Json) -> Json:
        def shown(issue: Issue) -> Json:
            pinned = {"id": f"PI_{issue.id}", "databaseId": issue.id}
            return {**pinned, "issue": self.issue(issue), "repository": self.repository(repository)}

        if part.get("first") is None and part.get("last") is None:
            text = "You must provide a `first` or `last` value to properly paginate the connection."
            raise failure("MISSING_PAGINATION_BOUNDARIES", text)
        return connection([shown(issue) for issue in self._world.issues.pinned(repository)], part)


@cache
def _schema() -> GraphQLSchema:
    return build_schema(SDL)


def _shown(result: ExecutionResult) -> Json:
    """The result as GitHub writes it: an error's ``type`` stands beside its message."""
    errors = []
    for error in result.errors or []:
        shown: Json = dict(error.formatted)
        kind = shown.pop("extensions", {}).get("type")
        errors.append({"type": kind, **shown} if kind else shown)
    body: Json = {} if result.data is None and errors and not errors[0].get("path") else {"data": result.data}
    return {**body, "errors": errors} if errors else body
