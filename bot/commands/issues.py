"""What people do to issues besides commenting: the same as a command, with the same role."""

from __future__ import annotations

from collections.abc import Callable

from bot.commands.alert_issues import settle_alert_issue
from bot.commands.answers import Answer
from bot.commands.forms import asked_for
from bot.commands.intake import take_in
from bot.commands.roles import is_stranger, may, needed, sees_a_stranger
from bot.domain.archive import Left
from bot.domain.draft import Draft
from bot.domain.events.asked import IssueChanged
from bot.domain.labels import OWNED, PRIORITY
from bot.domain.models import Project
from bot.domain.outputs import Priority
from bot.policies.outside import showing
from bot.policies.projects.issues import close_later
from bot.policies.projects.lifecycle import reprioritise
from bot.policies.projects.stopping import OVER, resume_project, stop_project
from bot.render import archived, intake, replies, stopping
from bot.render import issues as words
from bot.render.labels import wanted
from bot.render.line import line
from bot.render.status_issue import closed


def settle_issue(draft: Draft, event: IssueChanged) -> Answer | None:
    """Do what a label, a close or a reopen means; what is to be said is rendered later."""
    if event.failed:
        return (
            None if is_stranger(event.role, draft.config) else _answer(event, lambda after: replies.failed())
        )
    if showing.closed(draft, event):
        return _answer(event, lambda after: closed(event.issue)) if event.action == "closed" else None
    project = next((one for one in draft.projects.values() if one.issue == event.issue), None)
    if project is None and (left := draft.archived.of_issue(event.issue)) is not None:
        return _archived(draft, event, left)
    if event.action == "labeled" and draft.config.issues.asks(event.label):
        return None if project else _asked(draft, event)
    if project is None:
        return settle_alert_issue(draft, event)
    match event.action:
        case "labeled" | "unlabeled":
            return _labelled(draft, event, project)
        case "closed":
            return _closed(draft, event, project)
        case "reopened":
            return _reopened(draft, event, project)


def _archived(draft: Draft, event: IssueChanged, left: Left) -> Answer | None:
    """The issue of a project that is in the archive: whoever may act on it hears where it is."""
    wants = {"reopened": "resume", "labeled": "priority"}.get(event.action)
    asks = draft.config.issues.asks(event.label) or event.label.startswith(PRIORITY)
    if wants is None or (event.action == "labeled" and not asks) or not may(event.role, wants, draft.config):
        return None
    return _answer(event, lambda after: archived.still_archived(after.archived, left))


def _acted(event: IssueChanged, say: Callable[[Draft], str], before: str) -> Answer:
    """The answer to what acts: it ends as a command's does, with the status that it acted on."""
    return _answer(event, lambda after: replies.acted(say(after), before))


def _answer(event: IssueChanged, say: Callable[[Draft], str]) -> Answer:
    return Answer(event, ((event.label or event.action, say),), ok=True)


def _asked(draft: Draft, event: IssueChanged) -> Answer | None:
    """The label of the template "New project" stands for ``/dispatch-genesis`` (specification of use)."""
    config, text = draft.config, event.issue_text
    if is_stranger(event.role, config) and not sees_a_stranger(draft, event.actor):
        return None
    if not may(event.role, "dispatch-genesis", config):
        least = needed("dispatch-genesis", config)
        refusal = words.may_not_ask(event.actor, event.role, least, event.label)
        return _answer(event, lambda after: refusal)
    if text is None or not (form := asked_for(text)).idea.strip():
        return _answer(event, lambda after: intake.no_idea())
    before = line(draft)
    taken = take_in(draft, event, form.title, form.idea, written=text, **form.options)
    return _acted(event, lambda after: intake.queued(after, taken.id, "this issue's title and body"), before)


def _labelled(draft: Draft, event: IssueChanged, project: Project) -> Answer | None:
    """Priorities are people's, with the command's role, the newest wins; the other kinds are put back."""
    level = event.label.removeprefix(PRIORITY)
    if event.label.startswith(PRIORITY) and level in tuple(Priority):
        return _prioritised(draft, event, project, Priority(level))
    if event.label.startswith(OWNED) and (event.action == "labeled") != (event.label in wanted(project)):
        draft.labels_due(project.id)
        return _once(draft, event, project, "owned", words.owned(event.label))
    return None


def _prioritised(draft: Draft, event: IssueChanged, project: Project, level: Priority) -> Answer | None:
    removed = event.action == "unlabeled"
    if removed and level is not project.priority:
        return None
    if not may(event.role, "priority", draft.config):
        draft.labels_due(project.id)
        least = needed("priority", draft.config)
        return _once(draft, event, project, "priority", words.may_not_prioritise(event, least))
    to = Priority.NORMAL if removed else level
    overtaken = project.prioritised_at is not None and event.at < project.prioritised_at
    if overtaken or to is project.priority:
        draft.labels_due(project.id)
    else:
        reprioritise(draft, project, to, event.actor, event.at)
    return None


def _once(draft: Draft, event: IssueChanged, project: Project, hint: str, text: str) -> Answer | None:
    """A hint that a project's thread is given one time only."""
    if hint in project.told:
        return None
    known = draft.projects[project.id]
    draft.put(known.model_copy(update={"told": (*known.told, hint)}))
    return _answer(event, lambda after: text)


def _closed(draft: Draft, event: IssueChanged, project: Project) -> Answer | None:
    how = draft.config.issues.on_close
    if how == "ignore" or project.stop is not None or project.status in OVER:
        return None
    if not may(event.role, "emergency-stop", draft.config):
        return _may_not_close(draft, event, project)
    if how == "stop":
        before = line(draft)
        stop_project(draft, project, at=event.at, by=event.actor, cause=event.id, why="closed")
        return _acted(event, lambda after: stopping.stopped(after, project.id), before)
    close_later(draft, project, event)
    return _answer(event, lambda after: words.closing(after, project.id))


def _may_not_close(draft: Draft, event: IssueChanged, project: Project) -> Answer | None:
    """Closing an issue is open to its author, whatever their role; stopping its project is not."""
    if is_stranger(event.role, draft.config) and not sees_a_stranger(draft, event.actor):
        return None
    least = needed("emergency-stop", draft.config)
    return _once(draft, event, project, "close", words.may_not_close(event, project.id, least))


def _reopened(draft: Draft, event: IssueChanged, project: Project) -> Answer | None:
    if not may(event.role, "resume", draft.config):
        return None
    if project.stop is not None and project.stop.why == "closed":
        before = line(draft)
        resume_project(draft, project, event.actor)
        return _acted(event, lambda after: stopping.resumed(after, project.id), before)
    if project.closing is not None:
        draft.put(project.model_copy(update={"closing": None}))
        return _answer(event, lambda after: stopping.close_called_off(project))
    return None
