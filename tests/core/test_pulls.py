"""Pull requests on their way into the default branch: merged by the rule, sent back, or left to a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot

from bot.decide import decide
from bot.domain.config import Config
from bot.domain.effects import MergePull, Reply
from bot.domain.events.observed import Observed
from bot.domain.events.worked import Unpublished, WorkPublished
from bot.domain.merge_rule import may_merge
from bot.domain.merging import PullRequests
from bot.domain.models import Project, Task
from bot.domain.outputs import ContentPiece, Deployment, FeatureProgress, Remark
from bot.domain.pulls import Pull, PullFacts, PullSeen, Requested
from bot.domain.vocabulary import QueueName, Stage, TaskStatus
from tests.commands.fleet import Days
from tests.core.worlds import output

ID = "a-page-1"
HEAD, NEXT = "a" * 40, "b" * 40
CODE = {"tests_run": 3, "tests_passed": 3}


class Pulls(Days):
    """A project with one feature, whose work ends at pull requests."""

    def __init__(self, **rule: Any) -> None:
        super().__init__(Config(pull_requests=PullRequests(**{"merge": "auto", "checks_seconds": 0} | rule)))
        self.looks = 0
        self.say("/dispatch-genesis A page", issue=1)
        held = self.claim(f"{ID}.genesis")
        self.report(held.task, genesis=output())
        made = output(repository="acme/a-page-1", repository_url="http://hub/acme/a-page-1")
        self.settle(WorkPublished(task=held.task, lease=held.lease, at=self.now, genesis=made))

    @property
    def project(self) -> Project:
        return self.state.projects[ID]

    def task(self, name: str) -> Task:
        found = self.project.task(f"{ID}.{name}")
        assert found is not None
        return found

    def pull(self, key: str = "foundation") -> Pull:
        found = self.project.pull(key)
        assert found is not None
        return found

    def publish(self, name: str, pull: PullFacts | None = None, **made: Any) -> None:
        """A task's run ends well, and what it made is published."""
        held = self.claim(f"{ID}.{name}")
        self.wait(minutes=5)
        self.report(held.task, publishes=True, **_result(name))
        assert self.task(name).status is TaskStatus.PUBLISHING
        judged = {"commit": pull.head} if pull is not None else {}
        self.settle(WorkPublished(task=held.task, lease=held.lease, at=self.now, pull=pull, **judged, **made))

    def review(self, verdict: str, pull: PullFacts) -> None:
        held = self.claim(f"{ID}.foundation.review")
        read = self.pull().reviewing
        self.wait(minutes=5)
        remarks = (Remark(path="site/app.js", line=3, text="the counter starts at one"),)
        feature = FeatureProgress(
            key="foundation", verdict=verdict, review="Counts from one.", remarks=remarks, **CODE
        )
        self.report(held.task, publishes=True, feature=feature)
        self.settle(WorkPublished(task=held.task, lease=held.lease, at=self.now, pull=pull, commit=read))

    def look(self, facts: PullFacts, key: str = "foundation") -> None:
        """A tick sees a pull request."""
        self.looks += 1
        self.wait(minutes=1)
        seen = PullSeen(project=ID, key=key, known=self.pull(key).facts.head, facts=facts)
        self.settle(Observed(observer=f"tick-{self.looks}", at=self.now, pulls=(seen,)))

    def merges(self) -> list[tuple[int, str, bool]]:
        pending = [entry.effect for entry in self.state.outbox.entries]
        return [(one.number, one.head, one.update) for one in pending if isinstance(one, MergePull)]

    def told(self) -> list[str]:
        pending = [entry.effect for entry in self.state.outbox.entries]
        return [one.body for one in pending if isinstance(one, Reply)]


def _result(name: str) -> dict[str, Any]:
    if name == "deployment":
        return {"deployment": Deployment(kind="pages", commit=HEAD)}
    if name in ("documentation", "marketing", "social"):
        return {"pieces": (ContentPiece(kind="guide", specialty=name, file=f"docs/{name}.md", words=100),)}
    return {"feature": FeatureProgress(key="foundation", branch="orchestrator/foundation", **CODE)}


def facts(number: int = 7, **changes: Any) -> PullFacts:
    values: dict[str, Any] = {
        "url": f"http://hub/acme/a-page-1/pull/{number}",
        "branch": "orchestrator/foundation",
    }
    return PullFacts(number=number, **(values | {"head": HEAD, "mergeable": "yes"} | changes))


