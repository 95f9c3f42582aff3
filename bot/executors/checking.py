"""Judging an agent's work afresh: a clean clone, its commands run again, compared with what was handed on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from bot.domain.base import Frozen
from bot.domain.outputs import ContentOutput, ContentPiece, Deployment, FeatureProgress
from bot.domain.work import WorkOrder
from bot.executors import handing
from bot.executors.area import Refused, open_area
from bot.executors.gates import Gate, set_problems
from bot.executors.measuring import counted, differs, measured
from bot.executors.repository import BUNDLE, CHANGE, Repository, branch_of
from bot.executors.untrusted import one_line
from bot.executors.verification import CHECK_FILE, verify
from bot.ports.executor import Finished
from bot.ports.outside import Health

_MOST = 5_000_000
"""Bytes of an output file."""
Output = TypeVar("Output", bound=Frozen)


def check(order: WorkOrder, handed: Path, result: Path, health: Health) -> Finished:
    """Judge a result; writes ``check.json``. Raises Refused where it cannot be judged."""
    report = result / CHECK_FILE
    if order.workflow == "genesis":
        problems = verify(result / BUNDLE, result / handing.GENESIS, report, order.time_limit)
    else:
        problems = list(_problems(order, handed, result, health))
        handing.write_report(report, problems)
    if problems:
        return Finished(False, one_line(f"The work does not hold: {problems[0]}.", 500), CHECK_FILE)
    return Finished(True, "The work holds on a clean clone.", CHECK_FILE)


def _problems(order: WorkOrder, handed: Path, result: Path, health: Health) -> Iterator[str]:
    if order.workflow == "content":
        output = read_output(result / handing.CONTENT, ContentOutput)
        yield from _content_problems(order, handed, result, output)
    elif order.specialty == "deployment":
        yield from _address_problems(order, read_output(result / handing.DEPLOYMENT, Deployment), health)
    elif order.specialty == "performance":
        yield from _change_problems(order, handed, result, None)
    else:
        yield from _change_problems(
            order, handed, result, read_output(result / handing.FEATURE, FeatureProgress)
        )


def _address_problems(order: WorkOrder, claimed: Deployment, health: Health) -> Iterator[str]:
    """The address is asked again, from here."""
    if claimed.kind != "address" or not claimed.url:
        yield "the output names no address at which the application answers"
    elif not (seen := health(claimed.url, order.deployment.health)).ok:
        yield f"{claimed.url} does not answer as it has to: {seen.says}"


def _change_problems(
    order: WorkOrder, handed: Path, result: Path, claimed: FeatureProgress | None
) -> Iterator[str]:
    """Run the commands at the head of the branch, and count again."""
    branch = branch_of(order)
    with open_area() as area:
        repository = Repository(area, [])
        repository.clone(order, handed, branch)
        head = repository.base
        if order.specialty != "review":
            head = repository.add(result / CHANGE, branch)
        commands = handing.known_commands(order)
        if not commands.test:
            return  # only the agent named one, and it counted in the run
        clone = repository.clean(head, order.time_limit)
        verdict = claimed.verdict if claimed is not None else ""
        if bool(verdict) != (order.specialty == "review"):
            yield "a review has to give a verdict, and nothing else may"
            return
        try:
            if verdict == "changes":
                found = counted(clone, commands)
            else:
                found = measured(clone, commands, may_fail=order.specialty == "tests")
        except Refused as error:
            yield str(error)
            return
    if claimed is not None and (problem := differs(found, claimed)):
        yield problem


def _content_problems(order: WorkOrder, handed: Path, result: Path, output: ContentOutput) -> Iterator[str]:
    """All that is owed is there; each piece is a file of the branch, counted, and passes its gates again."""
    yield from set_problems(order.pieces, ((piece.kind, piece.file) for piece in output.pieces))
    branch = branch_of(order)
    with open_area() as area:
        repository = Repository(area, [])
        repository.clone(order, handed, branch)
        head = repository.add(result / CHANGE, branch)
        clone = repository.clean(head, order.time_limit)
        verdicts = handing.judged(order, clone, clone.files(), branch, output.pieces)
        for piece, verdict in zip(output.pieces, verdicts, strict=True):
            words = len(repository.content(head, piece.file).split())
            if words != piece.words:
                yield f"{piece.file} has {words} words, the output says {piece.words}"
            yield from verdict.problems
            yield from _claim_problems(piece)


def _claim_problems(piece: ContentPiece) -> Iterator[str]:
    """Gates that the output does not claim as passed. Links to elsewhere need not be reachable both times."""
    for gate in Gate:
        if not piece.gates.get(gate, gate is Gate.EXTERNAL and bool(piece.unchecked)):
            yield f"{piece.file}: the output does not say that the gate {gate} passed"


def read_output(path: Path, model: type[Output]) -> Output:
    """An output file. Raises Refused where it is missing or does not validate."""
    try:
        if path.is_symlink() or path.stat().st_size > _MOST:
            raise Refused(f"{path.name} is no usable file")
        return model.model_validate_json(path.read_bytes())
    except OSError:
        raise Refused(f"{path.name} is missing") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise Refused(f"{path.name}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
