"""A fleet with a past: some hours of work settled event by event, with something of everything."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.events.batch import Event
from bot.domain.events.worked import WorkPublished
from bot.domain.hours import FlowHour, Hour, Hours
from bot.domain.predictions import Kept, Predicted, Predictions
from bot.domain.state import State
from bot.domain.vocabulary import Workflow
from tests.commands.fleet import Days, features, finish_development
from tests.core.worlds import output

Moment = tuple[datetime, State]


class RecordedDays(Days):
    """Days whose every state is kept, with its time."""

    def __init__(self) -> None:
        self.moments: list[Moment] = []
        super().__init__()

    def settle(self, *events: Event) -> State:
        before = self.state
        if super().settle(*events) is not before:
            self.moments.append((self.now, self.state))
        return self.state


def worked() -> list[Moment]:
    """One project complete, one in development, one in review, others waiting; alerts, a pause, a report."""
    days = RecordedDays()
    days.say("/dispatch-genesis Recipe book --priority high", issue=2)
    days.do("recipe-book-2.genesis", minutes=16)
    finish_development(days, "recipe-book-2")
    while days.state.projects["recipe-book-2"].stage == "content":
        held = [one.assignment for one in days.state.instances.values() if one.assignment]
        days.do(held[0].task, minutes=19)
    days.wait(minutes=50)
    days.say("/dispatch-genesis Chess clock", issue=3)
    for _ in range(3):
        days.fail("chess-clock-3.genesis", minutes=9)
        days.wait(minutes=3)
    days.say("/dispatch-genesis Photo sorter", issue=1)
    held = days.claim("photo-sorter-1.genesis")
    days.wait(minutes=18)
    days.report("photo-sorter-1.genesis", genesis=output())
    made = features("photo-sorter-1", 7)
    days.settle(WorkPublished(task="photo-sorter-1.genesis", lease=held.lease, at=days.now, genesis=made))
    days.claim("photo-sorter-1.part-1.tests")
    for number, title in ((4, "Tide table"), (5, "Bird song"), (6, "Star map")):
        days.say(f"/dispatch-genesis {title}", issue=number)
    days.say("/dispatch-genesis Tax form --priority low", issue=7)
    days.say("/pause genesis", issue=8, role="admin")
    days.say("/alert-administrators capacity the queue grows and grows", issue=8, role="admin")
    days.wait(minutes=75)
    days.say("/incident-report 6h the machines were slow", issue=8, role="admin")
    days.say("/unpause development", issue=8, role="admin")
    days.wait(minutes=4)
    return days.moments


def measured(state: State, now: datetime) -> State:
    """The same with hours and forecasts on record, as far as they do not follow from its events."""
    hour = int(now.timestamp()) // 3_600
    hours = [
        Hour(
            hour=hour - back,
            flows={
                flow: FlowHour(
                    arrived=(back * 5 + at) % 4, done=(back * 3 + at) % 5, failed=(back + at) % 6 == 0
                )
                for at, flow in enumerate(Workflow)
            },
        )
        for back in range(30, -1, -1)
    ]
    open_ = [one.id for one in state.projects.values() if one.going]
    predicted = {
        id_: (
            Predicted(
                at=now,
                low=now + timedelta(minutes=40 + 20 * at),
                median=now + timedelta(minutes=80 + 25 * at),
                high=now + timedelta(minutes=140 + 40 * at),
                runs=300,
            ),
        )
        for at, id_ in enumerate(open_)
    }
    kept = Kept(projects=3, forecasts=12, inside=9, early=1, late=2, off=2.4)
    return replace(
        state,
        hours=Hours(until=now, items=tuple(hours)),
        predictions=Predictions(projects=predicted, backlog=next(iter(predicted.values()))[0], kept=kept),
    )
