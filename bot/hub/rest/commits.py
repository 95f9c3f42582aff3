"""Routes about single commits: with their files, compared, and what is said of them."""

from __future__ import annotations

from typing import Any

from bot.hub.data import git_changes, git_data
from bot.hub.data.refusals import Invalid, Missing
from bot.hub.rest.call import Answer, Call


def show(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/commits/{ref}``."""
    repository, sha = call.repository(), commit_of(call)
    (commit,) = git_data.commits(call.world.repositories.path(repository), sha, limit=1)
    return Answer(call.world.show.commit_in_full(commit, repository))


def create_status(call: Call) -> Answer:
    """``POST /repos/{owner}/{repo}/statuses/{sha}``."""
    repository, given = call.repository(), call.fields()
    status = call.world.statuses.create(
        repository,
        call.actor,
        call.path["sha"],
        given.get("state"),
        context=given.get("context"),
        description=given.get("description"),
        target_url=given.get("target_url"),
    )
    shown = call.world.show.status(status, repository)
    return Answer(shown, 201, {"Location": shown["url"]})


def statuses(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/commits/{ref}/statuses``, by its older name too: newest first."""
    repository, sha = call.repository(), commit_of(call)
    found = call.world.statuses.of(repository, sha, call.part())
    shown = [call.world.show.status(status, repository) for status in found]
    return Answer(shown, total=call.world.statuses.count(repository, sha))


def combined_status(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/commits/{ref}/status``."""
    repository, sha, part = call.repository(), commit_of(call), call.part()
    latest = call.world.statuses.latest(repository, sha)
    chosen = latest[part.offset : part.offset + (part.limit or 0)]
    return Answer(call.world.show.combined_status(sha, latest, chosen, repository), total=len(latest))


def check_runs(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/commits/{ref}/check-runs``: no app makes any on the hub."""
    commit_of(call)
    return Answer({"total_count": 0, "check_runs": []}, total=0)


def compare(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/compare/{base}...{head}``."""
    repository, show = call.repository(), call.world.show
    path = call.world.repositories.path(repository)
    names = [name.rpartition(":")[2] for name in call.path["range"].split("...", 1)]
    shas = [git_data.resolve(path, name) for name in names]
    if len(shas) != 2 or None in shas:
        raise Missing
    base, head = str(shas[0]), str(shas[1])
    common = git_changes.merge_base(path, base, head)
    if common is None:
        raise Missing(f"No common ancestor between {names[0]} and {names[1]}.")
    ahead, behind = git_changes.distance(path, base, head)
    part = call.part()
    found = git_changes.between(path, base, head)
    address = f"{show.api_of(repository)}/compare/{names[0]}...{names[1]}"
    page = f"{show.page_of(repository)}/compare/{names[0]}...{names[1]}"

    def commit(sha: str) -> Any:  # noqa: ANN401
        return show.commit(git_data.commits(path, sha, limit=1)[0], repository)

    return Answer(
        {
            "url": address,
            "html_url": page,
            "permalink_url": f"{show.page_of(repository)}/compare/{base}...{head}",
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "base_commit": commit(base),
            "merge_base_commit": commit(common),
            "status": _relation(ahead, behind),
            "ahead_by": ahead,
            "behind_by": behind,
            "total_commits": ahead,
            "commits": [show.commit(each, repository) for each in found[part.offset :][: part.limit]],
            "files": [show.change(each, head, repository) for each in git_changes.files(path, common, head)],
        },
        total=len(found),
    )


def commit_of(call: Call) -> str:
    """The id of the commit that the path's ``ref`` names. Raises Invalid in GitHub's words."""
    sha = git_data.resolve(call.world.repositories.path(call.repository()), call.path["ref"])
    if sha is None:
        raise Invalid(f"No commit found for SHA: {call.path['ref']}")
    return sha


def _relation(ahead: int, behind: int) -> str:
    if ahead and behind:
        return "diverged"
    return "ahead" if ahead else ("behind" if behind else "identical")
