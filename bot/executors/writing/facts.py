"""Facts: what was read, where it stands, and which of them a piece really uses."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that was read in the project or handed on by an earlier stage."""

    text: str
    """As it stands in a piece: harmless already."""
    says: str
    """What it is, for example ``licence``."""
    place: str
    """Where it was read, for example ``LICENSE, line 1``."""

    def __str__(self) -> str:
        return self.text

    def line(self) -> str:
        """As a piece lists it."""
        return f"{self.says}: {self.text} ({self.place})"


@dataclass(slots=True)
class Used:
    """The facts that a piece has put into its text, in the order of their first use."""

    facts: list[Fact] = field(default_factory=list)

    def put(self, value: object) -> object:
        """Take a value into the text; jinja calls it for everything that a template prints."""
        if isinstance(value, Fact) and value not in self.facts:
            self.facts.append(value)
        return value

    def lines(self) -> tuple[str, ...]:
        """As the piece lists them."""
        return tuple(fact.line() for fact in self.facts)


def at(file: str, line: int = 0) -> str:
    """A place in the repository."""
    return f"{file}, line {line}" if line else file