def implemented(**rule: Any) -> Pulls:
    days = Pulls(**rule)
    days.publish("foundation.feature", facts())
    return days


def approved(**rule: Any) -> Pulls:
    days = implemented(**rule)
    days.review("approved", facts())
    return days


# the way to the default branch


def test_a_feature_is_not_merged_before_it_was_reviewed() -> None:
    days = implemented()
    days.look(facts(checks="passed"))
    assert days.merges() == []
    assert days.task("foundation.review").status is not TaskStatus.WAITING


def test_what_was_approved_is_merged_at_that_head_and_nothing_follows_before_it_is() -> None:
    days = approved()
    assert days.merges() == [(7, HEAD, False)]
    assert days.task("foundation.review").status is TaskStatus.DONE
    assert days.task("deployment").status is TaskStatus.WAITING
    days.look(facts(state="merged"))
    assert days.merges() == []
    assert days.task("deployment").status is TaskStatus.ASSIGNED


def test_what_the_report_merged_itself_needs_no_look() -> None:
    days = implemented()
    days.review("approved", facts(state="merged"))
    assert days.merges() == []
    assert days.task("deployment").status is TaskStatus.ASSIGNED


def test_it_is_asked_for_once() -> None:
    days = approved()
    days.look(facts(checks="passed"))
    days.look(facts(checks="passed", mergeable="unknown"))
    days.look(facts(checks="passed"))
    assert len(days.merges()) == 1


@pytest.mark.parametrize("why", [{"checks": "pending"}, {"checks": "failed"}, {"mergeable": "unknown"}])
def test_what_has_not_passed_is_not_merged(why: dict[str, Any]) -> None:
    days = implemented()
    days.review("approved", facts(**why))
    assert days.merges() == []


def test_a_head_without_checks_is_merged_only_when_they_would_have_begun() -> None:
    days = implemented(checks_seconds=600)
    days.review("approved", facts())
    assert days.merges() == []
    days.wait(minutes=6)
    assert days.merges() == [(7, HEAD, False)], "time alone makes it due"


def test_one_that_is_behind_is_brought_up_to_date_and_keeps_its_approval() -> None:
    days = implemented()
    days.review("approved", facts(mergeable="behind"))
    assert days.merges() == [(7, HEAD, True)]
    days.look(facts(head=NEXT, parents=(HEAD, "c" * 40)))
    assert days.merges() == [(7, NEXT, False)]


def test_what_a_person_pushes_while_it_is_brought_up_to_date_is_reviewed() -> None:
    days = implemented()
    days.review("approved", facts(mergeable="behind"))
    days.look(facts(head=NEXT, parents=(HEAD,)))
    assert days.merges() == []
    assert days.task("foundation.review").status in (TaskStatus.QUEUED, TaskStatus.ASSIGNED)


@pytest.mark.parametrize(
    ("silent", "said"),
    [({"checks": "pending"}, "checks that have not ended"), ({"mergeable": "unknown"}, "GitHub's word")],
)
def test_what_github_never_says_is_told_once_in_the_thread(silent: dict[str, Any], said: str) -> None:
    days = implemented(patience_minutes=90)
    days.review("approved", facts(**silent))
    days.wait(minutes=60)
    assert not any("Waits for too long" in text for text in days.told())
    days.wait(minutes=60)
    days.wait(minutes=60)
    (told,) = [text for text in days.told() if "Waits for too long" in text]
    assert said in told
    assert days.merges() == []
    days.look(facts(checks="passed"))
    assert days.merges() == [(7, HEAD, False)], "it goes on by itself"


def test_what_waits_for_its_review_is_not_told_of_for_its_checks() -> None:
    days = implemented(patience_minutes=1)
    days.look(facts(checks="pending"))
    days.wait(minutes=30)
    assert not any("Waits for too long" in text for text in days.told())


def test_by_default_a_person_merges_and_is_told_once() -> None:
    days = approved(merge="person")
    days.look(facts(checks="passed"))
    assert days.merges() == []
    assert [text for text in days.told() if "Ready" in text] == snapshot(
        [
            "**Ready to merge:** [#7](http://hub/acme/a-page-1/pull/7) (`foundation`) is approved and has no checks; a person has to merge it. Until then `a-page-1.deployment` waits. `pull_requests.merge: auto` in the configuration leaves that to the bot."
        ]
    )
    assert days.task("deployment").status is TaskStatus.WAITING
    days.look(facts(state="merged"))
    assert days.task("deployment").status is TaskStatus.ASSIGNED


