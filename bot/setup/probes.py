"""What a program can show of GitHub only on GitHub itself: one function a probe, each a few requests."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.adapters.git.store import GitStore
from bot.domain.base import stamp
from bot.domain.errors import Conflict, NotFound, Rejected
from bot.ports.store import Look
from bot.setup.findings import Found, Unseen
from bot.setup.grounds import BODY, MARK, PATIENCE, TITLE, WORKER, Grounds

ROUNDS = 3
"""Pairs of pushes from the same parent."""
RIVALS = 2
MOST_PINS = 3
_LATE = "raise `sweep.lag_seconds` and `delivery.grace_seconds` in .github/orchestrator.yml above that"
_REPORT = "report it, with this line: the program counts on it"
_VIEWER = "{ viewer { login } }"
_PIN = "mutation($id: ID!) { pinIssue(input: {issueId: $id}) { issue { id } } }"
_UNPIN = "mutation($id: ID!) { unpinIssue(input: {issueId: $id}) { id } }"


@dataclass(frozen=True, slots=True)
class Probe:
    """One thing that is done and looked at."""

    name: str
    what: str
    """What is done."""
    expected: str
    why: str
    look: Callable[[Grounds], Found]
    """Raises ForgeErrors and Unseen where it cannot be done."""


def issue(grounds: Grounds) -> Found:
    """Make the label and the issue that the others stand on."""
    admin = grounds.admin
    try:
        admin.ask("make a label", "issues.create_label", name=MARK, color="ededed", description=TITLE)
    except Rejected as error:
        if "already_exists" not in str(error) and "already exists" not in str(error):
            raise
    made = admin.ask("make an issue", "issues.create", title=TITLE, body=BODY, labels=[MARK])
    grounds.issue = made.json
    listed, waited = grounds.until(lambda: _listed_issue(grounds))
    return _measured(f"issue #{made.json['number']}, listed by its label", listed, waited)


def _listed_issue(grounds: Grounds) -> Any | None:  # noqa: ANN401 - GitHub's JSON
    rows = grounds.admin.ask(
        "list the issues with a label", "issues.list_for_repo", state="all", labels=MARK
    ).json
    return next((row for row in rows if row["number"] == _issue(grounds)["number"]), None)


def _issue(grounds: Grounds) -> dict[str, Any]:
    if grounds.issue is None:
        raise Unseen("there is no temporary issue to do it in")
    return grounds.issue


def comment(grounds: Grounds) -> Found:
    """Comment, then ask for the list that the sweep reads, until it is there."""
    number, since = _issue(grounds)["number"], datetime.now(UTC) - timedelta(minutes=5)
    made = grounds.admin.ask(
        "comment", "issues.create_comment", issue_number=number, body=f"A comment of {grounds.name}."
    )
    grounds.comment = made.json["id"]
    since = min(since, (made.date or since) - timedelta(minutes=5))
    seen, waited = grounds.until(lambda: _listed_comment(grounds, since))
    return _measured("a new comment, in the repository's list of comments", seen, waited)


def _listed_comment(grounds: Grounds, since: datetime, text: str = "") -> Any | None:  # noqa: ANN401
    rows = grounds.admin.every(
        "list the comments", "issues.list_comments_for_repo", since=stamp(since), sort="created"
    )
    return next((row for row in rows if row["id"] == grounds.comment and text in row["body"]), None)


def edit(grounds: Grounds) -> Found:
    """Edit the comment, then ask for the same list since a moment after it was made."""
    if not grounds.comment:
        raise Unseen("there is no comment to edit")
    text = f"Edited by {grounds.name}."
    done = grounds.admin.ask(
        "edit the comment", "issues.update_comment", comment_id=grounds.comment, body=text
    )
    changed = datetime.fromisoformat(done.json["updated_at"])
    seen, waited = grounds.until(lambda: _listed_comment(grounds, changed, text))
    return _measured("the new text, in the list since the edit", seen, waited)


def label(grounds: Grounds) -> Found:
    """Ask for the issue events until the label's is there."""
    number = _issue(grounds)["number"]

    def look() -> Any | None:  # noqa: ANN401
        rows = grounds.admin.ask("list the issue events", "issues.list_events_for_repo", per_page=100).json
        mine = [row for row in rows if (row.get("issue") or {}).get("number") == number]
        return next((row for row in mine if row["event"] == "labeled"), None)

    seen, waited = grounds.until(look)
    return _measured("the event of its label, in the repository's list of issue events", seen, waited)


def conditional(grounds: Grounds) -> Found:
    """Ask for a list again by its ETag."""
    number, operation = _issue(grounds)["number"], "issues.list_comments"
    first = grounds.admin.ask("list the comments", operation, issue_number=number)
    if not first.etag:
        return Found("the answer has no ETag", _REPORT)
    again = grounds.admin.ask(
        "list the comments", operation, issue_number=number, headers={"If-None-Match": first.etag}
    )
    if again.status != 304:
        return Found(f"asked again by its ETag, GitHub answers {again.status}", _REPORT)
    if first.used is None or again.used is None:
        return Found("unchanged (304); GitHub does not tell what it counted")
    price = again.used - first.used
    told = "free" if price <= 0 else f"counted {price} (others may use the token)"
    return Found(f"unchanged (304), {told}")


def graphql(grounds: Grounds) -> Found:
    """Ask whose token it is."""
    login = grounds.admin.graph("ask whose token this is", _VIEWER)["viewer"]["login"]
    return Found(f"the token is {login}'s")


