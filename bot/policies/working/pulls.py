"""Pull requests on their way into a project's default branch: merged, sent back, or left to a person.

What is known of one is taken in here, by publications and by looks at GitHub; what follows is judged in
every settle from what the state knows, so that a check that never begins is due by time alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.domain.draft import Draft
from bot.domain.effects import MergePull, Stalled, ToMerge
from bot.domain.merge_rule import may_merge, stalled, waits_for_person
from bot.domain.models import Project, Task
from bot.domain.pulls import Pull, PullFacts, PullSeen
from bot.domain.vocabulary import QueueName, TaskStatus
from bot.policies.projects.closing import close_issue
from bot.policies.working.branches import base_of
from bot.policies.working.closed_pulls import closed, may_come_back, reopened
from bot.policies.working.pull_tasks import author, failure, steps
from bot.policies.working.sending_back import hold_followers, send_back, worked_on

AFTERWARDS = timedelta(days=7)
"""So long the open pull requests of a complete project are looked at."""
_LEFT = (TaskStatus.WAITING, TaskStatus.QUEUED, TaskStatus.REVIEW, TaskStatus.STOPPED)
"""Steps that nobody is at."""


def awaited(project: Project, now: datetime) -> tuple[Pull, ...]:
    """The pull requests of a project that a look at GitHub is worth.

    One that was closed may be opened again while its task waits for a person because of that. Of a complete
    project only those are open whose work was dropped: their merge is still told for a while, and changes
    nothing else.
    """
    if project.going:
        return tuple(pull for pull in project.pulls if pull.open or may_come_back(project, pull))
    fresh = project.completed_at is not None and now - project.completed_at < AFTERWARDS
    return tuple(pull for pull in project.pulls if pull.open) if fresh else ()


def read(draft: Draft, project: Project, task: Task) -> None:
    """A review is begun: whatever comes to its pull request from now on is not what it judges."""
    pull = project.pull(task.key)
    if pull is not None and pull.open and task.specialty == "review":
        draft.put(project.with_pull(pull.model_copy(update={"reviewing": pull.facts.head})))


def published(draft: Draft, project: Project, task: Task, facts: PullFacts, *, approved: str) -> None:
    """A task's change, or its review, is at its pull request.

    ``approved``: the commit that the review, or the gates, let through; empty for none. A head that somebody
    moved meanwhile is not what was judged. What somebody closed meanwhile is left to the next look, which
    finds the task done: only then it can go to a person, before anything that follows from it begins.
    """
    known = project.pull(task.key)
    if facts.state == "closed":
        facts = facts.model_copy(update={"state": "open", "mergeable": "unknown"})
    pull = _moved(draft, known, task.key, facts)
    if known is not None and known.facts.head != facts.head:
        _void(draft, project, pull)
    if approved and approved == facts.head:
        pull = pull.model_copy(update={"approved": approved})
    draft.put(draft.projects[project.id].with_pull(pull))
    if facts.state == "merged":
        _merged(draft, draft.projects[project.id], pull)


def _moved(draft: Draft, known: Pull | None, key: str, facts: PullFacts) -> Pull:
    if known is None:
        return Pull(key=key, facts=facts, pushed_at=draft.now).heard(draft.now)
    if known.facts.head == facts.head:
        return known.model_copy(update={"facts": facts}).heard(draft.now)
    updates: dict[str, object] = {"facts": facts, "pushed_at": draft.now}
    merged = len(facts.parents) == 2 and facts.parents[0] == known.updating
    if merged and known.approved == known.updating:
        updates["approved"] = facts.head  # the bot itself brought it up to date: nothing else was changed
    moved = {**updates, "merging": "", "updating": "", "silent_since": None}
    return known.model_copy(update=moved).heard(draft.now)


def see(draft: Draft, seen: PullSeen) -> None:
    """What a look at GitHub shows of a pull request.

    A look that is older than what the state has learned meanwhile is left to the next one.
    """
    project = draft.projects.get(seen.project)
    known = project.pull(seen.key) if project else None
    if project is None or known is None or known.facts.number != seen.facts.number:
        return
    still = known.facts.state == "merged" or known.facts.state == seen.facts.state == "closed"
    if known.facts.head != seen.known or still:
        return
    pull = _moved(draft, known, seen.key, seen.facts)
    if pull.facts.head != known.facts.head:
        _void(draft, project, pull)
    draft.put(project.with_pull(pull))
    if not known.open:
        reopened(draft, project, known, pull)
    match seen.facts.state:
        case "merged":
            _merged(draft, draft.projects[project.id], pull)
        case "closed":
            pull = _call_off(draft, draft.projects[project.id], pull)
            closed(draft, draft.projects[project.id], pull)
        case "open":
            pass


def _merged(draft: Draft, project: Project, pull: Pull) -> None:
    """It is in the default branch, whoever merged it: what was left of its own steps is over."""
    _void(draft, project, pull)
    draft.note("pull-request", project=project.id, detail=f"#{pull.facts.number} merged")
    if project.branch:  # GitHub closes issues by pull requests into the repository's default branch alone
        close_issue(draft, project, pull.key, f"merged-{project.id}-{pull.facts.number}")
    for task in steps(project, pull.key):
        if task.status in _LEFT and not task.discarded and task.specialty != "deployment":
            for name in (QueueName(task.workflow.value), QueueName.REVIEW):
                draft.queue(name).pop(task.id, None)
            over = {"status": TaskStatus.DONE, "finished_at": draft.now, "front": False, "reserved": None}
            draft.put_task(project.id, task.model_copy(update={**over, "error": None, "not_before": None}))


def _review_again(draft: Draft, project: Project, pull: Pull, review: Task) -> None:
    """A head that nobody has reviewed needs a review."""
    draft.note("pull-request", project=project.id, detail=f"#{pull.facts.number} has new commits")
    draft.put(project.with_pull(pull.model_copy(update={"approved": ""})))
    again = {"status": TaskStatus.WAITING, "attempt": 0, "finished_at": None, "session": None}
    draft.put_task(project.id, review.model_copy(update=again))
    # After a merge by a person something follows already; what the feature then hands on is another change.
    hold_followers(draft, draft.projects[project.id], review, done_too=False)


def settle_pulls(draft: Draft) -> None:
    """What follows from what is known of each open pull request."""
    for project in list(draft.projects.values()):
        for pull in project.pulls:
            if not pull.open:
                continue
            if project.going and not any(worked_on(task) for task in steps(project, pull.key)):
                _judge(draft, draft.projects[project.id], pull)
            else:  # what is wrong with it may be mended already; the next look shows
                _call_off(draft, draft.projects[project.id], pull)


def _judge(draft: Draft, project: Project, pull: Pull) -> None:
    facts = pull.facts
    review = next((task for task in steps(project, pull.key) if task.specialty == "review"), None)
    asked = [one for one in facts.requested if one.id not in pull.answered]
    if asked:
        answered = {"answered": (*pull.answered, *(one.id for one in asked))}
        names = ", ".join(dict.fromkeys(f"@{one.author}" for one in asked))
        text = "\n\n".join(f"{one.author}:\n{one.text}" for one in asked)
        _back(draft, project, pull, answered, f"{names} asked for changes on #{facts.number}", text)
    elif facts.checks == "failed" and pull.blamed != facts.head:
        summary = f"checks of pull request #{facts.number} failed"
        _back(draft, project, pull, {"blamed": facts.head}, summary, facts.failing)
    elif facts.mergeable == "conflict" and pull.blamed != facts.head:
        summary = f"pull request #{facts.number} conflicts with the default branch"
        _back(draft, project, pull, {"blamed": facts.head}, summary, "")
    elif may_merge(draft.config, pull, base_of(draft.genesis.get(project.id)), draft.now):
        _merge(draft, project, pull)
    elif stalled(draft.config, pull, draft.now, reviewed=review is not None):
        _tell_stalled(draft, project, pull)
    elif facts.mergeable != "unknown":
        pull = _call_off(draft, project, pull)
        if pull.approved != facts.head and review is not None and review.status is TaskStatus.DONE:
            _review_again(draft, project, pull, review)
        elif pull.told != facts.head and (
            facts.base not in ("", base_of(draft.genesis.get(project.id)))
            or waits_for_person(draft.config, pull, reviewed=review is not None)
        ):
            _tell(draft, project, pull)


def _tell(draft: Draft, project: Project, pull: Pull) -> None:
    """Ask for a person's merge in the project's thread, once for each head."""
    facts = pull.facts
    draft.put(project.with_pull(pull.model_copy(update={"told": facts.head})))
    cause = f"merge-{project.id}-{facts.number}-{facts.head[:12]}"
    draft.notices.append((cause, ToMerge(project=project.id, key=pull.key)))


def _tell_stalled(draft: Draft, project: Project, pull: Pull) -> None:
    """Say in the project's thread what it waits for, once for each head."""
    facts = pull.facts
    if pull.stalled != facts.head:
        draft.put(project.with_pull(pull.model_copy(update={"stalled": facts.head})))
        cause = f"stalled-{project.id}-{facts.number}-{facts.head[:12]}"
        draft.notices.append((cause, Stalled(project=project.id, key=pull.key)))


