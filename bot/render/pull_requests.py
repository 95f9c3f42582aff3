"""What the bot writes on a project's pull requests."""

from __future__ import annotations

from bot.domain.models import Project, Task
from bot.domain.outputs import ContentPiece, FeatureProgress, GenesisOutput
from bot.render.markers import marked
from bot.render.text import code, escape, plural, table


def title(project: Project, task: Task) -> str:
    """A pull request's title: what it is about, in the words of its issue."""
    what = task.title or f"{task.specialty.capitalize()} of {project.title}"
    return what.replace("@", "@\u200b")[:240]


def body(
    project: Project,
    task: Task,
    genesis: GenesisOutput | None,
    feature: FeatureProgress | None,
    pieces: tuple[ContentPiece, ...],
) -> str:
    """A pull request's text: the issue that it closes, what was counted, and how it was made."""
    lines: list[str] = []
    issue = next((one for one in genesis.issues if one.key == task.item), None) if genesis else None
    if issue is not None and issue.number is not None:
        lines += [f"Closes #{issue.number}.", ""]
    if feature is not None:
        lines += [_counted(feature), ""]
    if pieces:
        rows = [(escape(one.kind), code(one.file), str(one.words), _gates(one)) for one in pieces]
        lines += [table(("piece", "file", "words", "gates passed"), rows), ""]
    makers = {feature.executor} if feature is not None else {piece.executor for piece in pieces}
    made = made_by(next(iter(makers), ""))
    lines.append(f"Made{made} for task {code(task.id)} of project {code(project.id)}.")
    return marked("pull", f"{project.id}/{task.key}", "\n".join(lines))


def made_by(executor: str) -> str:
    """Who did the work, with a word for those that are no agent; empty where it is not known."""
    no_agent = {
        "scripted": " by `scripted`, which replays a recorded solution,",
        "template": " by `template`, from templates and the repository's own facts,",
    }
    return no_agent.get(executor, f" by {code(executor)}" if executor else "")


def _counted(feature: FeatureProgress) -> str:
    coverage = "" if feature.coverage is None else f", coverage {feature.coverage:g}%"
    ran = f"{plural(feature.tests_run, 'test')} run, {feature.tests_passed} passed{coverage}"
    return f"{ran}; counted by running them."


def _gates(piece: ContentPiece) -> str:
    passed = sum(piece.gates.values())
    return f"{passed} of {len(piece.gates)}"


def review_mark(project: Project, task: Task, feature: FeatureProgress, head: str) -> str:
    """The marker that a review of a head begins with: one for each head and verdict."""
    return marked("review", f"{project.id}/{task.key}/{head[:12]}/{feature.verdict}", "").rstrip("\n")


def review(project: Project, task: Task, feature: FeatureProgress, head: str) -> str:
    """A review's text: the verdict first, because the account may not be allowed to give it as one."""
    verdict = "**Approved.**" if feature.verdict == "approved" else "**Changes are needed.**"
    lines = [
        review_mark(project, task, feature, head),
        f"{verdict} {escape(feature.review, 2_000)}".rstrip(),
        "",
        _counted(feature),
    ]
    return "\n".join(lines)
