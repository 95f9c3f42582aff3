"""A project's expected way as a Mermaid chart, in a section that is closed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from bot.domain.forecast import Step

MOST = 40
"""Bars of one chart."""
_PLAIN = re.compile(r"[^A-Za-z0-9 _.()-]")


def gantt(project: str, steps: Sequence[Step], now: datetime) -> str:
    """The chain of tasks that decides a project's end; nothing where it has none.

    Names are cut to characters that mean nothing to Mermaid.
    """
    if not steps:
        return ""
    bars = [_bar(f"{place}. {_name(project, step)}", step, now) for place, step in enumerate(steps[:MOST], 1)]
    head = ["gantt", "  dateFormat YYYY-MM-DDTHH:mm:ss", "  axisFormat %H:%M", "  section in a middle run"]
    chart = "\n".join([*head, *bars])
    return f"<details><summary>As a chart</summary>\n\n```mermaid\n{chart}\n```\n\n</details>\n\n"


def _name(project: str, step: Step) -> str:
    return _PLAIN.sub(" ", step.id.removeprefix(f"{project}.")).strip()[:60]


def _bar(name: str, step: Step, now: datetime) -> str:
    state = "done, " if step.ends <= now else "active, " if step.starts <= now else ""
    return f"  {name} :{state}{step.starts:%Y-%m-%dT%H:%M:%S}, {step.ends:%Y-%m-%dT%H:%M:%S}"