def test_a_merge_by_a_person_before_the_review_ends_the_waiting() -> None:
    days = implemented()
    days.say("/pause-workflow development", issue=1)
    days.look(facts(state="merged"))
    if days.task("foundation.review").status is TaskStatus.ASSIGNED:
        days.review("approved", facts(state="merged"))
    assert days.task("foundation.review").status is TaskStatus.DONE


# sent back


def test_a_review_that_asks_for_changes_sends_the_feature_back_with_its_remarks() -> None:
    days = implemented()
    days.review("changes", facts())
    feature = days.task("foundation.feature")
    assert feature.status is TaskStatus.ASSIGNED
    assert feature.error is not None
    assert feature.error.summary == "the review asks for changes: Counts from one."
    assert feature.error.output == "site/app.js:3: the counter starts at one"
    assert days.task("foundation.review").status is TaskStatus.WAITING
    assert [one.rework for one in days.state.recent.completions if one.task == feature.id] == [True]


def test_the_next_review_is_of_the_new_head() -> None:
    days = implemented()
    days.review("changes", facts())
    days.publish("foundation.feature", facts(head=NEXT))
    days.review("approved", facts(head=NEXT))
    assert days.merges() == [(7, NEXT, False)]


def test_a_head_that_moved_during_the_review_is_reviewed_again() -> None:
    days = implemented()
    days.review("approved", facts(head=NEXT))
    assert days.merges() == []
    assert days.task("foundation.review").status in (TaskStatus.QUEUED, TaskStatus.ASSIGNED)


def test_what_came_while_the_review_read_is_not_approved_by_it() -> None:
    days = implemented()
    held = days.claim(f"{ID}.foundation.review")
    days.look(facts(head=NEXT))
    feature = FeatureProgress(key="foundation", verdict="approved", **CODE)
    days.report(held.task, publishes=True, feature=feature)
    read = days.pull().reviewing
    assert read == HEAD
    published = {"task": held.task, "lease": held.lease, "at": days.now, "pull": facts(head=NEXT)}
    days.settle(WorkPublished(**published, commit=read))
    assert days.merges() == []
    days.review("approved", facts(head=NEXT))
    assert days.merges() == [(7, NEXT, False)]


def test_a_look_from_before_a_push_changes_nothing() -> None:
    days = approved(merge="person")
    before = days.project.pulls
    stale = PullSeen(project=ID, key="foundation", known=NEXT, facts=facts(head=NEXT, checks="failed"))
    days.settle(Observed(observer="slow", at=days.now, pulls=(stale,)))
    assert days.project.pulls == before


def test_new_commits_on_what_was_approved_are_reviewed_and_the_merge_is_called_off() -> None:
    days = approved()
    days.look(facts(head=NEXT))
    assert days.merges() == []
    assert days.task("foundation.review").status in (TaskStatus.QUEUED, TaskStatus.ASSIGNED)
    days.review("approved", facts(head=NEXT))
    assert days.merges() == [(7, NEXT, False)]


@pytest.mark.parametrize(
    ("seen", "summary", "output"),
    [
        ({"checks": "failed", "failing": "ci: 2 failed"}, "checks of pull request #7 failed", "ci: 2 failed"),
        ({"mergeable": "conflict"}, "pull request #7 conflicts with the default branch", ""),
        (
            {"requested": (Requested(id=5, author="max", text="use a list"),)},
            "@max asked for changes on #7",
            "max:\nuse a list",
        ),
    ],
)
def test_what_stands_in_the_way_goes_back_to_the_feature_once(
    seen: dict[str, Any], summary: str, output: str
) -> None:
    days = approved()
    days.look(facts(**seen))
    feature = days.task("foundation.feature")
    assert feature.status is TaskStatus.ASSIGNED
    assert feature.error is not None
    assert (feature.error.summary, feature.error.output, feature.error.rework) == (summary, output, True)
    assert days.task("foundation.review").status is TaskStatus.WAITING
    days.publish("foundation.feature", facts(head=NEXT, **({} if "requested" not in seen else seen)))
    days.look(facts(head=NEXT, **({} if "requested" not in seen else seen)))
    assert days.task("foundation.feature").status is TaskStatus.DONE


