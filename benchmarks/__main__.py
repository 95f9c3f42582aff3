"""``python -m benchmarks [NAME …]``: measure what the program costs, and print one report."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from importlib import import_module

SECTIONS = {
    "action": ("acting", "the action's own steps on a clean machine, from the first to the reply"),
    "handle": ("handling", "a cold `handle` for one comment, start to end"),
    "decide": ("decisions", "deciding over a large fleet"),
    "showing": ("showing", "the pinned issue of a large fleet"),
    "forecast": ("forecasting", "playing the open work forward, and recording forecasts"),
    "store": ("storing", "the state store's cycle beside the same git commands"),
    "archive": (
        "archiving",
        "what 1,000 finished projects cost each run, in the state and archived",
    ),
    "contention": ("contention", "many cold processes on one branch"),
    "assignments": ("assigning", "durable assignments a second"),
    "fleet": ("fleet", "100 workers: a tick, all reports at once, pushes under a steady load"),
    "dashboard": ("dashboards", "building the dashboard of 1,000 projects, and drawing its pages"),
}
"""Name → module, what it measures."""


def main() -> None:
    """Run the sections that were asked for, all of them by default."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measures in this order: "
        + "; ".join(f"{name}, {about}" for name, (_, about) in SECTIONS.items()),
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(SECTIONS)}; default: all")
    parser.add_argument("--quick", action="store_true", help="smaller and fewer: to see that it runs")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in SECTIONS]
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]!r}; expected one of {', '.join(SECTIONS)}")
    for name in options.names or SECTIONS:
        module, about = SECTIONS[name]
        report: Callable[..., Iterator[str]] = import_module(f"benchmarks.{module}").report
        began = time.monotonic()
        print(f"\n## {name}: {about}\n")
        for part in report(quick=options.quick):
            print(part, flush=True)
        print(f"\n({time.monotonic() - began:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
