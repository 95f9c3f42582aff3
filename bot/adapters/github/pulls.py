"""Pull requests and their reviews of one repository; how one stands is a single GraphQL question."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from bot.adapters.github.calls import RepositoryCalls, parsed
from bot.adapters.github.errors import Call
from bot.adapters.github.models import Account, Text, Tolerant, User
from bot.adapters.github.transport import Refused
from bot.domain.outputs import Remark
from bot.domain.pulls import Checks, Mergeable, PullFacts, Requested

log = logging.getLogger("orchestrator")
MOST_AT_ONCE = 30
"""Pull requests of one question."""
_OWN_REVIEW = "<!-- orchestrator:review "
"""How this program's own reviews begin: their verdicts reach the state in another way."""
_PULL = """
  number url state headRefOid headRefName baseRefName mergeable mergeStateStatus
  commits(last: 1) { nodes { commit { parents(first: 10) { nodes { oid } }
  statusCheckRollup { state contexts(first: 50) { nodes {
    __typename
    ... on StatusContext { context state description targetUrl }
    ... on CheckRun { name conclusion detailsUrl title }
  } } } } } }
  latestOpinionatedReviews(first: 30, writersOnly: true) { nodes {
    fullDatabaseId state body author { __typename login }
    comments(first: 30) { nodes { path line body } }
  } }
"""
"""Of reviews the newest verdict of each person who may write: nobody else's word counts, and no number of
comments hides one.
"""
_CHECKS: Mapping[str, Checks] = {
    "SUCCESS": "passed",
    "PENDING": "pending",
    "EXPECTED": "pending",
    "FAILURE": "failed",
    "ERROR": "failed",
}
_CLOSED: Mapping[str, Literal["merged", "closed"]] = {"MERGED": "merged", "CLOSED": "closed"}
_STATES: Mapping[str, Mergeable] = {"BEHIND": "behind", "BLOCKED": "blocked", "DIRTY": "conflict"}
_FAILED = ("FAILURE", "ERROR", "TIMED_OUT", "CANCELLED", "ACTION_REQUIRED", "STARTUP_FAILURE")


class _Listed(Tolerant):
    number: int
    html_url: str = ""
    state: str = "open"
    merged_at: str | None = None


class _Review(Tolerant):
    id: int
    body: Text = ""
    user: Account = User()


