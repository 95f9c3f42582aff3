"""The bot's program as the chaos run starts it: its own command line, with a stand-in for agents.

Genesis is done by the product's template executor. What only an agent could do (development, content)
is done by a stand-in within the phases ``run`` and ``check``: it writes at once what such work hands on.
Every other word goes to the command line as it is.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    """A phase that a stand-in does, or the bot."""
    words = sys.argv[1:]
    if words[:2] in (["work", "run"], ["work", "check"]):
        workspace = Path(words[words.index("--workspace") + 1])
        order = json.loads((workspace / "assignment.json").read_text(encoding="utf-8"))
        if order["workflow"] != "genesis":
            stand_in(order, workspace / "result", words[1])
            return
    from bot.cli import main as bot

    bot()


def stand_in(order: dict[str, Any], result: Path, phase: str) -> None:
    """What an executor leaves behind: its outcome, and after ``run`` its output."""
    result.mkdir(parents=True, exist_ok=True)
    name, output = _output(order)
    if phase == "run":
        _write(result / name, output)
    finished = {"ok": True, "summary": f"{phase}: stood in for", "output": name}
    _write(result / ("run.json" if phase == "run" else "checked.json"), finished)


def _output(order: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    if order["workflow"] == "content":
        piece = {"kind": "guide", "specialty": order["specialty"], "file": "docs/guide.md", "words": 9}
        return "content-output.json", {"schema": 1, "pieces": [piece]}
    if order["specialty"] == "deployment":
        return "deployment.json", {"url": "https://app.example", "health": "200 OK"}
    return "feature.json", {"key": "x", "tests_run": 1, "tests_passed": 1}


def _write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content), encoding="utf-8")


if __name__ == "__main__":
    main()
