"""Which paths and links a worker's commits may hold: those that mean the same on every file system.

The aliases of ``.git`` are those that git itself refuses to check out (``verify_path``: HFS+ leaves out code
points that nobody can see, NTFS ends and cuts short names in ways of its own), and a few more.
"""

from __future__ import annotations

import re
import unicodedata

from bot.domain.masking import masked

_SEPARATORS = re.compile(r"[/\\]")
_DRIVE = re.compile(r"[A-Za-z]:")
_SHORT = re.compile(r"\.?git~\d+")
"""NTFS's short names of ``.git``: the first is ``git~1``."""
_TURNING = frozenset("\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Line ends and changes of direction, which make a name look like another."""
_WORKFLOWS = (".github", "workflows")


def _is_ignored(character: str) -> bool:
    """Whether some file system or reader leaves the character out."""
    return unicodedata.category(character) in ("Cf", "Cc", "Mn", "Me") or character in "\u115f\u1160\u3164"


def _plain(component: str) -> str:
    """What any file system could take a name for: no case, nothing invisible, no stream, no end of dots."""
    seen = "".join(
        each for each in unicodedata.normalize("NFKD", component).casefold() if not _is_ignored(each)
    )
    seen = unicodedata.normalize("NFKC", seen).partition(":")[0]
    return seen.rstrip(". \u00a0")


def is_git_alias(component: str) -> bool:
    """Whether some file system takes one name of a path for ``.git``."""
    plain = _plain(component)
    return plain == ".git" or _SHORT.fullmatch(plain) is not None


def _name_problem(path: str) -> str:
    if path.startswith(("/", "\\")) or _DRIVE.match(path):
        return "is an absolute path"
    for name in _SEPARATORS.split(path):
        if not name or not _plain(name).strip(" "):
            return "has a part that is empty or made of dots, which leads elsewhere"
        if is_git_alias(name):
            return "has a part that a file system can take for `.git`"
    return ""


def path_problem(path: str) -> str:
    """Why a path may not be published, to follow its name; empty where it may."""
    for character in path:
        category = unicodedata.category(character)
        if category == "Cs":
            return "has a name that is not UTF-8"
        if category == "Cc" or character in _TURNING:
            return "has a control character in its name"
    return _name_problem(path)


def link_problem(path: str, target: str) -> str:
    """Why a symbolic link may not be published, to follow its path; empty where it may.

    ``..`` may only begin a target: after a name, which can be a link itself, it may lead out although it
    does not look so.
    """
    names = _SEPARATORS.split(target.rstrip("/"))
    up = next((index for index, name in enumerate(names) if name != ".."), len(names))
    if up > path.count("/"):
        return "is a link that leads out of the repository"
    rest = [name for name in names[up:] if name != "."]
    if target in ("", ".") or (up == path.count("/") and not rest):
        return "is a link to the repository itself"
    if rest and (problem := path_problem("/".join(rest))):
        return f"is a link whose target {problem}"
    return ""


def is_workflow(path: str, *, link: bool = False) -> bool:
    """Whether GitHub, or a file system without case, takes a path for one of the workflows.

    A ``link`` in the place of a folder above them counts as well.
    """
    names = tuple(_plain(name) for name in _SEPARATORS.split(path))
    return names[:2] == _WORKFLOWS or (link and names == _WORKFLOWS[:1])


def named(path: str) -> str:
    """A path for a line that people read: short, in one line, and without what looks like a secret."""
    seen = "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in path)
    return masked(seen if len(seen) <= 200 else f"{seen[:199]}…").replace("`", "'")
