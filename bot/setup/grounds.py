"""What the probes stand on in a real repository: temporary things with a mark, and how they go away again."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from bot.adapters.actions import ActionsContext
from bot.adapters.github.admin import GitHubAdmin
from bot.domain.errors import ForgeError, NotFound, Rejected
from bot.setup import reading
from bot.setup.reading import About
from bot.setup.writing import delete_ref

T = TypeVar("T")
log = logging.getLogger("orchestrator")

MARK = "orchestrator-probe"
"""The label of the temporary issue; branches and runs begin with it. Nothing else may be called so."""
_HIDDEN = f"<!-- {MARK} -->"
TITLE = "Temporary: orchestrator doctor --probe"
BODY = (
    f"{_HIDDEN}\nMade by `orchestrator doctor --probe`, which closes it when it ends. Should it stand here "
    "for longer, that was broken off: the next call of it takes away what is left."
)
WORKER = "worker.yml"
"""The workflow that is dispatched: it does nothing for an assignment that does not exist."""
PATIENCE = 60.0
"""Seconds that a list is given to show what was written: what `sweep.lag_seconds` gives it by default."""
PAUSE = 1.0
_UNDER_WAY = ("queued", "in_progress", "waiting", "pending", "requested")
_PINNED = """
query($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) { pinnedIssues(first: 3) { nodes { issue { id number } } } }
}
"""
_UNPIN = "mutation($id: ID!) { unpinIssue(input: {issueId: $id}) { id } }"


@dataclass
class Grounds:
    """One call of ``doctor --probe`` in one repository."""

    context: ActionsContext
    environ: Mapping[str, str]
    name: str
    """Of this call: begins with ``MARK``, and differs from that of any other."""
    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    issue: dict[str, Any] | None = None
    """The temporary issue, once it is made."""
    comment: int = 0
    """A comment in it; 0: none was made."""
    branch: str = ""
    """The temporary branch, from when on it may exist."""

    @cached_property
    def admin(self) -> GitHubAdmin:
        """The way to GitHub."""
        return GitHubAdmin(self.context.repository, self.context.token, self.context.api_url)

    @cached_property
    def about(self) -> About:
        """The repository. Raises UsageError where there is none."""
        return reading.about(self.admin)

    @property
    def remote(self) -> str:
        """Where git finds the repository."""
        return f"{self.context.server_url}/{self.context.repository}.git"

    def until(self, look: Callable[[], T | None]) -> tuple[T | None, float]:
        """Look again and again until there is something; (it, the seconds that took). None: it never came."""
        began = self.monotonic()
        while True:
            found, waited = look(), self.monotonic() - began
            if found is not None or waited >= PATIENCE:
                return found, waited
            self.sleep(PAUSE)

    def pinned(self) -> dict[int, str]:
        """The pinned issues: number → id in GraphQL."""
        owner, name = self.admin.owner, self.admin.name
        data = self.admin.graph("list the pinned issues", _PINNED, owner=owner, name=name)
        nodes = data["repository"]["pinnedIssues"]["nodes"]
        return {node["issue"]["number"]: node["issue"]["id"] for node in nodes}

    def run(self) -> dict[str, Any] | None:
        """This call's run of the worker's workflow, where it is listed."""
        return next((one for one in self.runs() if one["display_title"] == f"{self.name}@0"), None)

    def runs(self) -> list[dict[str, Any]]:
        """The newest runs of the worker's workflow that any probe has started."""
        found = self.admin.ask(
            "list the worker's runs", "actions.list_workflow_runs", workflow_id=WORKER, per_page=50
        ).json["workflow_runs"]
        return [one for one in found if one["display_title"].startswith(MARK)]


# taking away


def clear(grounds: Grounds) -> tuple[list[str], list[str]]:
    """Take away what this call has made, and what earlier ones have left; (what was, what could not be).

    Everything is looked up by its mark; what this call has made is also known without a list, which may be
    behind. The label goes last, because issues are found by it.
    """
    done: list[str] = []
    left: list[str] = []
    for step in (_runs, _pins, _issues, _branches, _label):
        if step is _label and left:
            left.append(f"the label {MARK} stays, by which the next call finds the rest")
            break
        try:
            done += step(grounds)
        except ForgeError as error:
            left.append(" ".join(str(error).split()))
    return done, left


def _runs(grounds: Grounds) -> list[str]:
    """A run that the list does not show is none: what was never listed is told by the probe itself."""
    try:
        going = [one for one in grounds.runs() if one["status"] in _UNDER_WAY]
    except NotFound:  # no such workflow: nothing was ever started
        return []
    for one in going:
        try:
            grounds.admin.ask("cancel a run", "actions.cancel_workflow_run", run_id=one["id"])
        except Rejected as error:  # 409: it has just ended
            log.debug("%s", error)
    return [f"run {one['id']} was cancelled" for one in going]


def _pins(grounds: Grounds) -> list[str]:
    mine = {one["number"] for one in _open_issues(grounds)}
    pins = {number: id_ for number, id_ in grounds.pinned().items() if number in mine} if mine else {}
    for id_ in pins.values():
        grounds.admin.graph("unpin the temporary issue", _UNPIN, id=id_)
    return [f"issue #{number} was unpinned" for number in pins]


def _issues(grounds: Grounds) -> list[str]:
    """Only administrators can delete an issue: it is closed."""
    found = _open_issues(grounds)
    for one in found:
        grounds.admin.ask(
            "close the temporary issue",
            "issues.update",
            issue_number=one["number"],
            state="closed",
            state_reason="not_planned",
        )
    return [f"issue #{one['number']} was closed: a token cannot always delete one" for one in found]


def _open_issues(grounds: Grounds) -> list[dict[str, Any]]:
    listed = grounds.admin.every("list the issues", "issues.list_for_repo", state="open", labels=MARK)
    found = {one["number"]: one for one in listed if _HIDDEN in (one["body"] or "")}
    if (own := grounds.issue) is not None and own["number"] not in found:
        found[own["number"]] = own
    return list(found.values())


def _branches(grounds: Grounds) -> list[str]:
    admin = grounds.admin
    rows = admin.ask("list the temporary branches", "git.list_matching_refs", ref=f"heads/{MARK}-").json
    names = {row["ref"].removeprefix("refs/") for row in rows}
    if grounds.branch:
        names.add(f"heads/{grounds.branch}")
    gone = []
    for name in sorted(names):
        try:
            delete_ref(admin, name)
        except (NotFound, Rejected) as error:  # GitHub's 422 for a ref that is not there
            if reading.head(admin, name.removeprefix("heads/")):
                raise
            log.debug("%s", error)
        else:
            gone.append(f"branch {name.removeprefix('heads/')} was deleted")
    return gone


def _label(grounds: Grounds) -> list[str]:
    try:
        grounds.admin.ask("delete the temporary label", "issues.delete_label", name=MARK)
    except NotFound:
        return []
    return [f"label {MARK} was deleted"]
