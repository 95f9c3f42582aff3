"""Where GitHub's description is known to differ from GitHub: each with what is so."""

from __future__ import annotations

from fnmatch import fnmatchcase

ANY_ERROR = frozenset({304, 400, 401, 403, 404, 405, 409, 415, 422, 429})
"""Statuses that GitHub gives to any operation, though it lists them for a few only."""

EXCEPTIONS: tuple[tuple[str, str, str], ...] = (
    # Every error of GitHub's carries its status as a text; the description of this one lacks it.
    ("*", "4??", "body: *'status' was unexpected*"),
    # Labels have these since October 2026: newer than the release of the description, in githubkit's already.
    ("*", "20?", "*'archived_at', 'archived_by' were unexpected*"),
    # Accounts have this everywhere; some webhooks' descriptions of them are older than it.
    ("webhook *", "200", "*'user_view_type' was unexpected*"),
    # A remark on lines that have changed since stands nowhere any more.
    ("GET /repos/{owner}/{repo}/pulls/{pull_number}/comments", "200", "*line: null is not of type*"),
    ("GET /repos/{owner}/{repo}/pulls/{pull_number}/comments", "200", "*position: null is not of type*"),
    # GitHub Enterprise Server, which the hub plays, tells its version there.
    ("GET /meta", "200", "body: *'installed_version' was unexpected*"),
    # It takes a range, as a search does: https://docs.github.com/search-github/getting-started-with-searching-on-github/understanding-the-search-syntax
    ("GET /repos/{owner}/{repo}/actions/*runs", "request", "parameter created of the query: *date-time*"),
)
"""(operation, status, difference), each a pattern with ``*``."""


def excused(operation: str, status: str, difference: str) -> bool:
    """Whether a difference is the description's fault."""
    return any(
        fnmatchcase(operation, one) and fnmatchcase(status, two) and fnmatchcase(difference, three)
        for one, two, three in EXCEPTIONS
    )