def pin(grounds: Grounds) -> Found:
    """Pin the issue and unpin it; where three are pinned, see how a fourth is refused."""
    made, before = _issue(grounds), grounds.pinned()
    try:
        grounds.admin.graph("pin an issue", _PIN, id=made["node_id"])
    except Rejected as error:
        if len(before) < MOST_PINS:
            raise
        return Found(f"{len(before)} are pinned, and one more is refused: {error}")
    seen, waited = grounds.until(lambda: grounds.pinned().get(made["number"]))
    grounds.admin.graph("unpin it", _UNPIN, id=made["node_id"])
    if len(before) >= MOST_PINS:
        return Found(f"{len(before)} are pinned, and one more is not refused", _REPORT)
    return _measured("pinned, in the list of pinned issues", seen, waited)


def pushes(grounds: Grounds) -> Found:
    """Push twice at once from the same parent, by the code that saves the state."""
    grounds.branch = grounds.name
    winners = []
    with ExitStack() as stack, ThreadPoolExecutor(RIVALS) as both:
        stores = [stack.enter_context(_store(grounds, str(one))) for one in range(RIVALS)]
        stores[0].save(stores[0].load(), {"probe": b"0\n"}, "probe", at=datetime.now(UTC))
        for turn in range(ROUNDS):
            looks = [store.load() for store in stores]
            if len({look.version for look in looks}) > 1:
                return Found("two reads of a branch differ although nobody pushed in between", _REPORT)
            saves = [
                both.submit(_won, store, look, f"{turn}-{one}\n".encode())
                for one, (store, look) in enumerate(zip(stores, looks, strict=True))
            ]
            winners.append(sum(save.result() for save in saves))
    told = f"of {RIVALS} pushes from the same parent {' / '.join(map(str, winners))} won, in {ROUNDS} rounds"
    return Found(told, "" if winners == [1] * ROUNDS else _REPORT)


def _store(grounds: Grounds, rival: str) -> GitStore:
    return GitStore(
        grounds.remote,
        grounds.branch,
        nonce=f"{grounds.name}-{rival}",
        token=grounds.context.token,
        environment=grounds.environ,
        sleep=grounds.sleep,
    )


def _won(store: GitStore, look: Look, content: bytes) -> bool:
    try:
        store.save(look, {"probe": content}, "probe", at=datetime.now(UTC))
    except Conflict:
        return False
    return True


def refs(grounds: Grounds) -> Found:
    """Ask the API for the branch that git has just pushed."""
    if not grounds.branch:
        raise Unseen("there is no temporary branch")
    with _store(grounds, "reader") as store:
        head = store.peek().version
    if head is None:
        raise Unseen("the temporary branch could not be pushed")

    def look() -> str | None:
        try:
            asked = f"heads/{grounds.branch}"
            found = grounds.admin.ask("look at the branch", "git.get_ref", ref=asked).json
        except NotFound:
            return None
        return str(found["object"]["sha"]) if found["object"]["sha"] == head else None

    seen, waited = grounds.until(look)
    return _measured("what git pushed, in the API", seen, waited)


def dispatch(grounds: Grounds) -> Found:
    """Start a worker for an assignment that does not exist, wait until its run is listed, and cancel it."""
    asked = {"ref": grounds.about.default_branch, "inputs": {"assignment": f"{grounds.name}@0"}}
    try:
        grounds.admin.ask(
            "start a workflow", "actions.create_workflow_dispatch", workflow_id=WORKER, data=asked
        )
    except NotFound as error:
        raise Unseen(f"{WORKER} cannot be started ({error}); `orchestrator init` proposes it") from None
    run, waited = grounds.until(grounds.run)
    if run is None:
        return _measured("a run", run, waited)
    return _measured(f"run {run['id']}, named after its assignment, {run['status']},", run, waited)


def _measured(what: str, seen: object | None, waited: float) -> Found:
    if seen is None:
        return Found(f"{what}: not seen within {waited:.0f} s", _LATE)
    return Found(f"{what} after {waited:.1f} s")


_SOON = f"listed within {PATIENCE:.0f} s"
PROBES: tuple[Probe, ...] = (
    Probe(
        "issue",
        "makes a label, and an issue with it; lists the issues with that label",
        _SOON,
        "the pinned issue and those of alerts are found again by their labels",
        issue,
    ),
    Probe(
        "comment",
        "comments, and reads the repository's list of comments again and again",
        _SOON,
        "commands, and the proof that a reply was made, are found there; what is late is delivered twice",
        comment,
    ),
    Probe(
        "comment edit",
        "edits the comment, and reads the same list since then",
        _SOON,
        "that progress was written is seen there without a request of its own",
        edit,
    ),
    Probe("label", "reads the list of issue events", _SOON, "labels that people set are found there", label),
    Probe(
        "conditional request",
        "asks for a list twice, the second time by its ETag",
        "304, and free",
        "a loop that looks every 30 seconds rests on it",
        conditional,
    ),
    Probe(
        "GraphQL",
        "asks whose token it is",
        "a login",
        "by its account the bot knows its own comments",
        graphql,
    ),
    Probe(
        "pin",
        "pins the issue and unpins it",
        f"pinned, or refused in words where {MOST_PINS} are",
        "people look at the pinned issue first",
        pin,
    ),
    Probe(
        "concurrent pushes",
        f"pushes {RIVALS} commits at once onto the same parent, {ROUNDS} times, to a temporary branch",
        "exactly one wins, each time",
        "it is what keeps the state from being overwritten",
        pushes,
    ),
    Probe(
        "branch",
        "asks the API for what git has pushed",
        _SOON,
        "the configuration is read from the API after git shows a push",
        refs,
    ),
    Probe(
        "dispatch",
        f"starts {WORKER} for an assignment that does not exist, and cancels its run",
        _SOON,
        "each assignment is such a run, found again by its name",
        dispatch,
    ),
)
