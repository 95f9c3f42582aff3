"""Finished projects leave the state, people are told where they are, and each can come back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.decide import Decision, decide, is_due
from bot.domain import archiving, files, invariants
from bot.domain.archive import LISTED, Archived, Record
from bot.domain.config import Config
from bot.domain.draft import Draft
from bot.domain.effects import Labels, Outbox, OutboxEntry
from bot.domain.events.asked import CommentCreated, IssueChanged
from bot.domain.events.batch import Restored
from bot.domain.events.observed import Observed, Voted
from bot.domain.figures import Measured, Metric
from bot.domain.retention import LEAST, Retention
from bot.domain.showing import CompletionComment
from bot.domain.vocabulary import ProjectStatus
from bot.policies.measuring.figures import metrics
from bot.policies.projects.archiving import MOST
from bot.render.status_issue import states
from tests.commands.fleet import Days, finish_development
from tests.core.worlds import START, begun, claimed, replies, reported

PLACE = "https://github.example/acme/fleet/blob/state-archive"
DAYS = Retention().finished_days


class Fleet:
    """People and looks, one after the other; what leaves the state is kept as the shell keeps it."""

    def __init__(self, retention: Retention | None = None) -> None:
        config = Config(retention=retention or Retention())
        self.state, self.now = begun(config), START
        self.archive: dict[str, bytes] = {}
        self._number = 0

    def decide(self, *events: Any) -> Decision:
        decision = decide(self.state, events, self.now)
        invariants.check(decision.state)
        assert decide(decision.state, [], self.now).state is decision.state
        for path, content in archiving.changes(self.state, decision.state).items():
            if content is None:
                del self.archive[path]
            else:
                assert path not in self.archive
                self.archive[path] = content
        self.state = decision.state
        self.hold()
        return decision

    def hold(self) -> None:
        """Each project is in exactly one place, and the state counts right."""
        kept = [Record.model_validate_json(content) for content in self.archive.values()]
        ids = [one.project.id for one in kept]
        assert len(set(ids)) == len(ids)
        assert not set(ids) & self.state.projects.keys()
        assert {one.path for one in kept} == self.archive.keys()
        assert self.state.archived.count == len(kept)

    def say(self, body: str, issue: int = 900, role: str = "admin") -> list[str]:
        self._number += 1
        event = CommentCreated(
            comment=self._number, issue=issue, actor="ada", role=role, body=body, at=self.now
        )
        return replies(self.decide(event))

    def change(self, action: str, issue: int, label: str = "", role: str = "admin") -> list[str]:
        self._number += 1
        event = IssueChanged.model_validate(
            {
                "number": self._number,
                "issue": issue,
                "action": action,
                "label": label,
                "actor": "ada",
                "role": role,
                "at": self.now,
            }
        )
        return replies(self.decide(event))

    def look(self, **seen: Any) -> Decision:
        """A tick that may write the archive branch, and sees everything done that was asked for."""
        self._number += 1
        delivered = tuple(entry.id for entry in self.state.outbox.entries)
        values: dict[str, Any] = {"delivered": delivered, "archive": PLACE} | seen
        return self.decide(Observed(observer=f"t{self._number}", at=self.now, **values))

    def wait(self, **span: float) -> None:
        self.now += timedelta(**span)

    def drop(self, issue: int) -> str:
        """A project that was asked for on an issue, and dropped."""
        known = set(self.state.projects)
        self.say("/dispatch-genesis Idea", issue)
        (id_,) = self.state.projects.keys() - known
        self.say(f"/discard {id_}", issue)
        return id_

    def full(self, count: int = LEAST + 2) -> None:
        """So many dropped projects, one a minute, all of them seen."""
        for issue in range(1, count + 1):
            self.drop(issue)
            self.wait(minutes=1)
        self.look()


def left(fleet: Fleet) -> list[str]:
    return [one.id for one in fleet.state.archived.items]


@pytest.fixture
def fleet() -> Fleet:
    """Two more than stay in any case, old enough to leave with the next look."""
    made = Fleet()
    made.full()
    made.wait(days=DAYS)
    return made


def test_the_oldest_leave_with_a_look_after_their_time_and_the_latest_stay(fleet: Fleet) -> None:
    before = fleet.state
    fleet.look()
    assert left(fleet) == ["idea-1", "idea-2"]
    assert len(fleet.state.projects) == LEAST
    record = Record.model_validate_json(fleet.archive[fleet.state.archived.items[0].path])
    assert record.project == before.projects["idea-1"]
    assert (record.left_at, record.path) == (fleet.now, f"archive/{fleet.now:%Y-%m-%d}/idea-1.json")
    assert fleet.state.archived.place == PLACE
    assert not any("idea-1/" in path for path in files.tree(fleet.state))


def test_time_alone_makes_a_look_worth_a_commit(fleet: Fleet) -> None:
    fleet.wait(minutes=-30)
    look = Observed(observer="x", at=fleet.now, archive=PLACE)
    fleet.look()
    assert not is_due(fleet.state, look, fleet.now)
    assert is_due(fleet.state, look, fleet.now + timedelta(minutes=30))
    assert not is_due(fleet.state, look.model_copy(update={"archive": ""}), fleet.now + timedelta(minutes=30))


@pytest.mark.parametrize("archive", ["", PLACE])
def test_neither_a_comment_nor_a_look_without_an_archive_lets_anything_go(fleet: Fleet, archive: str) -> None:
    if archive:
        fleet._number += 1
        event = CommentCreated(
            comment=fleet._number, issue=1, actor="ada", role="admin", body="/status", at=fleet.now
        )
        fleet.decide(event, Observed(observer="x", at=fleet.now, archive=archive))
    else:
        fleet.look(archive="")
    fleet.say("/status idea-1")
    assert left(fleet) == []


def test_many_leave_in_portions() -> None:
    fleet = Fleet()
    fleet.full(LEAST + MOST + 3)
    fleet.wait(days=DAYS)
    for expected in (MOST, MOST + 3, MOST + 3):
        fleet.look()
        assert len(left(fleet)) == expected


def test_of_more_than_stay_the_oldest_leave_however_young() -> None:
    fleet = Fleet(Retention(finished_days=300, finished_most=LEAST))
    fleet.full(LEAST + 3)
    fleet.look()
    assert left(fleet) == ["idea-1", "idea-2", "idea-3"]


def test_nothing_leaves_where_it_is_switched_off() -> None:
    fleet = Fleet(Retention(enabled=False))
    fleet.full()
    fleet.wait(days=400)
    fleet.look()
    assert left(fleet) == []


def test_what_is_asked_for_and_not_seen_keeps_its_project(fleet: Fleet) -> None:
    waiting = OutboxEntry(
        id="labels-idea-1/1", effect=Labels(project="idea-1"), asked_at=fleet.now, claimed_at=fleet.now
    )
    fleet.state = replace(fleet.state, outbox=Outbox(entries=(waiting,)))
    fleet.look(delivered=())
    assert left(fleet) == ["idea-2"]
    fleet.look()
    assert left(fleet) == ["idea-2", "idea-1"]


def test_what_was_touched_stays_for_its_time_again(fleet: Fleet) -> None:
    fleet.say("/retry idea-1")
    fleet.say("/discard idea-1")
    fleet.look()
    fleet.look()
    assert left(fleet) == ["idea-2", "idea-3"]


@pytest.mark.parametrize("id_", ["idea-1", "IDEA-1", "#1", "`idea-1`"])
def test_status_tells_of_an_archived_project_and_where_it_is(fleet: Fleet, id_: str) -> None:
    fleet.look()
    (reply,) = fleet.say(f"/status {id_}")
    path = fleet.state.archived.items[0].path
    assert "`idea-1` (#1), Idea, was dropped 2026-11-23" in reply
    assert f"[`{path}`]({PLACE}/{path})" in reply
    assert "`orchestrator state restore idea-1`" in reply
    assert "Not run" not in reply


@pytest.mark.parametrize(
    "command",
    [
        "/why idea-1",
        "/why idea-1.genesis",
        "/retry idea-1",
        "/retry idea-1.genesis",
        "/discard idea-1",
        "/resume idea-1",
        "/emergency-stop idea-1",
        "/priority idea-1 high",
        "/approve idea-1",
        "/forecast idea-1",
        "/trigger-content idea-1",
    ],
)
def test_a_command_for_an_archived_project_changes_nothing_and_says_where_it_is(
    fleet: Fleet, command: str
) -> None:
    fleet.say("/dispatch-genesis Idea", 11)  # an id that begins like the other's
    fleet.look()
    projects = fleet.state.projects
    (reply,) = fleet.say(command)
    assert "Not run: `idea-1` (#1), Idea, was dropped" in reply
    assert fleet.state.projects == projects


def test_commands_on_an_archived_projects_issue_mean_it(fleet: Fleet) -> None:
    fleet.look()
    (why,) = fleet.say("/why", issue=1)
    assert "`idea-1` (#1), Idea, was dropped" in why
    (whole,) = fleet.say("/status", issue=1)
    assert f"{LEAST + 2} dropped" in whole
    assert "2 of them are in the archive" in whole


@pytest.mark.parametrize(
    ("action", "label"), [("reopened", ""), ("labeled", "new-project"), ("labeled", "priority:high")]
)
def test_what_people_do_to_its_issue_starts_nothing_and_is_answered(
    fleet: Fleet, action: str, label: str
) -> None:
    fleet.look()
    projects = fleet.state.projects
    (reply,) = fleet.change(action, 1, label)
    assert "Nothing was changed: `idea-1`" in reply
    assert fleet.state.projects == projects
    assert fleet.change(action, 1, label, role="none") == []
    assert fleet.change("unlabeled", 1, "priority:high") == []


def test_a_new_project_on_its_issue_gets_another_id_and_an_issue_of_its_own(fleet: Fleet) -> None:
    fleet.look()
    fleet.say("/dispatch-genesis Idea", 1)
    (new,) = fleet.state.projects.keys() - {f"idea-{number}" for number in range(30)}
    assert (new, fleet.state.projects[new].issue) == ("idea-1-2", None)


def test_ids_of_what_is_no_longer_listed_are_not_used_again(fleet: Fleet) -> None:
    fleet.look()
    known = fleet.state.archived
    fleet.state = replace(
        fleet.state, archived=known.model_copy(update={"items": known.items[1:], "unlisted_to": 1})
    )
    fleet.say("/dispatch-genesis Idea", 1)
    (new,) = fleet.state.projects.keys() - {f"idea-{number}" for number in range(30)}
    assert new == f"idea-1-{LEAST + 3}"


def test_late_work_of_an_archived_project_changes_nothing() -> None:
    fleet = Fleet()
    fleet.say("/dispatch-genesis Idea", 1)
    (held,) = [one.assignment for one in fleet.state.instances.values() if one.assignment]
    fleet.decide(claimed(held))
    fleet.say("/discard idea-1", 1)
    for issue in range(2, LEAST + 2):
        fleet.drop(issue)
    fleet.look()
    fleet.wait(days=DAYS)
    fleet.look()
    assert left(fleet) == ["idea-1"]
    before = fleet.state
    fleet.decide(reported(held).model_copy(update={"at": fleet.now}))
    fleet.look(votes=(Voted(project="gone-7", up=1, down=0),))
    assert (fleet.state.projects, fleet.state.archived) == (before.projects, before.archived)


def restored(fleet: Fleet, id_: str) -> Restored:
    path = next(path for path in fleet.archive if path.endswith(f"/{id_}.json"))
    return Restored(at=fleet.now, by="ada", record=Record.model_validate_json(fleet.archive[path]))


def test_what_is_brought_back_is_as_it_was_and_stays_for_its_time(fleet: Fleet) -> None:
    before = fleet.state.projects["idea-1"]
    fleet.look()
    event = restored(fleet, "idea-1")
    fleet.decide(event)
    assert fleet.state.projects["idea-1"] == before.model_copy(update={"updated_at": fleet.now})
    assert left(fleet) == ["idea-2"]
    arrived = sum(flow.arrived for flow in fleet.state.hours.items[-1].flows.values())
    assert (arrived, fleet.state.hours.items[-1].projects) == (0, 0), "it neither arrives nor ends twice"
    fleet.decide(event)
    assert left(fleet) == ["idea-2"], "doing so again changes nothing"
    fleet.look()
    assert "idea-1" in fleet.state.projects
    fleet.say("/retry idea-1")
    assert fleet.state.projects["idea-1"].going


def test_votes_on_an_archived_delivery_are_still_counted(fleet: Fleet) -> None:
    fleet.look()
    known = fleet.state.archived
    told = known.items[0].model_copy(
        update={"delivery": CompletionComment(comment=5), "status": ProjectStatus.COMPLETE}
    )
    counted = {"complete": 1, "dropped": 1}
    changed = known.model_copy(update={"items": (told, *known.items[1:]), **counted})
    fleet.state = replace(fleet.state, archived=changed)
    fleet.look(votes=(Voted(project="idea-1", up=2, down=1),), counted=True)
    delivery = fleet.state.archived.items[0].delivery
    assert delivery is not None
    assert (delivery.up, delivery.down) == (2, 1)


WORK = (Metric.GENESIS, Metric.DEVELOPMENT, Metric.CONTENT)


def test_what_is_counted_of_projects_stays_when_they_leave() -> None:
    days = Days()
    days.say("/dispatch-genesis Idea --size quick", issue=1)
    days.do("idea-1.genesis", minutes=5)
    finish_development(days, "idea-1")
    for kind in ("documentation", "marketing", "social"):
        days.do(f"idea-1.{kind}", minutes=2)
    fleet = Fleet()
    fleet.state, fleet.now, fleet._number = days.state, days.now, 1_000
    for issue in range(2, LEAST + 2):
        fleet.drop(issue)
    fleet.look()
    fleet.wait(days=DAYS)

    def counted() -> tuple[Measured, object, object, object]:
        draft = Draft(fleet.state, fleet.now)
        found = metrics(draft, timedelta(days=40)).figures
        ended = next(one.now for one in found if one.metric is Metric.END_TO_END)
        work = {one.metric: one.now.count for one in found if one.metric in WORK}
        return ended, states(draft), [one.projects for one in fleet.state.hours.items if one.projects], work

    before = counted()
    assert before[0].count == 1
    assert before[3] == {Metric.GENESIS: 1, Metric.DEVELOPMENT: 2, Metric.CONTENT: 3}
    fleet.look()
    assert left(fleet) == ["idea-1"]
    assert fleet.state.archived.complete == 1
    assert counted() == before
    assert all(
        fleet.state.archived.items[0].id not in found for found in (fleet.state.genesis, fleet.state.content)
    )


def test_the_list_is_bounded_and_remembers_what_it_no_longer_names() -> None:
    fleet = Fleet(Retention(finished_most=LEAST))
    fleet.full(LEAST + 1)
    fleet.look()
    (only,) = fleet.state.archived.items
    many = tuple(
        only.model_copy(update={"id": f"old-{n}", "asked_on": 1_000 + n, "issue": 1_000 + n})
        for n in range(LISTED)
    )
    fleet.state = replace(fleet.state, archived=Archived(place=PLACE, dropped=LISTED, items=many))
    fleet.archive.clear()
    decision = decide(fleet.state, [Observed(observer="x", at=fleet.now, archive=PLACE)], fleet.now)
    assert decision.state.archived is fleet.state.archived
    fleet.now += timedelta(days=1)
    fleet.state = replace(fleet.state, outbox=Outbox())
    projects = {
        **fleet.state.projects,
        "new-99": next(iter(fleet.state.projects.values())).model_copy(
            update={"id": "new-99", "issue": 99, "asked_on": 99, "tasks": ()}
        ),
    }
    fleet.state = replace(fleet.state, projects=projects)
    after = decide(fleet.state, [Observed(observer="y", at=fleet.now, archive=PLACE)], fleet.now).state
    assert len(after.archived.items) == LISTED
    assert (after.archived.count, after.archived.unlisted_to) == (LISTED + 1, 1_000)
    assert after.archived.unlisted_at == only.finished_at


@settings(max_examples=12, deadline=None)
@given(st.data())
def test_a_project_is_always_in_exactly_one_place_and_no_id_is_used_twice(data: st.DataObject) -> None:
    """Whatever people, looks and time do; ``Fleet.hold`` judges each commit."""
    fleet, issues = Fleet(Retention(finished_days=1, finished_most=LEAST)), LEAST + 3
    fleet.full(issues)
    born = {*fleet.state.projects, *left(fleet)}
    assert len(fleet.archive) == 3
    for _ in range(data.draw(st.integers(5, 25))):
        before = set(fleet.state.projects)
        match data.draw(st.sampled_from("drop again look look wait back retry label".split())):
            case "drop":
                issues += 1
                fleet.drop(issues)
            case "again" if left(fleet):
                fleet.drop(data.draw(st.sampled_from([one.asked_on for one in fleet.state.archived.items])))
            case "look":
                fleet.look()
            case "wait":
                fleet.wait(hours=data.draw(st.sampled_from([1, 12, 24])))
            case "back" if fleet.archive:
                id_ = data.draw(st.sampled_from(sorted(fleet.archive))).rpartition("/")[2]
                fleet.decide(restored(fleet, id_.removesuffix(".json")))
                before.add(id_.removesuffix(".json"))
            case "retry":
                fleet.say(f"/retry {data.draw(st.sampled_from(sorted(born)))}")
            case "label":
                fleet.change("labeled", data.draw(st.integers(1, issues)), "new-project")
        fresh = set(fleet.state.projects) - before
        assert not fresh & born, "an id is used again"
        born |= fresh
    kept = {path.rpartition("/")[2].removesuffix(".json") for path in fleet.archive}
    assert kept | fleet.state.projects.keys() == born
