"""Routes about branches and refs: reading, making, moving and deleting them, and their protection."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.hub.data import git_changes, git_data, git_merge
from bot.hub.data.pull_records import RefUpdate
from bot.hub.data.records import Repository, Role, User
from bot.hub.data.refusals import Invalid, Missing
from bot.hub.rest.call import Answer, Call

_WRITABLE = re.compile(r"^refs/(?!pull/)[^/]+/.+$")


def branches(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/branches``."""
    repository = call.repository()
    found = git_data.refs(call.world.repositories.path(repository), "refs/heads/")
    part = call.part()
    shown = [
        call.world.show.branch(name.removeprefix("refs/heads/"), sha, repository)
        for name, sha, _ in found[part.offset : part.offset + (part.limit or 0)]
    ]
    return Answer(shown, total=len(found))


def branch(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/branches/{branch}``."""
    repository, name = call.repository(), call.path["branch"]
    path = call.world.repositories.path(repository)
    if git_data.ref(path, f"refs/heads/{name}") is None:
        raise Missing("Branch not found")
    head = git_data.commits(path, f"refs/heads/{name}", limit=1)[0]
    return Answer(call.world.show.branch_in_full(name, head, repository))


def protection(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/branches/{branch}/protection``."""
    repository, name = call.repository(), call.path["branch"]
    rules = call.world.protections.find(repository, call.actor, name)
    return Answer(call.world.show.protection(name, rules, repository))


def protect(call: Call) -> Answer:
    """``PUT /repos/{owner}/{repo}/branches/{branch}/protection``."""
    repository, name = call.repository(), call.path["branch"]
    rules = call.world.protections.protect(repository, call.actor, name, call.fields())
    return Answer(call.world.show.protection(name, rules, repository))


def unprotect(call: Call) -> Answer:
    """``DELETE /repos/{owner}/{repo}/branches/{branch}/protection``."""
    call.world.protections.unprotect(call.repository(), call.actor, call.path["branch"])
    return Answer(status=204)


def ref(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/git/ref/{ref}``; the ref without ``refs/``."""
    repository = call.repository()
    found = git_data.ref(call.world.repositories.path(repository), f"refs/{call.path['ref']}")
    if found is None:
        raise Missing
    return Answer(call.world.show.ref(found, repository))


def matching_refs(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/git/matching-refs/{ref}``: all refs that start like this."""
    repository = call.repository()
    found = git_data.refs(call.world.repositories.path(repository), f"refs/{call.path['ref']}")
    return Answer([call.world.show.ref(item, repository) for item in found])


def create_ref(call: Call) -> Answer:
    """``POST /repos/{owner}/{repo}/git/refs``."""
    repository, given = call.repository(), call.fields()
    actor = call.world.repositories.require(repository, call.actor, Role.WRITE)
    name, sha = given.get("ref"), _object(call, repository, given)
    if not isinstance(name, str) or not _WRITABLE.match(name):
        raise Invalid(f"Reference name must start with 'refs/' and have at least two slashes: {name}")
    if git_data.ref(call.world.repositories.path(repository), name) is not None:
        raise Invalid("Reference already exists")
    _move(call, repository, actor, name, sha, git_merge.ABSENT)
    return _shown(call, repository, name, 201)


def edit_ref(call: Call) -> Answer:
    """``PATCH /repos/{owner}/{repo}/git/refs/{ref}``: fast forward, or anywhere with ``force``."""
    repository, given, name = call.repository(), call.fields(), f"refs/{call.path['ref']}"
    actor = call.world.repositories.require(repository, call.actor, Role.WRITE)
    sha, path = _object(call, repository, given), call.world.repositories.path(repository)
    found = git_data.ref(path, name)
    if found is None or not _WRITABLE.match(name):
        raise Invalid("Reference does not exist")
    if given.get("force") is not True and not git_changes.contains(path, sha, found[1]):
        raise Invalid("Update is not a fast forward")
    _move(call, repository, actor, name, sha, found[1])
    return _shown(call, repository, name, 200)


def delete_ref(call: Call) -> Answer:
    """``DELETE /repos/{owner}/{repo}/git/refs/{ref}``."""
    repository, name = call.repository(), f"refs/{call.path['ref']}"
    actor = call.world.repositories.require(repository, call.actor, Role.WRITE)
    found = git_data.ref(call.world.repositories.path(repository), name)
    if found is None or not _WRITABLE.match(name):
        raise Invalid("Reference does not exist")
    branch = name.removeprefix("refs/heads/")
    protected = call.world.protections.rules(repository, branch).protected
    if name.startswith("refs/heads/") and (protected or branch == repository.default_branch):
        raise Invalid("Cannot delete this branch")
    _move(call, repository, actor, name, git_merge.ABSENT, found[1])
    return Answer(status=204)


def _move(call: Call, repository: Repository, actor: User, name: str, new: str, old: str) -> None:
    """Set, move or delete a ref as it was found, and let everything know that hangs on it."""
    if not git_merge.move_ref(call.world.repositories.path(repository), name, new, old):
        raise Invalid("Reference cannot be updated")
    call.world.repositories.pushed(repository)
    call.world.pulls.pushed(repository, actor, [RefUpdate(old, new, name)])


def _object(call: Call, repository: Repository, given: Mapping[str, Any]) -> str:
    sha = given.get("sha")
    if not isinstance(sha, str) or git_data.resolve(call.world.repositories.path(repository), sha) != sha:
        raise Invalid("Object does not exist")
    return sha


def _shown(call: Call, repository: Repository, name: str, status: int) -> Answer:
    found = git_data.ref(call.world.repositories.path(repository), name)
    if found is None:
        raise Missing
    return Answer(call.world.show.ref(found, repository), status)