def test_it_goes_back_up_to_its_attempts_and_then_to_a_person() -> None:
    days = implemented()
    for attempt in range(2):
        days.review("changes", facts(head=str(attempt) * 40))
        days.publish("foundation.feature", facts(head=str(attempt + 1) * 40))
    days.review("changes", facts(head="2" * 40))
    assert days.task("foundation.feature").status is TaskStatus.REVIEW
    assert [item.task for item in days.state.queues[QueueName.REVIEW].items] == [f"{ID}.foundation.feature"]
    assert "/retry" in days.told()[-1]


def test_one_that_is_closed_while_it_is_reviewed_goes_to_a_person_and_its_review_is_taken_back() -> None:
    days = implemented()
    held = days.claim(f"{ID}.foundation.review")
    days.look(facts(state="closed"))
    assert days.task("foundation.feature").status is TaskStatus.REVIEW
    assert days.task("foundation.review").status is TaskStatus.WAITING
    assert held.lease not in [one.assignment.lease for one in days.state.instances.values() if one.assignment]


def test_one_that_was_closed_goes_to_a_person() -> None:
    days = approved()
    days.look(facts(state="closed"))
    assert days.task("foundation.feature").status is TaskStatus.REVIEW
    assert days.task("deployment").status is TaskStatus.WAITING


def test_what_may_not_be_published_is_a_failed_attempt_with_its_context() -> None:
    days = Pulls()
    held = days.claim(f"{ID}.foundation.feature")
    days.report(held.task, publishes=True, **_result("feature"))
    problem = Unpublished(summary="somebody else has pushed", output="abc")
    days.settle(WorkPublished(task=held.task, lease=held.lease, at=days.now, problem=problem))
    feature = days.task("foundation.feature")
    assert feature.status is TaskStatus.QUEUED
    assert feature.error is not None
    assert (feature.error.summary, feature.error.rework) == ("somebody else has pushed", True)


# the other stages


def test_the_milestone_counts_only_once_the_address_has_answered() -> None:
    days = approved()
    days.look(facts(state="merged"))
    held = days.claim(f"{ID}.deployment")
    days.report(held.task, publishes=True, **_result("deployment"))
    assert (days.project.stage, days.project.deployment_url) == (Stage.DEVELOPMENT, "")
    answered = Deployment(kind="pages", url="http://hub/pages/acme/a-page-1/", health="200 OK", commit=HEAD)
    days.settle(WorkPublished(task=held.task, lease=held.lease, at=days.now, deployment=answered))
    assert (days.project.stage, days.project.deployment_url) == (Stage.CONTENT, answered.url)


def test_a_project_is_complete_when_its_content_is_merged_as_well() -> None:
    days = approved(merge="person")
    days.look(facts(state="merged"))
    answered = Deployment(kind="pages", url="http://hub/pages/acme/a-page-1/", health="200 OK", commit=HEAD)
    days.publish("deployment", deployment=answered)
    for number, kind in enumerate(("documentation", "marketing", "social"), 11):
        days.publish(kind, facts(number, branch=f"orchestrator/{kind}"))
    assert days.project.stage is Stage.CONTENT
    for number, kind in enumerate(("documentation", "marketing", "social"), 11):
        days.look(facts(number, branch=f"orchestrator/{kind}", state="merged"), key=kind)
    assert days.project.stage is Stage.COMPLETE


def test_what_was_to_be_merged_is_called_off_by_a_stop_and_asked_for_again_after_it() -> None:
    days = approved()
    days.say(f"/emergency-stop {ID}", issue=1)
    assert days.merges() == []
    days.say(f"/resume {ID}", issue=1)
    assert days.merges() == [(7, HEAD, False)]


def test_a_merge_by_a_person_ends_what_was_left_of_the_item() -> None:
    days = implemented()
    held = days.claim(f"{ID}.foundation.review")
    days.look(facts(state="merged"))
    feature = FeatureProgress(key="foundation", verdict="changes", **CODE)
    days.report(held.task, publishes=True, feature=feature)
    published = {"task": held.task, "lease": held.lease, "at": days.now, "commit": HEAD}
    days.settle(WorkPublished(**published, pull=facts(state="merged")))
    assert days.task("foundation.feature").status is TaskStatus.DONE
    assert days.task("deployment").status is TaskStatus.ASSIGNED