class PullCalls(RepositoryCalls):
    """The part of ``ProjectForge`` about pull requests."""

    def find_pull(self, branch: str, base: str) -> int | None:
        """The newest pull request from a branch into another that is open, else merged (1 request)."""
        owner = self._name.partition("/")[0]
        wanted = {"head": f"{owner}:{branch}", "base": base}
        query = {**wanted, "state": "all", "sort": "created", "direction": "desc"}
        call = self._get("/pulls", f"look for a pull request from {branch}", query, "pull requests: read")
        known = self._all(_Listed, call)
        found = [one for one in known if one.state == "open"] or [one for one in known if one.merged_at]
        return found[0].number if found else None

    def create_pull(self, branch: str, base: str, title: str, body: str) -> int:
        """Open a pull request; returns its number (1 request). Raises Rejected where there is nothing."""
        call = self._change(
            "POST",
            "/pulls",
            f"open a pull request from {branch}",
            {"title": title, "body": body, "head": branch, "base": base, "maintainer_can_modify": True},
            needs="pull requests: write",
            kind="single write",
        )
        return parsed(_Listed, self.send(call).data, call).number

    def pulls(self, numbers: Sequence[int]) -> dict[int, PullFacts]:
        """How pull requests of this repository stand (GraphQL, 1 request for each 30)."""
        found = self.pulls_of({self._name: numbers})
        return {number: facts for (_, number), facts in found.items()}

    def pulls_of(self, wanted: Mapping[str, Sequence[int]]) -> dict[tuple[str, int], PullFacts]:
        """How pull requests of any repositories stand, by owner/name and number (1 request for each 30).

        What is gone, what the token may not see, and what cannot be read is left out.
        """
        pairs = [(name, number) for name, numbers in wanted.items() for number in numbers]
        found: dict[tuple[str, int], PullFacts] = {}
        for start in range(0, len(pairs), MOST_AT_ONCE):
            found |= self._pulls(pairs[start : start + MOST_AT_ONCE])
        return found

    def _pulls(self, pairs: Sequence[tuple[str, int]]) -> dict[tuple[str, int], PullFacts]:
        """One question for all; names are variables, so that none is taken for a part of the query."""
        parameters: list[str] = []
        asked: list[str] = []
        variables: dict[str, str | int] = {}
        for place, (name, number) in enumerate(pairs):
            owner, _, short = name.partition("/")
            parameters.append(f"$o{place}: String!, $n{place}: String!, $p{place}: Int!")
            asked.append(
                f"r{place}: repository(owner: $o{place}, name: $n{place}) "
                f"{{ pullRequest(number: $p{place}) {{ {_PULL} }} }}"
            )
            variables |= {f"o{place}": owner, f"n{place}": short, f"p{place}": number}
        query = f"query({', '.join(parameters)}) {{ {' '.join(asked)} }}"
        body = {"query": query, "variables": variables}
        call = Call("POST", "", "look at pull requests", "pull requests: read", body=body, partly=True)
        answer, incomplete = self.graphql_partly(call)
        if hidden := sorted(name for name, why in incomplete.items() if why != "NOT_FOUND"):
            names = ", ".join("{}#{}".format(*pairs[int(name[1:])]) for name in hidden)
            log.warning("not looked at, because the token may not see all of it: %s", names)
        found = {}
        for place, pair in enumerate(pairs):
            value = (answer.get(f"r{place}") or {}).get("pullRequest")
            if value and f"r{place}" not in incomplete and (facts := _facts(value)) is not None:
                found[pair] = facts
        return found

    def reviewed(self, number: int, marker: str, by: str) -> bool:
        """Whether that account posted a review whose text begins with a marker (1 request a page)."""
        call = self._get(
            f"/pulls/{number}/reviews", f"list the reviews of #{number}", needs="pull requests: read"
        )
        found = self._all(_Review, call)
        return any(review.user.login == by and review.body.startswith(marker) for review in found)

    def review(
        self, number: int, commit: str, body: str, remarks: Sequence[Remark], *, approve: bool
    ) -> None:
        """Post a review (1 to 3 requests).

        Who opened a pull request can neither approve it nor ask for changes, and a remark on a line that the
        change does not touch is refused: then the same is said as a comment, its remarks in the text.
        """
        event = "APPROVE" if approve else "REQUEST_CHANGES"
        placed: list[dict[str, object]] = [
            {"path": one.path, "line": one.line, "side": "RIGHT", "body": one.text}
            for one in remarks
            if one.path and one.line
        ]
        loose = "".join(
            f"\n- {one.path or 'In general'}: {one.text}" for one in remarks if not (one.path and one.line)
        )
        listed = "".join(
            f"\n- `{one.path}`{f', line {one.line}' if one.line else ''}: {one.text}"
            if one.path
            else f"\n- {one.text}"
            for one in remarks
        )
        attempts: tuple[tuple[str, str, list[dict[str, object]]], ...] = (
            (event, body + loose, placed),
            ("COMMENT", body + loose, placed),
            ("COMMENT", body + listed, []),
        )
        for last, (kind, text, comments) in enumerate(attempts, 1):
            fields = {"commit_id": commit, "event": kind, "body": text, "comments": comments}
            call = self._change(
                "POST",
                f"/pulls/{number}/reviews",
                f"review pull request #{number}",
                fields,
                needs="pull requests: write",
                kind="single write",
            )
            try:
                self.send(call)
            except Refused as error:
                if error.status != 422 or last == len(attempts):
                    raise
            else:
                return

    def merge_pull(self, number: int, head: str, method: str, title: str) -> None:
        """Merge a pull request if its head is still that commit; merged already is fine (1 to 2 requests).

        Raises Rejected where it cannot be merged, or where its head has moved.
        """
        call = self._change(
            "PUT",
            f"/pulls/{number}/merge",
            f"merge pull request #{number}",
            {"sha": head, "merge_method": method, "commit_title": title},
            needs="contents: write",
        )
        try:
            self.send(call)
        except Refused as error:
            seen = self.pulls([number]).get(number) if error.status == 405 else None
            if seen is None or seen.state != "merged":
                raise

    def update_pull(self, number: int, head: str) -> None:
        """Merge the base into a pull request's branch if its head is still that commit (1 request)."""
        call = self._change(
            "PUT",
            f"/pulls/{number}/update-branch",
            f"bring pull request #{number} up to date",
            {"expected_head_sha": head},
            needs="pull requests: write",
        )
        self.send(call)


