"""All gates on all pieces of a task: what passed, what could not be judged here, and what to change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.executors.gates.commands import command_problems
from bot.executors.gates.document import MOST, Document, read
from bot.executors.gates.features import feature_problems
from bot.executors.gates.lengths import length_problems
from bot.executors.gates.links import Linked, sort_links
from bot.executors.gates.naming import naming_problems
from bot.executors.gates.placeholders import placeholder_problems
from bot.executors.gates.project import Project
from bot.executors.gates.reach import judge_reach
from bot.executors.gates.web import Answer, ask

Ask = Callable[[Iterable[str], str], Mapping[str, Answer]]
"""Addresses, the deployment's address → what they answer."""


class Gate(StrEnum):
    """What a piece has to pass, as ``ContentPiece.gates`` names it."""

    FILE = "file"
    LINKS = "links"
    EXTERNAL = "external links"
    COMMANDS = "commands"
    FILES = "files"
    FEATURES = "features"
    LENGTH = "length"
    PLACEHOLDERS = "placeholders"


@dataclass(frozen=True, slots=True)
class Written:
    """A piece to be judged."""

    kind: str
    specialty: str
    file: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one piece did."""

    file: str
    gates: dict[str, bool]
    """A gate that could not be judged here is missing."""
    unchecked: tuple[str, ...]
    """Those gates, each with the reason."""
    problems: tuple[str, ...]
    """``file: gate: what is wrong and what to change``."""


def judge(pieces: Sequence[Written], project: Project, look: Ask = ask) -> list[Verdict]:
    """Judge the pieces of one task, in their order."""
    documents = [read(piece.file, project.text(piece.file)) for piece in pieces]
    linked = [
        sort_links(piece.file, piece.specialty, document, project)
        for piece, document in zip(pieces, documents, strict=True)
    ]
    outside = [link.text for row in linked for link in row.outside]
    answers = look(outside, project.deployment_url) if outside else {}
    return [_one(*row, project, answers) for row in zip(pieces, documents, linked, strict=True)]


def _file_problems(text: str) -> Iterator[str]:
    if not text.strip():
        yield "nothing is written in it"
    if len(text) > MOST:
        yield f"it has {len(text):,} characters and may have {MOST:,}; divide it"


def _one(
    piece: Written, document: Document, linked: Linked, project: Project, answers: Mapping[str, Answer]
) -> Verdict:
    text = project.text(piece.file)
    reached = judge_reach(linked.outside, answers)
    found: dict[Gate, Sequence[str]] = {
        Gate.FILE: tuple(_file_problems(text)),
        Gate.LINKS: linked.problems,
        Gate.EXTERNAL: reached.problems,
        Gate.COMMANDS: tuple(command_problems(document, project)),
        Gate.FILES: tuple(naming_problems(piece.file, document, project)),
        Gate.FEATURES: tuple(feature_problems(document, project)),
        Gate.LENGTH: tuple(length_problems(piece.kind, text)),
        Gate.PLACEHOLDERS: tuple(placeholder_problems(document, project)),
    }
    open_ = Gate.EXTERNAL if reached.unchecked and not reached.problems else None
    return Verdict(
        piece.file,
        {gate.value: not problems for gate, problems in found.items() if gate is not open_},
        (f"{Gate.EXTERNAL}: not checked, {reached.unchecked}",) if reached.unchecked else (),
        tuple(f"{piece.file}: {gate}: {one}" for gate, problems in found.items() for one in problems),
    )