def test_a_persons_commits_on_content_are_left_to_a_person() -> None:
    days = approved()
    days.look(facts(state="merged"))
    answered = Deployment(kind="pages", url="http://hub/pages/acme/a-page-1/", health="200 OK", commit=HEAD)
    days.publish("deployment", deployment=answered)
    days.publish("marketing", facts(11, branch="orchestrator/marketing", checks="pending"))
    days.look(facts(11, branch="orchestrator/marketing", head=NEXT, checks="passed"), key="marketing")
    assert days.merges() == []
    assert [text for text in days.told() if "Ready" in text] == snapshot(
        [
            "**Ready to merge:** [#11](http://hub/acme/a-page-1/pull/11) (`marketing`) has commits that are not the bot's and its checks have passed; a person has to merge it. What the bot made was checked, what was added to it was not."
        ]
    )


def test_a_stopped_project_merges_nothing() -> None:
    days = implemented()
    days.say(f"/emergency-stop {ID}", issue=1)
    days.look(facts(checks="passed"))
    assert days.merges() == []


# what always holds

SEEN = st.builds(
    facts,
    head=st.sampled_from([HEAD, NEXT, "c" * 40]),
    state=st.sampled_from(["open", "open", "open", "merged", "closed"]),
    checks=st.sampled_from(["none", "pending", "passed", "failed"]),
    mergeable=st.sampled_from(["unknown", "yes", "conflict", "behind", "blocked"]),
    requested=st.lists(
        st.builds(Requested, id=st.integers(1, 3), author=st.just("max"), text=st.just("no")), max_size=2
    ).map(tuple),
)


@given(st.lists(SEEN, max_size=12))
@settings(max_examples=80, deadline=None)
def test_only_a_head_that_was_approved_is_ever_merged(looks: list[PullFacts]) -> None:
    days = approved()
    for seen in looks:
        days.look(seen)
        for entry in days.state.outbox.entries:
            if isinstance(entry.effect, MergePull):
                pull = days.pull()
                assert entry.effect.head == pull.facts.head == pull.approved
                assert pull.open
        assert decide(days.state, (), days.now).state is days.state
        if days.task("foundation.feature").status is TaskStatus.ASSIGNED:
            days.publish("foundation.feature", seen)
        if days.task("foundation.review").status is TaskStatus.ASSIGNED:
            days.review("approved", seen)


@given(SEEN, st.sampled_from(["person", "auto"]), st.sampled_from([HEAD, ""]))
def test_what_a_person_merges_is_never_merged_by_the_bot(seen: PullFacts, rule: str, approved: str) -> None:
    config = Config(pull_requests=PullRequests(merge=rule, checks_seconds=0))
    now = Days().now
    pull = Pull(key="a", facts=seen, pushed_at=now - timedelta(hours=1), approved=approved)
    if may_merge(config, pull, "main", now):
        assert rule == "auto"
        assert (seen.state, pull.approved) == ("open", seen.head)
        assert seen.checks in ("none", "passed")
        assert seen.requested == ()


def test_what_waits_for_a_merge_says_so_everywhere() -> None:
    days = approved(merge="person")
    days.say(f"/why {ID}.deployment", issue=1)
    assert days.told()[-1].split("\n")[0] == snapshot(
        "**`a-page-1.deployment`** (Deployment of A page): waits for the merge of [#7](<http://hub/acme/a-page-1/pull/7>) (approved, a person has to merge it)."
    )
    days.say(f"/status {ID}", issue=1)
    told = days.told()[-1]
    assert [line for line in told.split("\n") if "#7" in line] == snapshot(
        [
            "- Pull request [#7](<http://hub/acme/a-page-1/pull/7>) (`foundation`): approved, a person has to merge it",
            "**What to do:** Merge [#7](<http://hub/acme/a-page-1/pull/7>) (`foundation`): it is approved and waits for a person.",
            "| `a-page-1.deployment` | deployment | waiting | – | – | 0 | [#7](<http://hub/acme/a-page-1/pull/7>) |",
        ]
    )
    days.say("/status", issue=1)
    assert days.told()[-1].split("\n")[0] == snapshot(
        "🔵 **1 pull request waits for a person: [a-page-1#7](<http://hub/acme/a-page-1/pull/7>).** Merge what is good, or ask for changes there."
    )
