"""Writes to a repository on GitHub: one commit, one pull request, variables and sealed secrets."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from bot.adapters.github.admin import GitHubAdmin
from bot.domain.errors import Forbidden, NotFound
from bot.setup import reading
from bot.setup.reading import Proposal

Changes = Mapping[str, str | None]
"""Path → the file's text; None where it goes."""
_NEEDS = (
    "For files below .github/workflows a fine-grained token or an App needs the permissions Contents (write) "
    "and Workflows (write), a classic token the scope workflow"
)


def first_commit(admin: GitHubAdmin, branch: str, path: str, text: str) -> str:
    """Give an empty repository its first commit, which a pull request needs to go into."""
    admin.ask(
        f"make the first commit of {admin.repository}",
        "repos.create_or_update_file_contents",
        path=path,
        message=f"Add {path}",
        content=base64.b64encode(text.encode()).decode(),
    )
    return reading.head(admin, branch)


def push(
    admin: GitHubAdmin, branch: str, parent: str, changes: Changes, message: str, known: Proposal | None
) -> None:
    """Put one commit with all changes on a branch of ours.

    Raises Forbidden, with what the token needs, where GitHub refuses it; it answers some refusals with 404.
    """
    try:
        _point(admin, branch, _commit(admin, parent, changes, message), known)
    except (Forbidden, NotFound) as error:
        raise Forbidden(f"{error}. {_NEEDS}") from None


def _commit(admin: GitHubAdmin, parent: str, changes: Changes, message: str) -> str:
    """One commit with all changes on top of another; no branch has it yet."""
    tree = admin.ask("read the commit", "git.get_commit", commit_sha=parent).json["tree"]["sha"]
    entries = [
        {"path": path, "mode": "100644", "type": "blob", **_content(text)} for path, text in changes.items()
    ]
    made = admin.ask("store the files", "git.create_tree", base_tree=tree, tree=entries).json["sha"]
    done = admin.ask("store the commit", "git.create_commit", message=message, tree=made, parents=[parent])
    return str(done.json["sha"])


def _content(text: str | None) -> dict[str, str | None]:
    return {"sha": None} if text is None else {"content": text}


def _point(admin: GitHubAdmin, branch: str, sha: str, known: Proposal | None) -> None:
    """Set a branch of ours to a commit. One with an open pull request only moves on.

    Raises Rejected where somebody has pushed to that in between.
    """
    what = f"push the branch {branch}"
    if known is not None or reading.head(admin, branch):
        admin.ask(what, "git.update_ref", ref=f"heads/{branch}", sha=sha, force=known is None)
    else:
        admin.ask(what, "git.create_ref", ref=f"refs/heads/{branch}", sha=sha)


def delete_ref(admin: GitHubAdmin, ref: str) -> None:
    """Delete a ref by its name without ``refs/``."""
    admin.ask(f"delete {ref}", "git.delete_ref", ref=ref)


def propose(
    admin: GitHubAdmin, branch: str, base: str, title: str, body: str, known: Proposal | None
) -> Proposal:
    """Open the pull request from a branch, or bring the open one's text up to date."""
    texts = {"title": title, "body": body}
    if known is None:
        what, given = f"open a pull request from {branch}", {"head": branch, "base": base, **texts}
        found = admin.ask(what, "pulls.create", **given).json
    else:
        what = f"edit pull request #{known.number}"
        found = admin.ask(what, "pulls.update", pull_number=known.number, **texts).json
    return Proposal(found["number"], found["html_url"], found["head"]["sha"])


def close(admin: GitHubAdmin, number: int) -> None:
    """Close a pull request."""
    admin.ask(f"close pull request #{number}", "pulls.update", pull_number=number, state="closed")


def set_variable(admin: GitHubAdmin, name: str, value: str) -> None:
    """Make or change a variable of Actions."""
    what = f"set the variable {name}"
    try:
        admin.ask(what, "actions.get_repo_variable", name=name)
    except NotFound:
        admin.ask(what, "actions.create_repo_variable", data={"name": name, "value": value})
    else:
        admin.ask(what, "actions.update_repo_variable", name=name, data={"name": name, "value": value})


def set_secret(admin: GitHubAdmin, name: str, value: str) -> None:
    """Make or change a secret of Actions; it leaves this machine sealed for GitHub alone."""
    from nacl.public import PublicKey, SealedBox

    what = f"set the secret {name}"
    key = admin.ask(what, "actions.get_repo_public_key").json
    sealed = SealedBox(PublicKey(base64.b64decode(key["key"]))).encrypt(value.encode())
    admin.ask(
        what,
        "actions.create_or_update_repo_secret",
        secret_name=name,
        encrypted_value=base64.b64encode(sealed).decode(),
        key_id=key["key_id"],
    )
