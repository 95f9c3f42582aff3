"""Turns Markdown that anybody may have written into HTML that cannot execute anything.

GitHub's dialect is rendered by cmark, the result is sanitised by ammonia (nh3), and only then are
issue numbers and user names in it linked: the links are ours, everything else has been judged.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from html.parser import HTMLParser
from urllib.parse import quote, urlsplit

import cmarkgfm  # type: ignore[import-untyped]
import nh3
from cmarkgfm.cmark import Options  # type: ignore[import-untyped]
from markupsafe import Markup

_OPTIONS = int(Options.CMARK_OPT_UNSAFE | Options.CMARK_OPT_GITHUB_PRE_LANG)  # nh3 judges raw HTML
_TAGS = frozenset(
    """a abbr b blockquote br code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i img input ins kbd li
    mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead tr tt u ul
    var""".split()
)
_ATTRIBUTES = {
    "a": {"href", "title"},
    "details": {"open"},
    "img": {"src", "alt", "title", "width", "height"},
    "input": {"checked"},
    "ol": {"start"},
    "pre": {"lang"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan"},
}
_CHECKBOX = {"input": {"type": "checkbox", "disabled": ""}}
_VOID = frozenset({"br", "hr", "img", "input"})
_LITERAL = frozenset({"a", "code", "pre", "kbd", "samp", "tt"})
_REFERENCE = re.compile(
    r"(?<![\w/#&@.-])(?:#(?P<issue>\d{1,9})|@(?P<user>[A-Za-z\d][A-Za-z\d-]{0,38}))(?![\w/@])"
)


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a text stands: what its short references and relative links mean."""

    repository: str
    """``owner/name``, to which ``#12`` belongs."""
    users: frozenset[str] = frozenset()
    """Logins that ``@name`` links to; others stay text."""
    ref: str = ""
    """Branch or commit that relative links of a file lead into; empty for issues and comments."""
    directory: str = ""
    """The file's folder in the repository, without slashes at its ends."""


@lru_cache(maxsize=512)  # a watched thread is rendered every two seconds
def render(text: str, scope: Scope, *, hard_breaks: bool = False) -> Markup:
    """Render GitHub-flavoured Markdown to safe HTML.

    ``hard_breaks`` keeps line ends, as GitHub does in issues and comments but not in files.
    """
    options = _OPTIONS | (int(Options.CMARK_OPT_HARDBREAKS) if hard_breaks else 0)
    html = cmarkgfm.github_flavored_markdown_to_html(text, options=options)
    clean = nh3.clean(
        html,
        tags=set(_TAGS),
        clean_content_tags={"script", "style", "title", "textarea", "noscript", "template"},
        attributes=_ATTRIBUTES,
        attribute_filter=_relative_links(scope) if scope.ref else None,
        set_tag_attribute_values=_CHECKBOX,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    return Markup(_link_references(clean, scope))  # noqa: S704  (sanitised just above)


def _relative_links(scope: Scope) -> Callable[[str, str, str], str | None]:
    """Lead a file's relative links to the neighbours that they mean."""

    def target(tag: str, attribute: str, value: str) -> str | None:
        if attribute not in {"href", "src"} or not _is_relative(value):
            return value
        page = "raw" if tag == "img" else "tree"
        path, _, rest = value.partition("#")
        joined = posixpath.normpath(posixpath.join(scope.directory, path))
        if joined.startswith(".."):
            return None
        return f"/{scope.repository}/{page}/{quote(scope.ref)}/{joined}" + (f"#{rest}" if rest else "")

    return target


def _is_relative(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return not (parts.scheme or parts.netloc or not parts.path or parts.path.startswith("/"))


def _link_references(html: str, scope: Scope) -> str:
    linker = _Linker(scope)
    linker.feed(html)
    linker.close()
    return "".join(linker.pieces)


class _Linker(HTMLParser):
    """Copies sanitised HTML and links ``#12`` and ``@name`` in its running text."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(convert_charrefs=False)
        self.pieces: list[str] = []
        self._scope = scope
        self._literal = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.pieces.append(self.get_starttag_text() or "")
        self._literal += tag in _LITERAL

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            self.pieces.append(f"</{tag}>")
        self._literal -= tag in _LITERAL

    def handle_data(self, data: str) -> None:
        self.pieces.append(data if self._literal else _REFERENCE.sub(self._link, data))

    def handle_entityref(self, name: str) -> None:
        self.pieces.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.pieces.append(f"&#{name};")

    def _link(self, match: re.Match[str]) -> str:
        base = f"/{escape(self._scope.repository)}/issues"
        if match["issue"]:
            return f'<a href="{base}/{match["issue"]}">{match[0]}</a>'
        if match["user"] in self._scope.users:
            return f'<a class="mention" href="{base}?author={match["user"]}">{match[0]}</a>'
        return match[0]
