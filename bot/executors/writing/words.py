"""Other people's words, and a repository's, inside of a published sentence: words and nothing else.

``untrusted.neutral`` makes text harmless that stands apart, as a quote. Here it becomes part of a sentence
that is shown on GitHub, on X and on LinkedIn, so marks that begin a link, a format, a tag or a command in any
of them are taken out or get a zero-width joiner, which nobody sees.
"""

from __future__ import annotations

import re

from bot.executors.untrusted import ZWJ, one_line, visible

_REPLACED = str.maketrans(
    {"`": "'", "[": "(", "]": ")", "<": "‹", ">": "›", "|": "/", "*": None, "~": None, "\\": "/"}
)
_JOINED = re.compile(
    r"[@＠](?=\w)"  # mentions, and addresses
    r"|[#＃](?=\w)"  # hashtags, and references to issues
    r"|\$(?=[\w{`(])"  # stock symbols, formulas, templates
    r"|(?<=\w)[.。．](?=\w)(?![0-9])"  # names of hosts, which X and GitHub link
    r"|\b[wW]{3}(?=\.)"  # which GitHub links whatever follows
    r"|:(?=//)"  # addresses
    r"|(?<![\w/])/(?=[A-Za-z])"  # commands
    r"|\{(?=[{%])|[%}](?=[}])"  # templates
    r"|\b(?:GH|gh)(?=-\d)"  # references to issues
    r"|^\d+(?=[.)]\s)"  # numbered lists
)
_EDGES = re.compile(r"(?<!\w)_+|_+(?!\w)")
_BEGINNING = " -+=#>:!?.,;/–—·•"


def harmless(text: str, limit: int) -> str:
    """The text as words on one line, of at most ``limit`` characters; empty where nothing is left."""
    flat = " ".join(visible(text).split()).translate(_REPLACED)
    bare = _EDGES.sub("", flat).lstrip(_BEGINNING)
    if not any(char.isalnum() for char in bare):
        return ""
    return one_line(_JOINED.sub(lambda match: match.group() + ZWJ, bare), limit)


def code(text: str, limit: int = 200) -> str:
    """A name from the source as a code span that nothing in it can end."""
    flat = " ".join(visible(text).split()).replace("`", "'")[:limit].strip()
    return f"`{flat or '?'}`"


def first_sentence(text: str, limit: int = 200) -> str:
    """The first sentence of a docstring, harmless."""
    paragraph = " ".join(text.split("\n\n")[0].split()).replace("``", "")
    return harmless(re.split(r"(?<=[.!?])\s", paragraph, maxsplit=1)[0], limit)


def counted(number: int, thing: str) -> str:
    """``1 feature``, ``3 features``."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
