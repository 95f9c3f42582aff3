"""A stranger's text made harmless: visible, never a mention, a marker, markup or a placeholder.

Nothing is thrown away. Characters that nobody can see are spelled out; what GitHub or this program
would act on gets a zero-width joiner behind its first character, which leaves it readable.
"""

from __future__ import annotations

import re

ZWJ = "\u200d"
"""Zero-width joiner: invisible, and enough to keep ``@name`` from being a mention."""

_ACTIVE = re.compile(
    r"@(?=\w)"  # mentions
    r"|<(?=[A-Za-z/!?])"  # HTML, and comments, which may be hidden orders or forged markers
    r"|#(?=\d)"  # references to issues
    r"|&(?=[#A-Za-z])"  # entities: &#64;name would be a mention again
    r"|\](?=:)"  # link definitions, which GitHub shows to nobody
    r"|!(?=\[)"  # images
    r"|\{(?=\{issue:)"  # placeholders that publication replaces by issue numbers
)

_HIDDEN_RANGES = (
    (0x00, 0x08),
    (0x0B, 0x1F),
    (0x7F, 0x9F),
    (0x061C, 0x061C),  # bidirectional marks, embeddings, overrides and isolates
    (0x200E, 0x200F),
    (0x202A, 0x202E),
    (0x2066, 0x2069),
    (0x200B, 0x200B),  # zero-width characters without a use in spelling
    (0x2060, 0x2064),
    (0xFEFF, 0xFEFF),
    (0xFFF9, 0xFFFB),
    (0xD800, 0xDFFF),
    (0xE0000, 0xE007F),  # tags: a whole invisible alphabet
)


def _spelled(code: int) -> str:
    """How a hidden character is shown: ``␀`` where a picture exists, else ``[U+202E]``."""
    if code < 0x20:
        return chr(0x2400 + code)
    return f"[U+{code:04X}]"


_VISIBLE = {code: _spelled(code) for first, last in _HIDDEN_RANGES for code in range(first, last + 1)}


def visible(text: str) -> str:
    """The text with ``\\n`` as its only line end, no hidden characters and no blanks at line ends."""
    lines = re.split(r"\r\n|[\r\n\u2028\u2029]", text)
    return "\n".join(line.translate(_VISIBLE).rstrip() for line in lines).strip("\n")


def neutral(text: str) -> str:
    """The same words, but nothing in them is a mention, a reference, HTML or a placeholder."""
    return _ACTIVE.sub(lambda match: match.group() + ZWJ, text)


def one_line(text: str, limit: int) -> str:
    """The neutral text on one line, cut at a word with ``…`` to at most ``limit`` characters."""
    flat = neutral(" ".join(text.split()))
    if len(flat) <= limit:
        return flat
    head = flat[: limit - 1]
    word_end = head.rfind(" ")
    return (head[:word_end] if word_end > limit // 2 else head).rstrip(" ,;:") + "…"


def quoted(text: str, limit: int = 20_000) -> str:
    """The text as a Markdown block quote of at most about ``limit`` characters, then a note."""
    safe = neutral(text)
    shown = safe if len(safe) <= limit else safe[:limit]
    quote = "\n".join(f"> {line}".rstrip() for line in shown.splitlines())
    if shown is safe:
        return quote
    return f'{quote}\n\n_Cut here; all of it is in `docs/requirements.md`, under "The idea, word for word"._'


def fenced(text: str) -> str:
    """The text as a code block that nothing inside it can end."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"
