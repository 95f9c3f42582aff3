"""The findings of ``doctor`` for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.setup.findings import Finding, Verdict

_STYLES = {Verdict.WELL: "green", Verdict.WRONG: "bold red", Verdict.UNSEEN: "yellow"}
_LEAST = 120
"""Columns of a table that goes into a file or a pipe."""


def as_text(findings: Sequence[Finding]) -> str:
    """One JSON object: the counts and every finding."""
    counts = {verdict.value: sum(one.verdict is verdict for one in findings) for verdict in Verdict}
    return json.dumps({"counts": counts, "findings": [asdict(one) for one in findings]}, indent=2)


def print_table(findings: Sequence[Finding], console: Console | None = None) -> None:
    """A table of all findings, then what to do, one command a line, so that it can be copied."""
    console = console or Console()
    if not console.is_terminal:
        console.width = max(console.width, _LEAST)
    table = Table(box=None, pad_edge=False, header_style="bold")
    probed = any(one.expected for one in findings)
    for heading in ("check", "", "found", *(["expected"] if probed else []), "why it matters"):
        table.add_column(heading, overflow="fold")
    for one in findings:
        why = "" if one.verdict is Verdict.WELL and not probed else one.why
        cells = [Text(one.found), *([Text(one.expected)] if probed else []), Text(why)]
        table.add_row(one.check, Text(one.verdict, _STYLES[one.verdict]), *cells)
    console.print(table)
    todo = [one for one in findings if one.is_wrong]
    if todo:
        console.print("\nWhat mends it:", style="bold")
    for one in todo:
        console.print(Text(f"  {one.check}: {one.mend}"), soft_wrap=True)
    if mends := sorted({one.mend for one in findings if one.is_unseen and one.mend}):
        console.print(Text(f"\nTo look at the rest, {mends[0]}"), soft_wrap=True)
    counts = [f"{sum(one.verdict is v for one in findings)} {v}" for v in Verdict]
    console.print(f"\n{', '.join(counts)}")
