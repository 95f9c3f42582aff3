"""Routes that read and write git's trees and commits, and one file at a time."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from bot.hub.data import git_data, git_merge, git_objects
from bot.hub.data.git_data import Signature
from bot.hub.data.pull_records import RefUpdate
from bot.hub.data.records import Repository, Role, User
from bot.hub.data.refusals import Clash, Invalid, Missing, NotAllowed
from bot.hub.rest.call import Answer, Call

_EMPTY = "Git Repository is empty."


def create_tree(call: Call) -> Answer:
    """``POST /repos/{owner}/{repo}/git/trees``; 409 in a repository without any commit."""
    repository, given = call.repository(), call.fields()
    call.world.repositories.require(repository, call.actor, Role.WRITE)
    path = call.world.repositories.path(repository)
    if git_data.resolve(path, repository.default_branch) is None:
        raise Clash(_EMPTY)
    entries = given.get("tree")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise Invalid("Invalid tree info")
    base = given.get("base_tree")
    if base is not None and git_objects.kind(path, str(base)) not in ("tree", "commit"):
        raise Invalid("base_tree is not a tree oid")
    return _tree(call, repository, git_objects.write_tree(path, base, entries), 201)


def tree(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/git/trees/{tree}``: entries of the first level."""
    repository = call.repository()
    path, name = call.world.repositories.path(repository), call.path["tree"]
    sha = git_data.resolve(path, name) or name
    if git_objects.kind(path, sha) not in ("tree", "commit"):
        raise Missing
    return _tree(call, repository, sha, 200)


def create_commit(call: Call) -> Answer:
    """``POST /repos/{owner}/{repo}/git/commits``."""
    repository, given = call.repository(), call.fields()
    actor = call.world.repositories.require(repository, call.actor, Role.WRITE)
    path = call.world.repositories.path(repository)
    tree_sha, parents, message = given.get("tree"), given.get("parents") or [], given.get("message")
    if not isinstance(message, str):
        raise Invalid('Invalid request.\n\n"message" wasn\'t supplied.')
    if git_objects.kind(path, str(tree_sha)) != "tree":
        raise Invalid("Tree SHA does not exist")
    if any(git_objects.kind(path, str(parent)) != "commit" for parent in parents):
        raise Invalid("Parent SHA does not exist or is not a commit object")
    who = _signature(call, actor)
    sha = git_merge.write_commit(path, str(tree_sha), parents, who, who, message)
    return Answer(_commit(call, repository, sha), 201)


def commit(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/git/commits/{sha}``."""
    repository = call.repository()
    if git_objects.kind(call.world.repositories.path(repository), call.path["sha"]) != "commit":
        raise Missing
    return Answer(_commit(call, repository, call.path["sha"]))


def put_file(call: Call) -> Answer:
    """``PUT /repos/{owner}/{repo}/contents/{path}``: one commit with one file, also the first of all."""
    repository, given, name = call.repository(), call.fields(), call.path["path"]
    actor = call.world.repositories.require(repository, call.actor, Role.WRITE)
    path = call.world.repositories.path(repository)
    branch = str(given.get("branch") or repository.default_branch)
    content, message = _decoded(given), given.get("message")
    if not isinstance(message, str):
        raise Invalid('Invalid request.\n\n"message" wasn\'t supplied.')
    if call.world.protections.rules(repository, branch).protected:
        raise NotAllowed("Repository rule violations found")
    head = git_data.resolve(path, f"refs/heads/{branch}") if branch else None
    if head is None and git_data.resolve(path, repository.default_branch) is not None:
        raise Missing(f"Branch {branch} not found")
    found = git_data.entry(path, head, name) if head else None
    if found is not None and found.sha != given.get("sha"):
        raise (
            Invalid('Invalid request.\n\n"sha" wasn\'t supplied.')
            if "sha" not in given
            else Clash(f"{name} does not match {given['sha']}")
        )
    entry = {"path": name, "mode": "100644", "sha": git_objects.write_blob(path, content)}
    made = git_objects.write_tree(path, head, [entry])
    who = _signature(call, actor)
    sha = git_merge.write_commit(path, made, [head] if head else [], who, who, message)
    ref = f"refs/heads/{branch}"
    if not git_merge.move_ref(path, ref, sha, head or git_merge.ABSENT):
        raise Clash(f"{branch} was updated meanwhile")
    call.world.repositories.pushed(repository)
    call.world.pulls.pushed(repository, actor, [RefUpdate(head or git_merge.ABSENT, sha, ref)])
    shown = git_data.entry(path, sha, name)
    file = call.world.show.entry(shown, branch, repository) if shown else None
    answer = {"content": file, "commit": _commit(call, repository, sha)}
    return Answer(answer, 200 if found else 201)


def _decoded(given: Mapping[str, Any]) -> bytes:
    try:
        return base64.b64decode(str(given.get("content", "")).replace("\n", ""), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid("content is not valid Base64") from error


def _signature(call: Call, actor: User) -> Signature:
    return Signature(actor.name, f"{actor.login}@users.noreply.localhost", call.world.clock.now())


def _tree(call: Call, repository: Repository, sha: str, status: int) -> Answer:
    path, api = call.world.repositories.path(repository), call.world.show.api_of(repository)
    entries = [
        {
            "path": entry.path,
            "mode": entry.mode,
            "type": entry.kind,
            "sha": entry.sha,
            **({"size": entry.size} if entry.kind == "blob" else {}),
            "url": f"{api}/git/{entry.kind}s/{entry.sha}",
        }
        for entry in git_data.directory(path, sha, "")
    ]
    return Answer({"sha": sha, "url": f"{api}/git/trees/{sha}", "tree": entries, "truncated": False}, status)


def _commit(call: Call, repository: Repository, sha: str) -> dict[str, Any]:
    path, show = call.world.repositories.path(repository), call.world.show
    full = show.commit(git_data.commits(path, sha, limit=1)[0], repository)
    git = full["commit"]
    return {
        "sha": sha,
        "node_id": full["node_id"],
        "url": f"{show.api_of(repository)}/git/commits/{sha}",
        "html_url": full["html_url"],
        **{name: git[name] for name in ("author", "committer", "message", "tree")},
        "parents": full["parents"],
        "verification": git.get("verification")
        or {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None},
    }
