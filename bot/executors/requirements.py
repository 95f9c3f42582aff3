"""Deriving requirements: an idea in a person's words becomes issues that Development can take.

Pure: the same idea gives the same issues, keys included. The rules are few and stated: see
``classification.ORDER`` for what comes before what, ``_milestones`` for the milestones, and the tables in
``signals`` for the words that specialty, priority and effort are read from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from slugify import slugify

from bot.domain.outputs import PlannedIssue, Priority
from bot.domain.plans import RESERVED
from bot.executors.classification import ORDER, URGENCY, Requirement, classify
from bot.executors.issues import Draft, boxes, context, listing, publish
from bot.executors.reading import Reading, Statement, plain, read
from bot.executors.sentences import without_opening
from bot.executors.signals import QUESTIONS, RISKS
from bot.executors.titles import title_of
from bot.executors.untrusted import one_line, visible
from bot.executors.wording import mentions, words

MOST_ISSUES = 30
"""An idea becomes at most so many issues; the least urgent requirements beyond share the last one."""

FOUNDATION, REMAINING = "foundation", "remaining"

_BUILT = ("surface", "feature", "control", "styling")
_FILLER = frozenset(("", "a", "an", "the", "please", "some", "and"))
_MARKS = ".,;:!?\"'“”*_`"
"""What does not tell two requirements apart; "C" and "C++" are two."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What was understood of an idea. All texts are safe to publish."""

    title: str
    summary: str
    issues: tuple[PlannedIssue, ...]
    excluded: tuple[str, ...]
    """What the idea says that it does not want."""
    background: tuple[str, ...]
    """What it says without asking for anything."""
    folded: tuple[str, ...]
    """Requirements that share the issue ``remaining`` because there were too many."""
    open_questions: tuple[str, ...]
    risks: tuple[str, ...]


def derive(idea: str, title: str = "") -> Plan:
    """Requirements, questions and risks of an idea; ``title`` is what its author called it, if anything.

    Total: any text gives at least the foundation and one requirement. Titles have at most 120
    characters, there are at most 30 issues, keys are unique, dependencies are known and acyclic.
    """
    clean = visible(idea)
    reading = read(clean)
    if not reading.statements:
        reading.statements = [Statement(" ".join((title or clean).split()), clean or title)]
    requirements = _keyed(_merged([classify(statement) for statement in reading.statements]))
    kept, folded = _within_limit(requirements)
    name = plain(visible(title)) or reading.heading or _name(reading.statements[0].text)
    questions = tuple(_questions(reading, clean, len(requirements)))
    return Plan(
        title=one_line(name, 120) or "Project",
        summary=one_line(reading.statements[0].quote.lstrip("-*+ "), 300),
        issues=tuple(publish(draft) for draft in _drafts(kept, folded, questions)),
        excluded=tuple(one_line(statement.text, 2_000) for statement in reading.excluded),
        background=tuple(one_line(text, 2_000) for text in reading.background),
        folded=tuple(one_line(requirement.text, 2_000) for requirement in folded),
        open_questions=questions,
        risks=tuple(_risks(clean, folded)),
    )


def _name(text: str) -> str:
    """What a project without a title is called: its first requirement, without what leads up to it."""
    said = without_opening(plain(text)).rest or plain(text)
    return said[:1].upper() + said[1:].rstrip(" .!")


def _merged(requirements: Sequence[Requirement]) -> list[Requirement]:
    """Requirements of the same words are one; it keeps every quote and criterion."""
    merged: dict[tuple[str, ...], Requirement] = {}
    for requirement in requirements:
        tokens = (token.strip(_MARKS) for token in requirement.text.casefold().split())
        same = tuple(token for token in tokens if token not in _FILLER) or (requirement.text,)
        first = merged.setdefault(same, requirement)
        if first is requirement:
            continue
        first.quotes += [quote for quote in requirement.quotes if quote not in first.quotes]
        first.criteria += [criterion for criterion in requirement.criteria if criterion not in first.criteria]
        first.priority = min(first.priority, requirement.priority, key=URGENCY.index)
    return list(merged.values())


def _keyed(requirements: list[Requirement]) -> list[Requirement]:
    """Give each a key from its own words; those that read alike get a digest of the text."""
    taken = {FOUNDATION, REMAINING, *RESERVED}
    for requirement in requirements:
        digest = sha256(requirement.text.encode()).hexdigest()
        said = without_opening(plain(requirement.text)).rest
        slug = slugify(said, max_length=31, word_boundary=True, save_order=True, stopwords=("a", "an", "the"))
        key = slug or f"requirement-{digest[:8]}"
        while key in taken:
            key = f"{slug or 'requirement'}-{digest[:8]}"
            digest = sha256(digest.encode()).hexdigest()
        requirement.key = key
        taken.add(key)
    return requirements