def _facts(value: Mapping[str, Any]) -> PullFacts | None:
    """A pull request as the port names it; None where GitHub's answer is not what it documents."""
    commits = _nodes(value, "commits")
    commit = (commits[-1].get("commit") or {}) if commits else {}
    rollup = commit.get("statusCheckRollup")
    checks: Checks = _CHECKS.get(str(rollup.get("state")), "pending") if rollup else "none"
    try:
        return PullFacts(
            number=value["number"],
            url=str(value.get("url") or ""),
            branch=str(value.get("headRefName") or ""),
            base=str(value.get("baseRefName") or ""),
            head=str(value.get("headRefOid") or ""),
            parents=tuple(str(one.get("oid")) for one in _nodes(commit, "parents")),
            state=_CLOSED.get(str(value.get("state")), "open"),
            checks=checks,
            failing=_failing(rollup) if rollup and checks == "failed" else "",
            mergeable=_mergeable(value),
            requested=_requested(_nodes(value, "latestOpinionatedReviews")),
        )
    except (KeyError, ValueError) as error:  # of one pull request: the others are looked at all the same
        log.warning("%s was not looked at: GitHub's answer is unknown (%s)", value.get("url"), type(error))
        return None


def _mergeable(value: Mapping[str, Any]) -> Mergeable:
    match value.get("mergeable"):
        case "CONFLICTING":
            return "conflict"
        case "MERGEABLE":
            return _STATES.get(str(value.get("mergeStateStatus")), "yes")
        case _:
            return "unknown"


def _failing(rollup: Mapping[str, Any]) -> str:
    lines = []
    for one in _nodes(rollup, "contexts"):
        name = one.get("context") or one.get("name")
        verdict = str(one.get("conclusion") or one.get("state") or "")
        if verdict in _FAILED:
            says = one.get("description") or one.get("title") or verdict.lower()
            lines.append(f"{name}: {says} {one.get('targetUrl') or one.get('detailsUrl') or ''}".strip())
    return "\n".join(lines)[:4_000]


def _requested(reviews: Sequence[Mapping[str, Any]]) -> tuple[Requested, ...]:
    """The reviews of people that ask for changes."""
    found = []
    for review in reviews:
        author, text = review.get("author") or {}, str(review.get("body") or "")
        person = author.get("__typename") != "Bot" and not text.startswith(_OWN_REVIEW)
        if person and review.get("state") == "CHANGES_REQUESTED":
            login = str(author.get("login") or "ghost")
            id_ = int(str(review.get("fullDatabaseId")))
            found.append(Requested(id=id_, author=login, text=_said(review)[:4_000]))
    return tuple(sorted(found, key=lambda one: one.author))


def _said(review: Mapping[str, Any]) -> str:
    remarks = [
        f"{one.get('path')}:{one.get('line') or '?'}: {one.get('body')}" for one in _nodes(review, "comments")
    ]
    return "\n".join([str(review.get("body") or ""), *remarks]).strip()


def _nodes(value: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = value.get(name)
    nodes = found.get("nodes") if isinstance(found, Mapping) else None
    return [node for node in nodes if isinstance(node, Mapping)] if isinstance(nodes, list) else []
