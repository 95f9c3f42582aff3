"""A task's commits on a branch of its own, its pull request, the review of it, and its merging."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.app.publishing.made import Made, refused
from bot.domain.errors import BranchMoved, Rejected, Unavailable
from bot.domain.merge_rule import may_merge
from bot.domain.merging import PullRequests
from bot.domain.models import Project, Task
from bot.domain.outputs import FeatureProgress
from bot.domain.pulls import Pull, PullFacts
from bot.domain.state import State
from bot.policies.working.branches import base_of, branch_of
from bot.policies.working.pulls import title_of
from bot.ports.projects import ProjectForge, Publisher
from bot.render import pull_requests


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose work is published, by the state that its report was settled in."""

    state: State
    project: Project
    task: Task

    @property
    def clone_url(self) -> str:
        """Where the project's repository is fetched from."""
        return f"{self.project.repository_url}.git"

    @property
    def base(self) -> str:
        """The branch that everything is merged into."""
        return base_of(self.state.genesis.get(self.project.id))

    @property
    def branch(self) -> str:
        """The task's own branch."""
        return branch_of(self.project, self.task)

    @property
    def limits(self) -> PullRequests:
        """What a change may hold; never workflows where they would run with other projects' secrets."""
        limits = self.state.config.pull_requests
        return limits.model_copy(update={"workflows": False}) if self.project.branch else limits

    @property
    def feature(self) -> FeatureProgress | None:
        """What is known of the task's feature."""
        progress = self.state.development.get(self.project.id)
        features = progress.features if progress else ()
        return next((one for one in features if one.key == self.task.item), None)


def problem_of(publisher: Publisher, subject: Subject, bundle: Path) -> str:
    """Why a change may not be published, before anything was done with it; empty where it may."""
    with publisher.change(bundle, subject.clone_url, subject.branch, subject.base) as change:
        problems = change.problems(subject.limits)
    if not problems:
        return ""
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return f"the work may not be published: {problems[0]}{more}"


def publish_change(publisher: Publisher, subject: Subject, bundle: Path, now: datetime) -> Made:
    """Push a task's commits, open or continue its pull request, and merge that where the rule says so."""
    with publisher.change(bundle, subject.clone_url, subject.branch, subject.base) as change:
        if problems := change.problems(subject.limits):
            return refused(f"the work may not be published: {problems[0]}", "\n".join(problems))
        try:
            change.push()
        except BranchMoved as error:
            return refused(f"somebody else has pushed to {subject.branch} meanwhile: {error}")
    if subject.task.specialty == "tests":
        return Made()  # they fail until the feature is there: nothing to be merged yet
    forge = publisher.forge(subject.project.repository)
    facts = _opened(forge, subject, change.commit)
    known = subject.project.pull(subject.task.key)
    approved = "" if subject.task.specialty == "feature" else change.commit
    pushed_at = known.pushed_at if known and known.facts.head == facts.head else now
    pull = Pull(key=subject.task.key, facts=facts, pushed_at=pushed_at, approved=approved)
    return Made(pull=_merged(forge, subject, pull, now), commit=change.commit)


def _opened(forge: ProjectForge, subject: Subject, commit: str) -> PullFacts:
    """How the branch's pull request stands; a merged one that these commits came after is history."""
    number = _open(forge, subject)
    facts = _seen(forge, number)
    if facts.state != "merged" or facts.head == commit:
        return facts
    try:
        number = _create(forge, subject)
    except Rejected:
        return facts  # it is in the default branch already, to the last line
    return _seen(forge, number)


def _seen(forge: ProjectForge, number: int) -> PullFacts:
    """How a pull request stands. Raises Unavailable: one that was just opened may take GitHub a moment."""
    if (facts := forge.pulls([number]).get(number)) is None:
        raise Unavailable(f"GitHub does not show pull request #{number}. Try again later.")
    return facts


def _open(forge: ProjectForge, subject: Subject) -> int:
    """The number of the branch's pull request; one whose creation's answer was lost is looked up."""
    if (found := forge.find_pull(subject.branch, subject.base)) is not None:
        return found
    try:
        return _create(forge, subject)
    except (Unavailable, Rejected):
        if (found := forge.find_pull(subject.branch, subject.base)) is None:
            raise
        return found


def _create(forge: ProjectForge, subject: Subject) -> int:
    project, task, state = subject.project, subject.task, subject.state
    content = state.content.get(project.id)
    pieces = tuple(one for one in content.pieces if one.specialty == task.specialty) if content else ()
    body = pull_requests.body(project, task, state.genesis.get(project.id), subject.feature, pieces)
    return forge.create_pull(subject.branch, subject.base, pull_requests.title(project, task), body)


def publish_review(publisher: Publisher, subject: Subject, now: datetime) -> Made:
    """Post a review's verdict on its pull request, once for each head, and merge where the rule says so."""
    pull, feature = subject.project.pull(subject.task.key), subject.feature
    if pull is None or feature is None:
        return Made()
    forge, number = publisher.forge(subject.project.repository), pull.facts.number
    head = pull.reviewing or pull.facts.head
    mark = pull_requests.review_mark(subject.project, subject.task, feature, head)
    if not forge.reviewed(number, mark, forge.whoami()):
        text = pull_requests.review(subject.project, subject.task, feature, head)
        forge.review(number, head, text, feature.remarks, approve=feature.verdict == "approved")
    facts = _seen(forge, number)
    judged = feature.verdict == "approved" and facts.head == head
    seen = pull.model_copy(update={"facts": facts, "approved": head if judged else ""})
    return Made(pull=_merged(forge, subject, seen, now), commit=head)


def _merged(forge: ProjectForge, subject: Subject, pull: Pull, now: datetime) -> PullFacts:
    """How it stands after it was merged, where it may be; what GitHub refuses is left to the next look."""
    facts = pull.facts
    if facts.mergeable != "yes" or not may_merge(subject.state.config, pull, subject.base, now):
        return facts
    method = subject.state.config.pull_requests.method
    with suppress(Rejected, Unavailable):
        forge.merge_pull(facts.number, facts.head, method, title_of(subject.project, pull))
    return _seen(forge, facts.number)
