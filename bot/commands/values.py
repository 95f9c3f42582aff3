"""Values that several commands take, with errors worded for the reply."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from bot.domain.vocabulary import Workflow

MOST = 100
"""Workers that one command may ask for."""


class Scope(StrEnum):
    """One workflow, or all of them."""

    ALL = "all"
    GENESIS = "genesis"
    DEVELOPMENT = "development"
    CONTENT = "content"

    @property
    def workflows(self) -> tuple[Workflow, ...]:
        """The workflows that are meant."""
        return tuple(Workflow) if self is Scope.ALL else (Workflow(self.value),)


def _whole(typed: object) -> int:
    """Raises PydanticCustomError, worded for the reply."""
    text = str(typed).strip()
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= MOST):
        raise PydanticCustomError("number", f"a whole number from 1 to {MOST}")
    return int(text)


Number = Annotated[int, BeforeValidator(_whole)]
"""How many workers."""
