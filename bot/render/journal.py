"""The journal in words: one line for each happening."""

from __future__ import annotations

from bot.domain.controls import Happening
from bot.render.text import code, escape, moments

_WORDS = {
    "taken-in": "taken in",
    "stage": "next stage",
    "done": "done",
    "failed": "an attempt failed",
    "review": "sent to review",
    "stopped": "stopped",
    "halted": "everything stopped",
    "resumed": "resumed",
    "retried": "tried again",
    "sent-back": "sent back",
    "pull-request": "pull request",
    "discarded": "discarded",
    "priority": "priority changed",
    "waits": "waits for approval",
    "approved": "approved",
    "allowed": "may cost more",
    "assigned": "assigned",
    "moved": "moved",
    "worker": "",
    "scaled": "scaled",
    "control": "",
    "alert": "alert",
    "alert-over": "alert over",
    "incident": "incident report",
    "restored": "back from the archive",
}


def happened(one: Happening) -> str:
    """One happening in a line: when, of what, what, by whom."""
    return f"{one.at:%Y-%m-%d %H:%M:%S} {_told(one, one.task or one.project)}"


def happened_to_it(one: Happening) -> str:
    """The same inside a project's own page, which need not name the project: ``12:44:00 stopped``."""
    return f"{one.at:%Y-%m-%d %H:%M:%S} {_told(one, one.task)}"


def _told(one: Happening, subject: str) -> str:
    about = [code(name) for name in (subject, one.worker) if name]
    told = [" on ".join(about), _WORDS[one.kind], escape(moments(one.detail), 300)]
    by = f", by {code(one.by)}" if one.by else ""
    return f"{': '.join(part for part in told if part)}{by}"
