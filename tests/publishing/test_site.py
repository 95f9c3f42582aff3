"""A built site: one branch of its own, each publication a fast-forward, twice the same."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.domain.errors import NotFound, OutputRefused
from bot.domain.merging import PullRequests
from tests.hub.driver import APP
from tests.publishing.projects import NAME, Project, Tree

PAGES = "gh-pages"
SITE: Tree = {"index.html": "<h1>Hello</h1>", "style.css": "h1 {}", ".nojekyll": ""}


def site(project: Project, files: Tree = SITE, *, message: str = "", at: int | None = None) -> Path:
    message = message or f"Site of {project.base}"
    return project.handed(project.work.commit(files, message=message, at=at), without=[], branch=PAGES)


def shown(project: Project) -> tuple[str, list[str], dict[str, str]]:
    """(message, parents, files) of the branch's head."""
    project.work.git("fetch", "--quiet", project.hub.remote(APP, NAME), f"+refs/heads/{PAGES}:refs/seen")
    _, *parents = project.work.git("rev-list", "--parents", "-1", "refs/seen").decode().split()
    names = project.work.git("ls-tree", "-r", "--name-only", "refs/seen").decode().split()
    files = {name: project.work.git("cat-file", "blob", f"refs/seen:{name}").decode() for name in names}
    return project.work.git("log", "-1", "--format=%B|%an|%at", "refs/seen").decode(), parents, files


def test_a_site_begins_and_goes_on_as_fast_forwards(project: Project) -> None:
    first = project.publisher().site(site(project), project.url)
    message, parents, files = shown(project)
    assert message == (
        f"Publish the site of {project.base[:12]}\n\nOrchestrator-Site: hello\n"
        f"Orchestrator-Commit: {project.base}\n|orchestrator|1763880000"
    )
    assert (parents, files) == ([], SITE)

    newer = {"index.html": "<h1>Hello 2</h1>"}
    second = project.publisher().site(site(project, newer, at=1_763_880_500), project.url)
    message, parents, files = shown(project)
    assert (parents, files, message.rpartition("|")[2]) == ([first], newer, "1763880500")
    assert project.heads() == {"main": project.base, PAGES: second}


def test_doing_it_twice_changes_nothing(project: Project) -> None:
    bundle = site(project)
    first = project.publisher().site(bundle, project.url)
    events = project.hub.told()
    assert project.publisher().site(bundle, project.url) == first
    again = project.handed(
        project.work.commit(SITE, message=f"Site of {project.base}", at=9), without=[], branch=PAGES
    )
    assert project.publisher().site(again, project.url) == first  # the same files of the same commit
    assert events == []


def test_two_workers_at_once_publish_once(project: Project) -> None:
    bundle = site(project)
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: project.publisher().site(bundle, project.url), range(2))
    assert first == second == project.heads()[PAGES]


def test_two_sites_at_once_follow_each_other(project: Project) -> None:
    bundles = [site(project), site(project, {"index.html": "2"})]
    with ThreadPoolExecutor(2) as pool:
        made = set(pool.map(lambda bundle: project.publisher().site(bundle, project.url), bundles))
    _, parents, _ = shown(project)
    assert made == {project.heads()[PAGES], *parents}


@pytest.mark.parametrize("fault", ["drop=before", "drop=after", "status=502", "status=502 acts=yes"])
def test_a_lost_answer_is_looked_up(fault: str, project: Project) -> None:
    project.hub.fault(f"POST */git-receive-pack {fault} times=1")
    assert project.publisher().site(site(project), project.url) == project.heads()[PAGES]
    assert shown(project)[1] == []


def test_a_branch_that_a_person_made_is_left_alone(project: Project) -> None:
    theirs = project.work.commit({"index.html": "by hand"})
    project.land(PAGES, theirs)
    with pytest.raises(OutputRefused, match="which this program did not make") as raised:
        project.publisher().site(site(project), project.url)
    assert "delete or rename the branch" in str(raised.value)
    assert project.heads()[PAGES] == theirs


def test_a_branch_that_a_person_went_on_with_is_left_alone(project: Project) -> None:
    first = project.publisher().site(site(project), project.url)
    project.work.git("fetch", "--quiet", project.hub.remote(APP, NAME), first)
    theirs = project.work.commit({"index.html": "by hand"}, first)
    project.land(PAGES, theirs)
    with pytest.raises(OutputRefused, match="did not make"):
        project.publisher().site(site(project), project.url)
    assert project.heads()[PAGES] == theirs


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"a/.git/config": "x"}, "a/.git/config has a part that a file system can take for `.git`"),
        ({"link": ("120000", "/etc/passwd")}, "link is a link whose target is an absolute path"),
        ({".github/workflows/x.yml": "on: push"}, "x.yml is a workflow"),
        ({"config.js": "glpat-" + "aB3dE6gH9jK2mN5pQ8sT"}, "config.js holds what looks like a GitLab token"),
        ({"big": bytes(51_000_000)}, "it adds 51.0 MB and may add 50 MB"),
    ],
)
def test_a_site_is_inspected_too(files: Tree, says: str, project: Project) -> None:
    with pytest.raises(OutputRefused, match="the site cannot be published") as raised:
        project.publisher().site(site(project, files), project.url)
    assert says in str(raised.value)
    assert PAGES not in project.heads()


def test_limits_can_be_set(project: Project) -> None:
    with pytest.raises(OutputRefused, match="touches 3 files and may touch 2"):
        project.publisher().site(site(project), project.url, limits=PullRequests(files=2))


def test_a_site_has_no_past(project: Project) -> None:
    commit = project.work.commit(SITE, project.base)
    with pytest.raises(OutputRefused, match="a site is one commit without parents"):
        project.publisher().site(project.handed(commit, without=[], branch=PAGES), project.url)
    with pytest.raises(OutputRefused, match="hold the branch gh-pages alone"):
        project.publisher().site(project.change({"a": "x"}), project.url)


def test_what_is_said_in_a_site_s_commit_is_not_taken_over(project: Project) -> None:
    project.publisher().site(site(project, message="Hi @alice\n\nOrchestrator-Site: other"), project.url)
    assert shown(project)[0] == "Publish the site\n\nOrchestrator-Site: hello\n|orchestrator|1763880000"


def test_a_missing_repository_is_told(project: Project) -> None:
    with pytest.raises(NotFound):
        project.publisher().site(site(project), project.url.replace("hello", "nothing"))
