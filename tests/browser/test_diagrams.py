"""Every diagram that the bot writes is parsed and drawn by the real library, whatever projects are called."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver

from bot import assets
from bot.commands.showing import status_text
from bot.render import diagrams
from tests.showing.states import HOSTILE, START, drafts

FENCED = re.compile(r"```mermaid\n(.*?)\n```", re.DOTALL)
DRAW = """
const [text, number, done] = arguments;
(async () => {
  mermaid.initialize({ startOnLoad: false, securityLevel: "strict" });
  await mermaid.parse(text);
  const { svg } = await mermaid.render("d" + number, text);
  return { svg };
})().then(done, (error) => done({ problem: String(error && error.message || error) }));
"""


def blocks() -> Iterator[tuple[str, str]]:
    """(where from, diagram) each, of every kind of state."""
    for name, draft in drafts():
        for number, found in enumerate(FENCED.findall(status_text(draft))):
            yield f"{name}-{number}", found
    for number, title in enumerate(HOSTILE):
        bar = diagrams.Bar(title, number, title, START, START)
        yield f"bar-{number}", FENCED.findall(diagrams.gantt([bar]))[0]
        yield f"part-{number}", FENCED.findall(diagrams.pie(title, {title: number + 1}))[0]


@pytest.fixture(scope="module")
def drawing(chromium: webdriver.Chrome, tmp_path_factory: pytest.TempPathFactory) -> webdriver.Chrome:
    """A page from a file, with nothing but the library."""
    folder: Path = tmp_path_factory.mktemp("page")
    (folder / "mermaid.js").write_bytes(assets.script("mermaid"))
    (folder / "page.html").write_text(
        '<!doctype html><meta charset="utf-8"><title>Diagrams</title><script src="mermaid.js"></script>',
        encoding="utf-8",
    )
    chromium.set_script_timeout(60)
    chromium.get((folder / "page.html").as_uri())
    return chromium


def _drawn(drawing: webdriver.Chrome, text: str, number: int) -> dict[str, Any]:
    found: dict[str, Any] = drawing.execute_async_script(DRAW, text, number)
    return found


def test_each_is_drawn(drawing: webdriver.Chrome) -> None:
    found = list(blocks())
    kinds = {text.split("%%\n")[-1].split()[0] for _, text in found}
    assert kinds == {"gantt", "pie", "xychart-beta"}
    problems = {}
    for number, (name, text) in enumerate(found):
        drawn = _drawn(drawing, text, number)
        if "svg" not in drawn or "Syntax error" in drawn["svg"]:
            problems[name] = (drawn.get("problem"), text)
    assert problems == {}


def test_every_bar_is_there(drawing: webdriver.Chrome) -> None:
    """A title that is syntax would take the place of a row, without an error."""
    bars = [diagrams.Bar("development", n, title, START, START) for n, title in enumerate(HOSTILE)]
    (text,) = FENCED.findall(diagrams.gantt(bars))
    svg = _drawn(drawing, text, 9_000)["svg"]
    for number, _ in enumerate(HOSTILE):
        assert re.search(rf">\s*{number}( |<)", svg), f"row {number} is missing"


def test_a_broken_one_would_be_noticed(drawing: webdriver.Chrome) -> None:
    assert "problem" in _drawn(drawing, "pie showData\n  a b c", 9_002)
