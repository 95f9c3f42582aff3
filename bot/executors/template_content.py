"""Content by the built-in executor: the pieces of a specialty from what the repository really contains."""

from __future__ import annotations

from pathlib import Path

from bot.domain.deploying import HealthCheck
from bot.domain.failures import FailureKind
from bot.domain.work import WorkOrder
from bot.executors import handing
from bot.executors.area import Area, Refused, open_area
from bot.executors.checking import check
from bot.executors.drafts import ContentDraft, PieceDraft
from bot.executors.gates import project_of
from bot.executors.repository import Repository, branch_of
from bot.executors.untrusted import one_line
from bot.executors.workspace import CommandFailed
from bot.executors.writing.pieces import KINDS, Made, write
from bot.executors.writing.survey import survey
from bot.ports.executor import Finished
from bot.ports.outside import Seen

_NAME = "template"


def write_content(order: WorkOrder, handed: Path, result: Path, log: list[str]) -> Finished:
    """Make the pieces of an order and hand them on; what goes wrong is told in what is returned."""
    try:
        with open_area() as area:
            says, output = _made(order, area, handed, result, log)
    except Refused as error:
        summary = one_line(f"{_NAME}: {error}.", 500)
        invalid = error.kind is FailureKind.INVALID  # the same facts would give the same texts again
        return Finished(False, summary, failure=error.kind, retry=error.retry and not invalid, rework=invalid)
    except CommandFailed as error:
        return Finished(False, one_line(f"{_NAME}: {error}.", 500), failure=FailureKind.INVALID)
    return Finished(True, one_line(f"Made from templates, by no agent: {says}.", 500), output)


def check_content(order: WorkOrder, handed: Path, result: Path) -> Finished:
    """Judge content that was handed on, as any executor's is judged."""
    try:
        return check(order, handed, result, _unasked)
    except (Refused, CommandFailed) as error:
        return Finished(False, one_line(f"The check could not be made: {error}.", 500))


def _unasked(url: str, wanted: HealthCheck) -> Seen:
    """Content deploys nothing, so no address has to answer for it."""
    return Seen(False, "not asked: content deploys nothing")


def _made(order: WorkOrder, area: Area, handed: Path, result: Path, log: list[str]) -> tuple[str, str]:
    if order.specialty not in KINDS:
        known = ", ".join(KINDS)
        raise Refused(f"no piece is known for the specialty {order.specialty!r}; known: {known}", retry=False)
    branch = branch_of(order)
    repository = Repository(area, log)
    repository.clone(order, handed, branch)
    seconds = max(float(order.time_limit), 60.0)
    bench = handing.Bench(order, _NAME, repository, branch, result, seconds, _unasked)
    base = repository.clean(repository.base, bench.seconds)
    read = survey(order, project_of(order, base.root, base.files(), branch))
    made = list(write(order.specialty, read))
    for piece in made:
        _put(area.project, piece)
    draft = ContentDraft(
        summary="Made from templates.",
        pieces=tuple(
            PieceDraft(
                kind=piece.kind.kind,
                file=piece.kind.file,
                channel=piece.kind.channel,
                facts=piece.facts[:100],
            )
            for piece in made
        ),
    )
    return handing.content(bench, draft, rewritten=True)


def _put(checkout: Path, piece: Made) -> None:
    """Write a piece into the checkout, never through a link that the repository holds."""
    target = checkout / piece.kind.file
    for place in (target, *target.parents):
        if place == checkout:
            break
        if place.is_symlink():
            raise Refused(f"{piece.kind.file} leads through a link of the repository", retry=False)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(piece.text, encoding="utf-8")
