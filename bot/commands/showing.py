"""What the bot keeps up to date outside: the texts, and when they are due to be written anew."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.draft import Draft
from bot.domain.effects import Progress, Status
from bot.domain.models import Project
from bot.domain.quota import Purpose
from bot.domain.showing import Shown, StatusShown
from bot.policies.forecast.expecting import Expectations
from bot.policies.measuring import figures
from bot.policies.outside.requesting import note_shed, shed_by
from bot.policies.outside.showing import is_touched, renewed
from bot.policies.projects.overview import glance
from bot.render import progress, status_issue
from bot.render.shown import digest_of

DAY = timedelta(days=1)
PORTION = 20
"""Progress texts that may be pending at once; the others follow when these are seen."""
OWN = 3
"""The same for a decision that is no look's: a comment's run is not kept busy with others' projects."""


def status_text(draft: Draft, expected: Expectations | None = None) -> str:
    """What the pinned issue says, but for when that was; ``draft`` must not be changed any more.

    ``expected``: of the same state, where it is at hand.
    """
    ends = (expected or Expectations(draft)).of_all()
    return status_issue.page(draft, glance(draft), figures.metrics(draft, DAY), ends)


def settle_shown(draft: Draft) -> None:
    """Ask for what has changed outside to be written, each text at most once in its time.

    Comes last: what it renders is the decided state. What is within its time is noted as stale, so that a
    look that finds nothing asks for it by time alone; what is not stale costs no rendering. While few
    requests are left, what waits for them is stale, too; the pinned issue says so in one last text.
    """
    note_shed(draft)
    status = draft.showing.status
    if status is not None and is_touched(draft):
        status = status.model_copy(update={"stale": True})
    if draft.config.progress.enabled:
        _projects(draft)
    if draft.config.status_issue.enabled:
        _status(draft, status)


def _status(draft: Draft, shown: StatusShown | None) -> None:
    shed = draft.showing.shed
    waits, news = Purpose.STATUS in shed_by(shed), shed != draft.base.showing.shed
    if shown is None:
        if not waits:
            _file(draft)
        return
    if shown.closed or not shown.stale:
        return
    if waits and not news:
        draft.showing = draft.showing.model_copy(update={"status": shown})
        return
    seconds = 0 if waits else draft.config.status_issue.seconds
    after = renewed(shown, draft.now, seconds, lambda: digest_of(status_text(draft)))
    if after != draft.showing.status:
        draft.showing = draft.showing.model_copy(update={"status": after})
    if after.digest != shown.digest:
        draft.show("status", Status())


def _file(draft: Draft) -> None:
    """Have the issue filed by a look; where GitHub refuses that, once a day."""
    asked = draft.showing.asked_at
    if draft.looked and (asked is None or draft.now - asked >= DAY):
        draft.showing = draft.showing.model_copy(update={"asked_at": draft.now})
        draft.show("status", Status())


def _projects(draft: Draft) -> None:
    expected = Expectations(draft)
    # A newer edit takes the place of a pending one, so that settling again finds no more room than this did.
    pending = {entry.effect.project for entry in draft.outbox if isinstance(entry.effect, Progress)}
    most = PORTION if draft.looked else OWN
    waits = Purpose.PROGRESS in shed_by(draft.showing.shed)
    for id_, project in list(draft.projects.items()):
        shown = project.progress
        if shown is None or not (shown.stale or project is not draft.base.projects.get(id_)):
            continue
        room = not waits and (id_ in pending or len(pending) < most)
        after = _progress(draft, project, shown, expected, room=room)
        if after is not shown:
            draft.projects[id_] = project.model_copy(update={"progress": after})
        if after.digest != shown.digest:
            pending.add(id_)
            draft.show(f"progress-{id_}", Progress(project=id_))


def _progress(draft: Draft, project: Project, shown: Shown, expected: Expectations, *, room: bool) -> Shown:
    if not room:
        return shown if shown.stale else shown.model_copy(update={"stale": True})

    def digest() -> str:
        return digest_of(progress.body(draft, project, expected.of(project.id)))

    # Beside the words "Complete" in the same thread, a progress of a minute ago would contradict them.
    ended = project.completed_at is not None and shown.at is not None and shown.at < project.completed_at
    return renewed(shown, draft.now, 0 if ended else draft.config.progress.seconds, digest)
