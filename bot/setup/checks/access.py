"""Whether GitHub can be reached as it should: the token, the repository, the rate limit, the clock."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from bot.setup.examination import Examination
from bot.setup.findings import Found, Unseen
from bot.setup.permissions import CLASSIC, SETUP, listed, missing_scopes

_KINDS = (
    ("ghp_", "a classic personal token"),
    ("gho_", "a token of an OAuth app, such as gh"),
    ("github_pat_", "a fine-grained personal token"),
    ("ghu_", "a person's token of a GitHub App"),
    ("ghs_", "a token of an App's installation, or of a workflow"),
)
_ENDS_SOON = timedelta(days=14)
_LEFT = 0.1
"""The part of the rate limit under which there is no head-room."""
_SKEW = timedelta(seconds=30)


def kind(token: str, scopes: str | None) -> str:
    """What kind of token it is, by GitHub's prefixes."""
    found = next((name for prefix, name in _KINDS if token.startswith(prefix)), "a token of an unknown kind")
    return f"{found} with the scopes {scopes or '(none)'}" if scopes is not None else found


def token(examination: Examination) -> Found:
    """The token that this runs with: whether ``init`` and ``upgrade`` could write with it."""
    about, name = examination.about, examination.name
    what = kind(examination.context.token, about.scopes)
    if about.rights and not about.rights.get("push"):
        return Found(
            f"{what}; its account may not write to {name}",
            f"take a token of somebody who may write; a fine-grained one needs: {listed(SETUP)}",
        )
    if about.scopes is not None and (missing := missing_scopes(about.scopes)):
        return Found(
            f"{what}; it lacks {' and '.join(missing)}", f"gh auth refresh --scopes {','.join(CLASSIC)}"
        )
    ends = _ends(about.expires)
    if ends is not None and ends - examination.now < _ENDS_SOON:
        return Found(f"{what}; it ends on {ends:%Y-%m-%d}", "renew it: Settings → Developer settings")
    return Found(what if about.scopes is not None else f"{what}; what it may not see is told below")


def _ends(text: str) -> datetime | None:
    found = re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", text)
    return datetime.fromisoformat(found[0]).replace(tzinfo=UTC) if found else None


def repository(examination: Examination) -> Found:
    """Whether commands can be given there at all."""
    about, name = examination.about, examination.name
    if about.archived:
        return Found("archived: nothing runs", f"gh repo unarchive {name}")
    if not about.has_issues:
        return Found("its issues are switched off", f"gh repo edit {name} --enable-issues")
    visible = "private" if about.private else "public"
    return Found(f"{visible}, default branch {about.default_branch}")


def rate_limit(examination: Examination) -> Found:
    """The requests that are left to this token."""
    found = examination.admin.ask_elsewhere("look at the rate limit", "rate_limit.get").json
    core = found["resources"]["core"]
    text = f"{core['remaining']} of {core['limit']} requests are left"
    if core["remaining"] >= core["limit"] * _LEFT:
        return Found(text)
    again = datetime.fromtimestamp(core["reset"], UTC)
    return Found(f"{text} until {again:%H:%M} UTC", f"wait until {again:%H:%M} UTC, or use another token")


def clock(examination: Examination) -> Found:
    """This machine's clock against GitHub's."""
    theirs = examination.about.date
    if theirs is None:
        raise Unseen("GitHub's answer carries no time")
    off = examination.here - theirs
    text = f"{abs(off.total_seconds()):.0f} s {'ahead of' if off > timedelta() else 'behind'} GitHub's"
    return Found(text, "" if abs(off) <= _SKEW else "set the clock: timedatectl set-ntp true")
