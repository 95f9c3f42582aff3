"""Reads a text file out of an answer of GitHub's contents API."""

from __future__ import annotations

import base64
import binascii

from pydantic import ValidationError

from bot.adapters.github.errors import Call, unreadable
from bot.adapters.github.models import File, first_problem
from bot.domain.errors import Rejected

MAX_FILE = 1_000_000
"""Bytes of the largest file that is read; GitHub sends no content beyond 1 MB."""


def text_of(path: str, data: object, call: Call) -> str:
    """The text of the file at ``path``.

    Raises Rejected for directories, links, submodules, files over 1 MB and what is no UTF-8 text.
    """
    if isinstance(data, list):
        raise Rejected(f"{path} is a directory: name a text file in it.")
    try:
        file = File.model_validate(data)
    except ValidationError as error:
        raise unreadable(call, first_problem(error)) from None
    if file.type != "file":
        raise Rejected(f"{path} is a {file.type}: name a text file.")
    if file.size > MAX_FILE or file.encoding != "base64":
        raise Rejected(f"{path} has {file.size:,} bytes: name a text file of at most 1 MB.")
    return _decoded(path, file.content, call)


def _decoded(path: str, content: str, call: Call) -> str:
    try:
        raw = base64.b64decode(content)
    except binascii.Error as error:
        raise unreadable(call, f"content: {error}") from None
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise Rejected(f"{path} is not a text file: name one that is UTF-8 text.")
    return text
