"""What the answers of other people's servers mean for the gate of external links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.executors.gates.document import Found
from bot.executors.gates.web import Answer


@dataclass(frozen=True, slots=True)
class Reached:
    """The verdict on a piece's links to elsewhere."""

    problems: tuple[str, ...] = ()
    unchecked: str = ""
    """Why not all of them could be judged; empty where they were."""


def judge_reach(links: Sequence[Found], answers: Mapping[str, Answer]) -> Reached:
    """A link counts where a server answers below 400.

    Where none of the task's links reached a server, the machine has no network: that proves nothing, so
    nothing is passed and nothing failed. Refusals by our own rules are failures all the same.
    """
    online = any(answer.reached for answer in answers.values())
    problems, silent = [], []
    for link in links:
        answer = answers.get(link.text)
        if answer is None or (not answer.reached and not answer.refused and not online):
            silent.append(link.text)
        elif answer.refused:
            problems.append(f"line {link.line}: the link {link.text[:200]} is not followed: {answer.refused}")
        elif not answer.resolves:
            said = f"answers {answer.status}" if answer.reached else f"does not answer: {answer.error}"
            problems.append(
                f"line {link.line}: the link {link.text[:200]} {said}; correct it or leave it out"
            )
    why = "the limit on links and time was used up" if online else "no network could be reached"
    return Reached(tuple(problems), why if silent else "")
