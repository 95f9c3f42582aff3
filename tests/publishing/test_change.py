"""A worker's commits are published as a fast-forward, once, whatever happens meanwhile."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.domain.errors import BranchMoved, Forbidden, NotFound, StoreUnavailable
from bot.domain.merging import PullRequests
from tests.hub.driver import APP
from tests.publishing.projects import FILES, NAME, TASK, Project

MORE = {**FILES, "src/page.html": "<button> 2\n", "docs/new.md": "New\n"}


def publish(project: Project, bundle: Path) -> str:
    with project.publisher().change(bundle, project.url, TASK, "main") as change:
        assert change.problems(PullRequests()) == ()
        return change.push()


def test_a_change_is_told_and_pushed_to_a_branch_that_it_makes(project: Project) -> None:
    commit = project.work.commit(MORE, project.base)
    with project.publisher().change(project.handed(commit), project.url, TASK, "main") as change:
        assert (change.commit, change.base_commit, change.remote_commit) == (commit, project.base, "")
        assert change.new_commits == 1
        assert [(file.path, file.mode, file.size, file.deleted) for file in change.files] == [
            ("docs/new.md", "100644", 4, False),
            ("src/page.html", "100644", 11, False),
        ]
        assert [file.text() for file in change.files] == ["New\n", "<button> 2\n"]
        assert change.files[0].text(2) == "Ne"
        assert project.heads() == {"main": project.base}
        assert change.push() == commit
    assert project.heads() == {"main": project.base, TASK: commit}


def test_what_a_commit_made_and_another_took_away_is_among_the_files(project: Project) -> None:
    first = project.work.commit({**FILES, "tmp.txt": "x"}, project.base)
    second = project.work.commit({"README.md": "# Hello\n"}, first)
    with project.publisher().change(project.handed(second), project.url, TASK, "main") as change:
        assert change.new_commits == 2
        assert [(file.path, file.deleted) for file in change.files] == [
            (".github/workflows/ci.yml", True),
            ("src/page.html", True),
            ("tmp.txt", True),
        ]
        assert [file.text() for file in change.files] == ["", "", ""]


def test_only_the_work_counts_where_the_default_branch_has_gone_on(project: Project) -> None:
    project.land("main", project.work.commit({**FILES, "other.md": "x"}, project.base))
    with project.publisher().change(project.change(MORE), project.url, TASK, "main") as change:
        assert [file.path for file in change.files] == ["docs/new.md", "src/page.html"]


def test_a_merge_of_the_default_branch_is_no_change_of_its_files(project: Project) -> None:
    theirs = project.work.commit(
        {**FILES, ".github/workflows/ci.yml": "on: pull_request", "other.md": "x"}, project.base
    )
    project.land("main", theirs)
    mine = project.work.commit(MORE, project.base)
    project.land(TASK, mine)
    both = {**MORE, ".github/workflows/ci.yml": "on: pull_request", "other.md": "x"}
    merged = project.work.commit(both, mine, theirs)
    with project.publisher().change(
        project.handed(merged, without=[mine, theirs]), project.url, TASK, "main"
    ) as change:
        assert change.new_commits == 1
        assert [file.path for file in change.files] == ["docs/new.md", "src/page.html"]
        assert change.problems(PullRequests()) == ()
        assert change.push() == merged


def test_what_only_a_merge_holds_is_seen(project: Project) -> None:
    theirs = project.work.commit({**FILES, "other.md": "x"}, project.base)
    project.land("main", theirs)
    mine = project.work.commit(MORE, project.base)
    project.land(TASK, mine)
    evil = {**MORE, "other.md": "AKIA" + "Q3EGRZ5T7WXYBNC2"}
    merged = project.work.commit(evil, mine, theirs)
    clean = project.work.commit({**MORE, "other.md": "x"}, merged)
    with project.publisher().change(
        project.handed(clean, without=[mine, theirs]), project.url, TASK, "main"
    ) as change:
        assert any("other.md holds what" in line for line in change.problems(PullRequests()))


def test_doing_it_twice_changes_nothing(project: Project) -> None:
    bundle = project.change(MORE)
    commit = publish(project, bundle)
    events = project.hub.told()

    assert publish(project, bundle) == commit
    with project.publisher().change(bundle, project.url, TASK, "main") as change:
        assert change.new_commits == 0
        assert change.push() == change.push() == commit
    assert events == []


def test_a_branch_goes_on_from_where_it_is(project: Project) -> None:
    first = publish(project, project.change(MORE))
    second = project.work.commit({**MORE, "more.md": "x"}, first)

    assert publish(project, project.handed(second, without=[first])) == second


def test_work_that_others_have_built_on_is_there_already(project: Project) -> None:
    bundle = project.change(MORE)
    commit = publish(project, bundle)
    theirs = project.work.commit({**MORE, "person.md": "x"}, commit)
    project.land(TASK, theirs)

    assert publish(project, bundle) == theirs
    assert project.heads()[TASK] == theirs


def test_a_branch_that_has_other_commits_is_left_alone(project: Project) -> None:
    bundle = project.change(MORE)
    theirs = project.work.commit({**FILES, "person.md": "x"}, project.base)
    project.land(TASK, theirs)

    with pytest.raises(BranchMoved, match=f"{TASK} at .* is at {theirs[:12]} now") as raised:
        publish(project, bundle)

    assert raised.value.head == theirs
    assert project.heads()[TASK] == theirs


def test_a_branch_that_moves_while_it_is_inspected_is_left_alone(project: Project) -> None:
    theirs = project.work.commit({**FILES, "person.md": "x"}, project.base)
    with project.publisher().change(project.change(MORE), project.url, TASK, "main") as change:
        project.land(TASK, theirs)
        with pytest.raises(BranchMoved) as raised:
            change.push()
    assert raised.value.head == theirs
    assert project.heads()[TASK] == theirs


def test_a_branch_that_is_deleted_meanwhile_is_told(project: Project) -> None:
    first = publish(project, project.change(MORE))
    second = project.work.commit({**MORE, "more.md": "x"}, first)
    with project.publisher().change(
        project.handed(second, without=[first]), project.url, TASK, "main"
    ) as change:
        project.work.git("push", "--quiet", project.hub.remote(APP, NAME), f":refs/heads/{TASK}")
        with pytest.raises(BranchMoved, match="is gone") as raised:
            change.push()
    assert raised.value.head == ""


def test_of_many_pushes_at_once_one_wins_and_the_others_name_it(project: Project) -> None:
    bundles = [project.change({**MORE, "who.md": str(number)}) for number in range(4)]

    def attempt(bundle: Path) -> str:
        try:
            return publish(project, bundle)
        except BranchMoved as error:
            return f"lost to {error.head}"

    with ThreadPoolExecutor(4) as pool:
        ended = list(pool.map(attempt, bundles))

    winner = project.heads()[TASK]
    assert sorted(ended) == sorted([winner, *[f"lost to {winner}"] * 3])


def test_the_same_push_by_two_workers_is_one(project: Project) -> None:
    bundle = project.change(MORE)
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: publish(project, bundle), range(2))
    assert first == second == project.heads()[TASK]


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("fault", ["drop=before", "drop=after", "status=502", "status=502 acts=yes"])
def test_a_lost_answer_is_looked_up(fault: str, times: int, project: Project) -> None:
    project.hub.fault(f"POST */git-receive-pack {fault} times={times}")
    bundle = project.change(MORE)
    commit = publish(project, bundle)
    assert project.heads()[TASK] == commit


def test_a_remote_that_never_takes_it_is_unavailable_and_not_another_s(project: Project) -> None:
    project.hub.fault("POST */git-receive-pack status=502")
    with pytest.raises(StoreUnavailable, match="could not write orchestrator/button"):
        publish(project, project.change(MORE))
    assert TASK not in project.heads()


def test_a_remote_that_answers_late_is_asked_again(project: Project) -> None:
    project.hub.fault("GET */info/refs?service=git-upload-pack status=503 times=2")
    assert publish(project, project.change(MORE)) == project.heads()[TASK]


def test_no_access_no_repository_no_branch_and_no_answer_are_told_apart(project: Project) -> None:
    bundle = project.change(MORE)
    with (
        pytest.raises(Forbidden, match="ORCHESTRATOR_GENESIS_TOKEN"),
        project.publisher("rita").change(bundle, project.url, TASK, "main") as change,
    ):
        change.push()
    with (
        pytest.raises(NotFound, match="no repository"),
        project.publisher().change(bundle, project.url.replace("hello", "nothing"), TASK, "main"),
    ):
        pass
    with (
        pytest.raises(NotFound, match="no branch trunk"),
        project.publisher().change(bundle, project.url, TASK, "trunk"),
    ):
        pass
    project.hub.fault("GET */info/refs?* drop=before")
    with (
        pytest.raises(StoreUnavailable, match="could not read"),
        project.publisher().change(bundle, project.url, TASK, "main"),
    ):
        pass


def test_the_token_is_in_no_message(project: Project) -> None:
    said = []
    for login, url in ((APP, project.url.replace("hello", "nothing")), ("rita", project.url)):
        with (
            pytest.raises((Forbidden, NotFound)) as raised,
            project.publisher(login).change(project.change(MORE), url, TASK, "main") as change,
        ):
            change.push()
        said.append((str(raised.value), project.hub.token(login)))
    assert all(token not in text for text, token in said)
