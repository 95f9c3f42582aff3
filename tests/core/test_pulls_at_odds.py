"""Pull requests against titles, people and answers of GitHub that nobody wishes for."""

from __future__ import annotations

from bot.domain.config import Config
from bot.domain.effects import MergePull
from bot.domain.events.observed import Observed
from bot.domain.events.worked import WorkPublished
from bot.domain.merging import PullRequests
from bot.domain.outputs import FeatureProgress
from bot.domain.vocabulary import TaskStatus
from tests.commands.fleet import Days
from tests.core.test_pulls import CODE, HEAD, ID, NEXT, Pulls, approved, facts, implemented
from tests.core.worlds import output


class Titled(Pulls):
    """A project whose one issue has another title."""

    def __init__(self, title: str) -> None:
        rule = PullRequests(merge="auto", checks_seconds=0)
        Days.__init__(self, Config(pull_requests=rule))
        self.looks = 0
        self.say("/dispatch-genesis A page", issue=1)
        held = self.claim(f"{ID}.genesis")
        issues = tuple(issue.model_copy(update={"title": title}) for issue in output().issues)
        self.report(held.task, genesis=output(issues=issues))
        home = {"repository": "acme/a-page-1", "repository_url": "http://hub/acme/a-page-1"}
        made = output(issues=issues, **home)
        self.settle(WorkPublished(task=held.task, lease=held.lease, at=self.now, genesis=made))


def test_a_title_of_nothing_but_mentions_is_merged_under_a_title_that_fits() -> None:
    days = Titled("@" * 200)
    days.publish("foundation.feature", facts())
    days.review("approved", facts())
    days.look(facts(checks="passed"))
    (merge,) = [one.effect for one in days.state.outbox.entries if isinstance(one.effect, MergePull)]
    assert merge.title.startswith("@\u200b@\u200b")
    assert merge.title.endswith(" (#7)")
    assert "@@" not in merge.title


def test_a_pull_request_that_was_closed_while_its_review_ran_holds_back_what_comes_after_it() -> None:
    days = implemented(merge="person")
    days.review("approved", facts(state="closed"))
    assert days.task("deployment").status is TaskStatus.WAITING
    days.look(facts(state="closed"))
    assert days.task("foundation.feature").status is TaskStatus.REVIEW
    assert days.task("deployment").status is TaskStatus.WAITING


def test_a_pull_request_that_was_closed_and_opened_again_while_its_review_ran_is_as_it_was() -> None:
    days = implemented(merge="auto")
    days.review("approved", facts(state="closed"))
    assert days.merges() == []
    days.look(facts(checks="passed"))
    assert [number for number, _, _ in days.merges()] == [7]
    assert days.task("foundation.feature").status is TaskStatus.DONE


def test_a_pull_request_that_was_closed_as_soon_as_it_was_opened_goes_to_a_person() -> None:
    days = Pulls()
    days.publish("foundation.feature", facts(state="closed"))
    days.look(facts(state="closed"))
    assert days.task("foundation.feature").status is TaskStatus.REVIEW


def test_a_merge_that_github_refuses_again_and_again_is_left_to_a_person_in_the_thread() -> None:
    days = approved(merge="auto")
    days.look(facts(checks="passed"))
    assert days.merges() == [(7, HEAD, False)]
    before = len(days.told())
    for attempt in range(20):
        pending = tuple(e.id for e in days.state.outbox.entries if isinstance(e.effect, MergePull))
        if not pending:
            break
        days.wait(hours=2)
        seen = Observed(observer=f"again-{attempt}", at=days.now, looked_for=pending)
        days.settle(seen)
    assert days.merges() == []
    (told,) = days.told()[before:]
    assert "[#7]" in told
    assert told.endswith("GitHub refuses to let the bot do it; the log of the latest runs says why.")
    days.look(facts(checks="passed", mergeable="unknown"))
    days.look(facts(checks="passed"))
    assert len(days.told()) == before + 1


def test_a_pull_request_that_leads_elsewhere_is_never_merged_by_the_bot() -> None:
    days = approved(merge="auto")
    before = len(days.told())
    days.look(facts(checks="passed", base="release"))
    assert days.merges() == []
    (told,) = days.told()[before:]
    assert "is to be merged into `release`" in told
    assert told.endswith("The bot merges into `main` alone.")
    days.look(facts(checks="passed", base="main"))
    assert days.merges() == [(7, HEAD, False)]


def test_what_was_to_follow_a_merge_waits_for_the_review_of_what_comes_after_it() -> None:
    """A person merges while the feature is mended; what that hands on is reviewed before the deployment."""
    days = implemented(merge="person")
    days.review("changes", facts())
    held = days.claim(f"{ID}.foundation.feature")
    days.say("/pause development", issue=1)
    days.look(facts(state="merged"))
    assert days.task("deployment").status is TaskStatus.QUEUED
    days.report(held.task, publishes=True, feature=FeatureProgress(key="foundation", **CODE))
    days.settle(
        WorkPublished(task=held.task, lease=held.lease, at=days.now, pull=facts(8, head=NEXT), commit=NEXT)
    )
    assert days.task("foundation.review").status in (TaskStatus.WAITING, TaskStatus.QUEUED)
    assert days.task("deployment").status is TaskStatus.WAITING
