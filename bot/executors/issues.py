"""The issues' Markdown: everything that makes one ready for Development, in a fixed order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.domain.outputs import PlannedIssue, Priority
from bot.executors.untrusted import neutral, one_line, quoted

_MOST_BOXES = 40
_LONGEST_BOX = 500
_LONGEST_QUOTE = 20_000

_TEST_REQUIREMENTS = {
    "feature": (
        "A test that fails without this change and passes with it, next to those under `tests/`.",
        "What happens at the edges (nothing, something wrong, a lot of it) is tested too.",
    ),
    "tests": (
        "Each test is seen to fail once when the behaviour that it covers is broken on purpose.",
        "`make test` runs all of them and needs no network.",
    ),
    "review": ("What the review finds has a failing test before it is corrected.",),
    "performance": (
        "A measurement that can be repeated by one command, with its figures before and after.",
        "The figures are checked by a test with a margin, so that a fall is noticed.",
    ),
    "deployment": (
        "After `make deploy` an automated check asks the deployed program for an answer and judges it.",
        "`make test` still passes without the network.",
    ),
}

_DONE = (
    "`make test` and `make lint` pass here and in CI.",
    "The documents under `docs/` say what is true now.",
    "The pull request names this issue and has been reviewed.",
)


@dataclass(slots=True)
class Draft:
    """A requirement on its way to becoming an issue."""

    key: str
    title: str
    context: str
    """Markdown, safe to publish: where this comes from, with the original words quoted."""
    acceptance: list[str]
    specialty: str
    days: int
    priority: Priority
    milestone: str
    depends_on: list[str] = field(default_factory=list)


def context(quotes: Sequence[str], section: str) -> str:
    """Where a requirement comes from: its place in the idea and the original words."""
    place = f" under “{one_line(section, 200)}”" if section else ""
    share = _LONGEST_QUOTE // len(quotes)
    return f"The idea says{place}:\n\n" + "\n\n".join(quoted(quote, share) for quote in quotes)


def boxes(criteria: Sequence[str]) -> list[str]:
    """Acceptance criteria, safe to publish: one line each, shortened and capped; the quote has them whole."""
    shown = [one_line(criterion, _LONGEST_BOX) for criterion in criteria[:_MOST_BOXES]]
    if len(criteria) > _MOST_BOXES:
        shown.append(f"The {len(criteria) - _MOST_BOXES} further points quoted above are met as well")
    return shown


def publish(draft: Draft) -> PlannedIssue:
    """The validated issue with its body."""
    return PlannedIssue(
        key=draft.key,
        title=draft.title,
        body=_body(draft),
        acceptance=tuple(draft.acceptance),
        specialty=draft.specialty,
        days=draft.days,
        priority=draft.priority,
        milestone=draft.milestone,
        depends_on=tuple(draft.depends_on),
    )


def _body(draft: Draft) -> str:
    dependencies = [f"- {{{{issue:{key}}}}}" for key in draft.depends_on] or ["None."]
    days = "1 day" if draft.days == 1 else f"{draft.days} days"
    sections = (
        ("Context", [draft.context]),
        ("Acceptance criteria", [f"- [ ] {line}" for line in draft.acceptance]),
        ("Test requirements", [f"- {line}" for line in _TEST_REQUIREMENTS[draft.specialty]]),
        ("Definition of done", [f"- [ ] {line}" for line in _DONE]),
        ("Dependencies", dependencies),
        ("Effort", [f"{days} ({draft.specialty})"]),
        ("Priority", [f"{draft.priority} (milestone {draft.milestone})"]),
    )
    return "\n\n".join(f"## {name}\n\n" + "\n".join(lines) for name, lines in sections) + "\n"


def listing(texts: Sequence[str], limit: int) -> str:
    """A bulleted list of quoted requirements of about ``limit`` characters at most, then what is left."""
    lines: list[str] = []
    used = 0
    for text in texts:
        line = f"- {neutral(' '.join(text.split()))}"
        if used + len(line) > limit:
            break
        lines.append(line)
        used += len(line) + 1
    rest = len(texts) - len(lines)
    if rest:
        lines.append(f"\n{rest} more, and each in full, are listed in `docs/requirements.md`.")
    return "\n".join(lines)
