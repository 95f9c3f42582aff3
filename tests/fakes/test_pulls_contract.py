"""What the bot relies on of pull requests: of the adapter in front of the hub, and of GitHub in memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.domain.errors import NotFound, Rejected
from bot.domain.outputs import Remark
from bot.domain.pulls import PullFacts
from bot.ports.projects import ProjectForge
from tests.e2e.people import REPOSITORY
from tests.fakes.grounds import Ground, ground

MARK = "<!-- orchestrator:review a-page-1/page/abc -->"


@pytest.fixture(scope="module", params=["hub", "memory"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with ground(request.param, tmp_path_factory.mktemp("ground")) as found:
        yield found


@pytest.fixture
def forge(place: Ground) -> Iterator[ProjectForge]:
    yield place.forge()
    place.protect(strict=False, approvals=0)


def opened(place: Ground, forge: ProjectForge, branch: str, path: str = "") -> tuple[int, str]:
    """A pull request from a new branch that changes one file; its number and head."""
    head = place.commit(branch, path or f"src/{branch}", f"of {branch}")
    return forge.create_pull(branch, "main", f"Merge {branch}", "Please."), head


def seen(forge: ProjectForge, number: int) -> PullFacts:
    return forge.pulls([number])[number]


def test_one_is_open_for_a_branch_and_follows_it(place: Ground, forge: ProjectForge) -> None:
    assert forge.find_pull("topic", "main") is None
    with pytest.raises(Rejected):
        forge.create_pull("topic", "main", "No such branch", "")
    number, head = opened(place, forge, "topic")
    assert forge.find_pull("topic", "main") == number
    assert seen(forge, number).base == "main"
    with pytest.raises(Rejected):
        forge.create_pull("topic", "main", "Again", "")
    facts = seen(forge, number)
    assert (facts.branch, facts.head, facts.state, facts.checks, facts.mergeable) == (
        "topic", head, "open", "none", "yes",
    )  # fmt: skip
    assert (len(facts.parents), facts.requested, facts.failing) == (1, (), "")
    assert forge.issue(number).is_pull_request
    newer = place.commit("topic", "src/more", "more")
    assert (seen(forge, number).head, seen(forge, number).parents) == (newer, (head,))


def test_nothing_to_merge_is_no_pull_request(place: Ground, forge: ProjectForge) -> None:
    place.commit("main", "src/base", "base")
    place.commit("empty", "src/base2", "base")
    number = forge.create_pull("empty", "main", "Something", "")
    forge.merge_pull(number, seen(forge, number).head, "merge", "Merged")
    with pytest.raises(Rejected):
        forge.create_pull("empty", "main", "Nothing", "")


def test_those_that_are_gone_are_left_out(place: Ground, forge: ProjectForge) -> None:
    number, _ = opened(place, forge, "there")
    found = forge.pulls_of({REPOSITORY: [number, 9_999], "acme/no-such": [1]})
    assert list(found) == [(REPOSITORY, number)]


@pytest.mark.parametrize("method", ["squash", "merge"])
def test_it_is_merged_at_the_head_that_was_looked_at(place: Ground, forge: ProjectForge, method: str) -> None:
    number, head = opened(place, forge, f"by-{method}")
    newer = place.commit(f"by-{method}", f"src/{method}-2", "more")
    with pytest.raises(Rejected):
        forge.merge_pull(number, head, method, "Too early")
    assert seen(forge, number).state == "open"
    forge.merge_pull(number, newer, method, "Now")
    assert (seen(forge, number).state, seen(forge, number).head) == ("merged", newer)
    assert place.text("main", f"src/{method}-2") == "more"
    forge.merge_pull(number, newer, method, "Again")
    assert forge.find_pull(f"by-{method}", "main") == number
    place.commit(f"by-{method}", f"src/{method}-3", "late")
    assert seen(forge, number).head == newer, "a merged one does not follow its branch"


def test_a_conflict_is_not_merged_and_not_brought_up_to_date(place: Ground, forge: ProjectForge) -> None:
    place.commit("main", "shared", "before")
    number, head = opened(place, forge, "clash", "shared")
    place.commit("main", "shared", "after")
    assert seen(forge, number).mergeable == "conflict"
    with pytest.raises(Rejected):
        forge.merge_pull(number, head, "squash", "No")
    with pytest.raises(Rejected):
        forge.update_pull(number, head)


def test_a_closed_one_is_not_merged_and_not_found(place: Ground, forge: ProjectForge) -> None:
    number, head = opened(place, forge, "closed")
    place.close_pull(number, closed=True)
    assert (seen(forge, number).state, seen(forge, number).mergeable) == ("closed", "unknown")
    assert forge.find_pull("closed", "main") is None
    with pytest.raises(Rejected):
        forge.merge_pull(number, head, "squash", "No")
    place.close_pull(number, closed=False)
    assert (seen(forge, number).state, forge.find_pull("closed", "main")) == ("open", number)
    place.close_pull(number, closed=True)
    second = forge.create_pull("closed", "main", "A second one", "")
    assert forge.find_pull("closed", "main") == second


def test_one_that_is_behind_is_brought_up_to_date_by_a_merge(place: Ground, forge: ProjectForge) -> None:
    number, head = opened(place, forge, "behind")
    with pytest.raises(Rejected):
        forge.update_pull(number, head)
    base = place.commit("main", "src/moved", "on")
    assert seen(forge, number).mergeable == "yes"
    place.protect(strict=True, approvals=0)
    assert seen(forge, number).mergeable == "behind"
    with pytest.raises(Rejected):
        forge.merge_pull(number, head, "squash", "Too old")
    with pytest.raises(Rejected):
        forge.update_pull(number, "0" * 40)
    forge.update_pull(number, head)
    facts = seen(forge, number)
    assert (facts.parents, facts.mergeable) == ((head, base), "yes")


def test_checks_are_those_of_the_head(place: Ground, forge: ProjectForge) -> None:
    number, head = opened(place, forge, "checked")
    for state, said in (("pending", "pending"), ("failure", "failed"), ("success", "passed")):
        place.status(head, state)
        assert seen(forge, number).checks == said
        failing = "ci: it is failure https://ci.example/1" if state == "failure" else ""
        assert seen(forge, number).failing == failing
    place.commit("checked", "src/checked-2", "more")
    assert seen(forge, number).checks == "none"


def test_what_a_person_asks_for_counts_until_the_same_one_approves(
    place: Ground, forge: ProjectForge
) -> None:
    number, head = opened(place, forge, "asked")
    place.review("wendy", number, "CHANGES_REQUESTED", "use a list")
    (asked,) = seen(forge, number).requested
    assert (asked.author, asked.text) == ("wendy", "use a list")
    place.protect(strict=False, approvals=1)
    assert seen(forge, number).mergeable == "blocked"
    with pytest.raises(Rejected):
        forge.merge_pull(number, head, "squash", "No")
    place.review("wendy", number, "APPROVED", "fine")
    assert (seen(forge, number).requested, seen(forge, number).mergeable) == ((), "yes")


def test_whoever_may_not_write_asks_for_nothing(place: Ground, forge: ProjectForge) -> None:
    number, _ = opened(place, forge, "read-only")
    place.review("rita", number, "CHANGES_REQUESTED", "I would rather not")
    assert seen(forge, number).requested == ()


@pytest.mark.parametrize("approve", [True, False])
def test_a_review_of_ones_own_is_a_comment(place: Ground, forge: ProjectForge, approve: bool) -> None:
    number, head = opened(place, forge, f"own-{approve}")
    me = forge.whoami()
    assert not forge.reviewed(number, MARK, me)
    remarks = [Remark(path="elsewhere", line=3, text="no"), Remark(text="in general")]
    forge.review(number, head, f"{MARK}\nWell.", remarks, approve=approve)
    assert forge.reviewed(number, MARK, me)
    assert not forge.reviewed(number, MARK, "wendy")
    assert not forge.reviewed(number, MARK.replace("abc", "other"), me)
    assert seen(forge, number).requested == ()
    with pytest.raises(NotFound):
        forge.reviewed(9_999, MARK, me)


def test_a_site_is_served_from_one_branch(place: Ground) -> None:
    place.commit("gh-pages", "index.html", "A page")
    forge = place.forge("ada")
    address = forge.site_address("gh-pages")
    assert address.endswith("/")
    assert REPOSITORY in address
    assert forge.site_address("gh-pages") == address
    with pytest.raises(Rejected):
        forge.site_address("main")