def given_up(draft: Draft, merge: MergePull) -> None:
    """GitHub has refused a merge for good, though nothing stands in its way that it tells of."""
    project = draft.projects.get(merge.project)
    pull = project.pull(merge.key) if project else None
    if project and pull and pull.open and pull.told != merge.head == pull.facts.head:
        _tell(draft, project, pull)


def _back(
    draft: Draft, project: Project, pull: Pull, known: Mapping[str, object], summary: str, output: str
) -> None:
    """Send it back to the task that made it, with what stands in its way as the context."""
    if (task := author(project, pull.key)) is None or task.status is not TaskStatus.DONE:
        return
    _void(draft, project, pull)
    back = {**known, "approved": "", "merging": "", "updating": ""}
    draft.put(project.with_pull(pull.model_copy(update=back)))
    why = failure(draft, task, summary, pull.facts.url, output)
    send_back(draft, draft.projects[project.id], task, why)


def _merge(draft: Draft, project: Project, pull: Pull) -> None:
    facts = pull.facts
    update = facts.mergeable == "behind"
    asked = pull.updating if update else pull.merging
    if asked == facts.head:
        return
    changed = {"updating": facts.head} if update else {"merging": facts.head}
    draft.put(project.with_pull(pull.model_copy(update=changed)))
    draft.emit(
        f"{'update' if update else 'merge'}-{project.id}-{facts.number}-{facts.head[:12]}",
        MergePull(
            project=project.id,
            key=pull.key,
            repository=project.repository,
            number=facts.number,
            head=facts.head,
            method=draft.config.pull_requests.method,
            title=title_of(project, pull),
            update=update,
        ),
    )


def _call_off(draft: Draft, project: Project, pull: Pull) -> Pull:
    """What was asked for is not to be delivered as things stand now."""
    if not (pull.merging or pull.updating):
        return pull
    _void(draft, project, pull)
    changed = pull.model_copy(update={"merging": "", "updating": ""})
    draft.put(project.with_pull(changed))
    return changed


def title_of(project: Project, pull: Pull) -> str:
    """The title of the commit that merging makes."""
    task = author(project, pull.key)
    what = ((task.title if task else "") or pull.key).replace("@", "@\u200b")
    return f"{what[:200]} (#{pull.facts.number})"


def _void(draft: Draft, project: Project, pull: Pull) -> None:
    """It is decided: nothing of it is to be delivered any more."""
    draft.void(
        [
            entry.id
            for entry in draft.outbox
            if isinstance(entry.effect, MergePull)
            and (entry.effect.project, entry.effect.key) == (project.id, pull.key)
        ]
    )
