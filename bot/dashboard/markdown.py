"""The words of ``bot.render``, which are Markdown, as HTML: pages say what replies say."""

from __future__ import annotations

from functools import cache

from markdown_it import MarkdownIt
from markdown_it.utils import EnvType
from markupsafe import Markup, escape

_REGION = '<div class="scroll" role="region" tabindex="0" aria-label="{}"><table>\n'


def inline(text: str) -> Markup:
    """One sentence or line."""
    return Markup(_parser().renderInline(text))  # noqa: S704 - the parser escapes all HTML


def block(text: str, about: str) -> Markup:
    """Paragraphs, lists and a table, which is called ``about`` for those who do not see where it stands."""
    return Markup(_parser().render(text, {"about": about}))  # noqa: S704 - the parser escapes all HTML


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["image", "autolink"])
    parser.add_render_rule("table_open", lambda self, tokens, at, options, env: _region(env))
    parser.add_render_rule("table_close", lambda self, tokens, at, options, env: "</table></div>\n")
    parser.add_render_rule("th_open", lambda self, tokens, at, options, env: '<th scope="col">')
    # Replies do without headings of the first levels, which a page has of its own.
    parser.disable(["heading", "lheading"])
    return parser


def _region(env: EnvType) -> str:
    return _REGION.format(escape(env["about"]))