def _within_limit(requirements: list[Requirement]) -> tuple[list[Requirement], list[Requirement]]:
    """(kept, folded): the most urgent keep an issue of their own, both in the idea's order."""
    if len(requirements) < MOST_ISSUES:
        return requirements, []
    ranked = sorted(requirements, key=lambda requirement: URGENCY.index(requirement.priority))
    own = {requirement.key for requirement in ranked[: MOST_ISSUES - 2]}
    kept = [requirement for requirement in requirements if requirement.key in own]
    return kept, [requirement for requirement in requirements if requirement.key not in own]


def _milestones(requirements: Sequence[Requirement]) -> dict[Priority, str]:
    """Must → MVP, should or nothing → V1, could → V2; where nothing is a must, V1's are the MVP."""
    urgent = any(requirement.priority in (Priority.URGENT, Priority.HIGH) for requirement in requirements)
    return {
        Priority.URGENT: "MVP",
        Priority.HIGH: "MVP",
        Priority.NORMAL: "V1" if urgent else "MVP",
        Priority.LOW: "V2",
    }


def _drafts(kept: list[Requirement], folded: list[Requirement], questions: Sequence[str]) -> list[Draft]:
    """Every issue, what comes first first."""
    milestones = _milestones([*kept, *folded])
    ordered = sorted(kept, key=lambda requirement: ORDER[requirement.kind])
    drafts = [_foundation(questions)]
    built = [requirement.key for requirement in ordered if requirement.kind in _BUILT]
    if folded:
        built.append(REMAINING)
    tests = [requirement.key for requirement in ordered if requirement.kind == "tests"]
    surface = next((requirement.key for requirement in ordered if requirement.kind == "surface"), FOUNDATION)
    for requirement in ordered:
        needs = [FOUNDATION]
        if requirement.kind in ("control", "styling"):
            needs = [surface]
        elif requirement.kind in ("tests", "review", "performance"):
            needs = built or needs
        elif requirement.kind == "deployment":
            needs = built + tests or needs
        drafts.append(_draft(requirement, milestones[requirement.priority], needs))
    return [*drafts, *([_remaining(folded, milestones)] if folded else [])]


def _draft(requirement: Requirement, milestone: str, needs: list[str]) -> Draft:
    own = requirement.criteria or [
        plain(requirement.text) or requirement.text,
        "What happens with nothing, with something wrong and with a lot of it is decided and written down",
    ]
    return Draft(
        key=requirement.key,
        title=title_of(requirement.text, requirement.specialty),
        context=context(requirement.quotes[:5], requirement.section),
        acceptance=boxes(own),
        specialty=requirement.specialty,
        days=requirement.days,
        priority=requirement.priority,
        milestone=milestone,
        depends_on=needs,
    )


def _foundation(questions: Sequence[str]) -> Draft:
    asked = "\n".join(f"- {question}" for question in questions)
    return Draft(
        key=FOUNDATION,
        title="Confirm the foundation: structure, conventions and open questions",
        context="The repository is a scaffold: it builds, its one test passes, and it does nothing yet. "
        "Everything else stands on it, so it is looked at first."
        + (f"\n\nOpen questions:\n\n{asked}" if asked else ""),
        acceptance=[
            "`make build`, `make test` and `make lint` pass on a fresh clone and in CI",
            "The structure in `docs/architecture.md` is confirmed or changed",
            "Each open question has an answer in `docs/requirements.md`",
        ],
        specialty="feature",
        days=1,
        priority=Priority.HIGH,
        milestone="MVP",
    )


def _remaining(folded: Sequence[Requirement], milestones: dict[Priority, str]) -> Draft:
    most_urgent = min((requirement.priority for requirement in folded), key=URGENCY.index)
    return Draft(
        key=REMAINING,
        title=f"Plan the remaining {len(folded)} requirements",
        context=f"The idea asks for more than {MOST_ISSUES - 2} things; the least urgent share this issue:"
        f"\n\n{listing([requirement.quotes[0] for requirement in folded], 50_000)}",
        acceptance=["Each requirement listed above has an issue of its own, or a reason why it is declined"],
        specialty="feature",
        days=3,
        priority=most_urgent,
        milestone=milestones[most_urgent],
        depends_on=[FOUNDATION],
    )


def _questions(reading: Reading, idea: str, requirements: int) -> list[str]:
    said = words(idea)
    asked = [one_line(question, 500) for question in reading.questions[:20]]
    missing = [question for answers, question in QUESTIONS if not mentions(said, answers)]
    if len(said) < 4:
        missing.insert(0, "What should it do first? The idea is only a few words long.")
    elif requirements == 1:
        missing.append("What else belongs to it? The idea names a single thing.")
    return asked + missing


def _risks(idea: str, folded: Sequence[Requirement]) -> list[str]:
    said = words(idea)
    found = ["The issues were derived by rules from the idea's wording: read them before work starts."]
    found += [risk for phrases, risk in RISKS if mentions(said, phrases)]
    if folded:
        found.append(f"The idea asks for a lot: {len(folded)} requirements share the issue “{REMAINING}”.")
    return found
