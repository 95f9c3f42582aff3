"""One attempt of a built-in executor: its folders, its log, and how what goes wrong is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from bot.domain.failures import FailureKind
from bot.domain.sessions import FILE
from bot.domain.work import WorkOrder
from bot.executors import handing
from bot.executors.area import Area, Refused, open_area
from bot.executors.repository import BUNDLE, CHANGE, SITE
from bot.executors.transcript import Mask, Transcript
from bot.executors.untrusted import one_line
from bot.executors.workspace import CommandFailed
from bot.ports.executor import Finished

LOG_FILE = "log.txt"
_FILES = (
    LOG_FILE, FILE, BUNDLE, CHANGE, SITE, "check.json", "review.json",
    handing.GENESIS, handing.FEATURE, handing.DEPLOYMENT, handing.CONTENT,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Attempt:
    """What the work is done with."""

    order: WorkOrder
    area: Area
    handed: Path
    """The workspace that was handed over."""
    result: Path
    log: list[str] = field(default_factory=list)


def read_order(assignment: Path) -> WorkOrder:
    """The work order in a file. Raises Refused."""
    try:
        return WorkOrder.model_validate_json(assignment.read_bytes())
    except OSError as error:
        raise Refused(f"the assignment cannot be read: {error.strerror}", retry=False) from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise Refused(f"{assignment.name} is no work order: {place}: {first['msg']}", retry=False) from None


def clear(result: Path) -> None:
    """Leave nothing of an earlier attempt that could be taken for this one's."""
    result.mkdir(parents=True, exist_ok=True)
    for name in _FILES:
        (result / name).unlink(missing_ok=True)


def attempt(
    did: str,
    assignment: Path,
    result: Path,
    work: Callable[[Attempt], tuple[str, str]],
    secrets: Callable[[WorkOrder], Iterable[str]] = lambda order: (),
) -> Finished:
    """Do the work, which says what it did and names its output; ``did`` stands before what it says.

    What is foreseen to go wrong is told in what is returned, and in the log. ``secrets`` are the values that
    are struck out of both.
    """
    mask = Mask()
    try:
        clear(result)
        order = read_order(assignment)
        mask = Mask(secrets(order))
        with open_area() as area, Transcript(result / LOG_FILE, mask) as transcript:
            current = Attempt(order, area, assignment.parent, result)
            finished = _judged(did, mask, lambda: work(current))
            for entry in current.log:
                for line in entry.split("\n"):
                    transcript.note(line)
            transcript.note(finished.summary)
            return finished
    except Refused as error:
        message = mask.text(f"Not done: {error}.")
        return Finished(False, one_line(message, 500), failure=error.kind, retry=error.retry)
    except OSError as error:
        return Finished(False, one_line(f"Not done: {error}.", 500), failure=FailureKind.SETUP)


def _judged(did: str, mask: Mask, work: Callable[[], tuple[str, str]]) -> Finished:
    try:
        says, output = work()
    except CommandFailed as error:
        summary = one_line(mask.text(f"{did}: {error}."), 500)
        return Finished(False, summary, failure=FailureKind.INVALID)
    except Refused as error:
        summary = one_line(mask.text(f"{did}: {error}."), 500)
        rework = error.kind is FailureKind.INVALID and error.retry
        return Finished(False, summary, failure=error.kind, retry=error.retry, rework=rework)
    return Finished(True, one_line(mask.text(f"{did}: {says}."), 500), output)
