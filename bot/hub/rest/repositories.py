"""Routes about repositories, their branches, refs, commits and files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.hub.data import git_data
from bot.hub.data.actions_settings import FEATURES, boolean
from bot.hub.data.records import Repository, User
from bot.hub.data.refusals import Missing, NotAllowed, Unauthenticated
from bot.hub.rest.call import Answer, Call


def create_own(call: Call) -> Answer:
    """``POST /user/repos``."""
    if call.actor is None:
        raise Unauthenticated
    if call.actor.type != "User":
        raise NotAllowed("Resource not accessible by integration")
    return _create(call, call.actor, call.actor)


def create_in_organization(call: Call) -> Answer:
    """``POST /orgs/{org}/repos``."""
    if call.actor is None:
        raise Unauthenticated
    owner = call.world.users.find(call.path["org"])
    if owner.type != "Organization":
        raise Missing
    return _create(call, owner, call.actor)


def show(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}``."""
    return Answer(call.world.show.repository(call.repository(), call.actor))


def edit(call: Call) -> Answer:
    """``PATCH /repos/{owner}/{repo}``."""
    given = call.fields()
    names = ("description", "homepage", "private", "default_branch")
    changes = {name: given[name] for name in names if given.get(name) is not None}
    repository = call.world.repositories.edit(call.repository(), call.actor, **changes)
    switches = {name: boolean(given, name) for name in FEATURES}
    if any(value is not None for value in switches.values()):
        call.world.settings.write(repository, call.actor, "features", **switches)
    return Answer(call.world.show.repository(repository, call.actor))


def delete(call: Call) -> Answer:
    """``DELETE /repos/{owner}/{repo}``."""
    call.world.repositories.delete(call.repository(), call.actor)
    return Answer(status=204)


def commits(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/commits``, with ``sha``, ``path``, ``since`` and ``until``."""
    repository, part = call.repository(), call.part()
    path = call.world.repositories.path(repository)
    start = call.query.get("sha") or repository.default_branch
    times = {name: call.since(name) for name in ("since", "until")}
    chosen: Mapping[str, str] = {
        "file": call.query.get("path", "").strip("/"),
        **{name: time.isoformat() for name, time in times.items() if time},
    }
    found = git_data.commits(path, start, limit=part.limit or 0, skip=part.offset, **_texts(chosen))
    total = git_data.count_commits(path, start, **_texts(chosen))
    return Answer([call.world.show.commit(commit, repository) for commit in found], total=total)


def contents(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/contents/{path}``: a file, or the entries of a directory."""
    repository, name = call.repository(), call.path.get("path", "").strip("/")
    path = call.world.repositories.path(repository)
    wanted = call.query.get("ref") or repository.default_branch
    commit = git_data.resolve(path, wanted)
    if commit is None:
        raise Missing(f"No commit found for the ref {wanted}" if "ref" in call.query else "Not Found")
    found = git_data.entry(path, commit, name)
    if found is None or ".." in name.split("/"):
        raise Missing
    show = call.world.show
    if found.kind == "tree":
        entries = git_data.directory(path, commit, name)
        return Answer([show.entry(item, wanted, repository) for item in entries])
    return Answer(show.file(found, git_data.blob(path, found.sha), wanted, repository))


def _create(call: Call, owner: User, actor: User) -> Answer:
    given = call.fields()
    name = given.get("name")
    readme = f"# {name}\n" if given.get("auto_init") else None
    repository: Repository = call.world.repositories.create(
        owner,
        actor,
        name,
        description=given.get("description"),
        homepage=given.get("homepage"),
        private=bool(given.get("private") or given.get("visibility") == "private"),
        readme=readme,
    )
    headers = {"Location": call.world.show.api_of(repository)}
    return Answer(call.world.show.repository(repository, actor), 201, headers)


def _texts(chosen: Mapping[str, str]) -> dict[str, Any]:
    return dict(chosen)
