"""Whether the state is where it should be and holds together: the branch, labels, the pinned issue, rules."""

from __future__ import annotations

from typing import Any

from bot.adapters.git.shelf import shelf_of
from bot.domain import invariants
from bot.domain.base import SCHEMA
from bot.domain.errors import ForgeError, SchemaTooNew, StateInvalid
from bot.render.labels import definitions
from bot.setup import reading
from bot.setup.examination import Examination
from bot.setup.findings import Found, Unseen
from bot.setup.plan import APP_ID, GENESIS
from bot.setup.workflow_files import FOLDER

_HARMLESS = ("deletion", "required_linear_history")
"""Rules that stand in nobody's way: the bot adds commits to its branches, and deletes none."""
_COMPACT = f"{FOLDER}/compact.yml"
_PINNED = """
query($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) { pinnedIssues(first: 3) { nodes { issue { number } } } }
}
"""


def state_branch(examination: Examination) -> Found:
    """The state: there, of a schema that this version knows, and without contradictions."""
    branch = examination.state_branch
    restore = (
        f"find the last good commit (orchestrator replay; git log origin/{branch}) and push it back: "
        f"git push --force-with-lease origin GOOD:{branch}"
    )
    try:
        found = examination.state
    except SchemaTooNew as error:
        return Found(str(error), "install the newest orchestrator, then orchestrator upgrade")
    except StateInvalid as error:
        return Found(str(error), restore)
    if found is None:
        return Found(f"there is no branch {branch}", f"orchestrator init {examination.name}")
    version, state = found
    broken = list(invariants.problems(state))
    if broken:
        return Found(f"{version[:12]} contradicts itself: {broken[0]} ({len(broken)} in all)", restore)
    archived, shelf = state.archived.count, shelf_of(branch)
    mend = f"push {shelf} back from a clone, or orchestrator state import of an export with --archive"
    there = bool(reading.head(examination.admin, shelf))
    if archived and not there:
        return Found(f"{archived} projects are to be on the branch {shelf}, which is not there", mend)
    if there and not archived and not state.archived.place:
        return Found(
            f"there is a branch {shelf} that is not the bot's: nothing was archived yet", "rename it"
        )
    text = f"{version[:12]} holds together: schema {SCHEMA}, {len(state.projects)} projects"
    return Found(f"{text}, {archived} in {shelf}" if archived else text)


def labels(examination: Examination) -> Found:
    """The labels that show where a project is."""
    wanted = definitions(examination.config)
    missing = sorted(set(wanted) - reading.labels(examination.admin))
    if missing:
        return Found(f"missing: {', '.join(missing)}", f"orchestrator init {examination.name}")
    return Found(f"all {len(wanted)}")


def status_issue(examination: Examination) -> Found:
    """The pinned issue that shows how the fleet is doing."""
    name = examination.name
    if not examination.config.status_issue.enabled:
        return Found("switched off by the configuration")
    try:
        found = examination.state
    except StateInvalid:
        found = None
    if found is None:
        raise Unseen("the state branch, which knows its number, cannot be read")
    shown = found[1].showing.status
    if shown is None:
        return Found("none yet: the monitor's next look makes it")
    number, admin = shown.number, examination.admin
    issue = admin.ask(f"look at issue #{number}", "issues.get", issue_number=number).json
    if issue["state"] != "open":
        return Found(f"#{number} is closed, so it is left alone", f"gh issue reopen {number} --repo {name}")
    answer = admin.graph("look at the pinned issues", _PINNED, owner=admin.owner, name=admin.name)
    pinned = [node["issue"]["number"] for node in answer["repository"]["pinnedIssues"]["nodes"]]
    if number in pinned:
        return Found(f"#{number} is pinned")
    full = f" after unpinning one of {', '.join(f'#{n}' for n in pinned)}" if len(pinned) >= 3 else ""
    return Found(f"#{number} is not pinned", f"gh issue pin {number} --repo {name}{full}")


def protection(examination: Examination) -> Found:
    """Rules for branches that would refuse the bot's pushes or hold up its merges."""
    branch, name = examination.state_branch, examination.name
    for one in (branch, shelf_of(branch)):
        if rules := _rules(examination, one):
            return Found(
                f"a ruleset holds the branch {one} to {', '.join(rules)}",
                f"leave {one} out of it: {examination.page}/settings/rules",
            )
        if _is_protected(examination, one):
            return Found(
                f"the branch {one} is protected", f"gh api -X DELETE repos/{name}/branches/{one}/protection"
            )
    if _here(examination) and (held := _rules(examination, "projects/any")):
        hindered = [kind for kind in held if kind != "pull_request"]
        merges = examination.config.pull_requests.merge == "auto" and "pull_request" in held
        if hindered or merges:
            return Found(
                f"a ruleset holds the branches of projects to {', '.join(held)}",
                f"leave projects/** out of it: {examination.page}/settings/rules",
            )
    return Found(f"nothing holds up {branch} or merges")


def _rules(examination: Examination, branch: str) -> list[str]:
    rows: list[Any] = reading.rows(
        examination.admin, f"look at the rules of {branch}", "repos.get_branch_rules", branch=branch
    )
    shortened = branch == examination.state_branch and examination.files[_COMPACT] is not None
    harmless = _HARMLESS if shortened else (*_HARMLESS, "non_fast_forward")
    return sorted({row["type"] for row in rows} - set(harmless))


def _is_protected(examination: Examination, branch: str) -> bool:
    if not reading.head(examination.admin, branch):
        return False
    reply = examination.admin.ask(f"look at the branch {branch}", "repos.get_branch", branch=branch)
    return bool(reply.json["protected"])


def _here(examination: Examination) -> bool:
    """Whether projects live on branches of this repository."""
    try:
        return GENESIS not in examination.secrets and APP_ID not in examination.variables
    except ForgeError:
        return True
