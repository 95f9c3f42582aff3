"""Whether a token may do what ``init`` does, as far as GitHub tells that before anything is written."""

from __future__ import annotations

from bot.domain.errors import UsageError
from bot.setup.permissions import CLASSIC, SETUP, listed, missing_scopes
from bot.setup.reading import About


def check(about: About) -> None:
    """Raises UsageError with what to do, before the first write."""
    name = about.full_name
    if about.archived:
        raise UsageError(f"{name} is archived, so nothing runs in it: gh repo unarchive {name}")
    if not about.has_issues:
        mend = f"gh repo edit {name} --enable-issues"
        raise UsageError(f"{name} has no issues, where commands are given: {mend}")
    if about.rights and not about.rights.get("push"):
        raise UsageError(
            f"the token's account may not write to {name}: take a token of somebody with the role write or "
            f"more. A fine-grained one needs: {listed(SETUP)}"
        )
    if about.scopes is not None and (missing := missing_scopes(about.scopes)):
        raise UsageError(
            f"the token lacks the scope {' and '.join(missing)}; it needs {' and '.join(CLASSIC)} (workflow "
            f"for files below .github/workflows): gh auth refresh --scopes {','.join(CLASSIC)}"
        )
