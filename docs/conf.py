"""How `make docs` makes the site: Markdown alone, every warning an error, nothing from another host."""

from __future__ import annotations

import html
import re
import sys
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # for the version and for the script that draws diagrams

from bot import __version__, assets  # noqa: E402 - after the path that finds it

project = "orchestrator"
author = "The orchestrator authors"
version = release = __version__
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
root_doc = "index"
nitpicky = True

myst_heading_anchors = 4  # the anchors that GitHub gives, so that a link works in both places
myst_fence_as_directive = {"mermaid"}

html_theme = "furo"
html_title = f"orchestrator {__version__}"
html_copy_source = html_show_sourcelink = html_show_copyright = False
html_permalinks_icon = "#"

_GROUP = re.compile(r"^## (.+)\n((?:(?!## ).*\n?)*)", re.MULTILINE)
_PAGE = re.compile(r"\]\(([a-z-]+)\.md\)")


def add_contents(app: Sphinx, page: str, source: list[str]) -> None:
    """The index is what GitHub shows, too: its lists of links become the site's contents."""
    if page != root_doc:
        return
    for title, body in _GROUP.findall(source[0]):
        listed = list(dict.fromkeys(_PAGE.findall(body)))
        if listed:
            source[0] += "\n".join(
                ["", "```{toctree}", ":hidden:", f":caption: {title}", "", *listed, "```", ""]
            )


class Mermaid(SphinxDirective):
    """A diagram's source, drawn in the browser by the script that comes with the program."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Hand the text on as it is."""
        text = html.escape("\n".join(self.content))
        return [nodes.raw("", f'<pre class="mermaid">{text}</pre>', format="html")]


def add_drawing(app: Sphinx, page: str, template: str, context: dict[str, Any], tree: object) -> None:
    """The script goes to the pages that have a diagram: it is three megabytes."""
    if '<pre class="mermaid">' in context.get("body", ""):
        app.add_js_file("mermaid.js")
        app.add_js_file(None, body="mermaid.initialize({startOnLoad: true, theme: 'neutral'})")


def add_scripts(app: Sphinx, failed: Exception | None) -> None:
    """The script beside the pages, with its licence."""
    if failed is None:
        folder = app.outdir / "_static"
        (folder / "mermaid.js").write_bytes(assets.script("mermaid"))
        for name, text in assets.notices("mermaid").items():
            (folder / name).write_bytes(text)


def setup(app: Sphinx) -> dict[str, bool]:
    """What this file adds to Sphinx."""
    app.add_directive("mermaid", Mermaid)
    app.connect("source-read", add_contents)
    app.connect("html-page-context", add_drawing)
    app.connect("build-finished", add_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
