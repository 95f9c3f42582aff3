"""Deployments by the configuration: a site is built, compared and served; a command is run and asked."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from bot.adapters.health import ask
from bot.bootstrap.executors import executor_of, lock_for
from bot.domain.deploying import DeploymentRule
from bot.domain.outputs import Deployment
from bot.domain.work import WorkOrder
from bot.executors.deploying import Deployer
from bot.ports.executor import Executor, Finished
from tests.executors.conftest import Attempt, order_content
from tests.executors.replayed import git
from tests.executors.sites import site

SECRET = "s3cr3t-value-of-the-deployment"
INDEX = "<!doctype html><title>Hello</title>Hello World\n"


@dataclass
class Project:
    """A repository that is to be deployed, and the workspace of its deployment task."""

    folder: Path
    commands: dict[str, str] = field(default_factory=dict)
    stack: str = "web"
    environ: dict[str, str] = field(default_factory=dict)
    most: int = 100_000

    def __post_init__(self) -> None:
        self.repository.mkdir(parents=True)
        self.handed.mkdir()
        git(self.repository, "init", "--quiet", "--initial-branch=main")

    @property
    def repository(self) -> Path:
        return self.folder / "upstream"

    @property
    def handed(self) -> Path:
        return self.folder / "workspace"

    @property
    def result(self) -> Path:
        return self.handed / "result"

    @property
    def log(self) -> str:
        return (self.result / "log.txt").read_text("utf-8")

    @property
    def head(self) -> str:
        return git(self.repository, "rev-parse", "main")

    def write(self, **files: str) -> None:
        """Commit files; ``dist__index_html`` stands for ``dist/index.html``."""
        for name, text in files.items():
            path = self.repository / name.replace("__", "/").replace("_html", ".html").replace("_js", ".js")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        self.commit("Write")

    def commit(self, message: str) -> None:
        git(self.repository, "add", "--all", "--force")
        git(self.repository, "commit", "--quiet", "--allow-empty", "-m", message)

    def order(self, **rule: Any) -> Path:
        genesis = {"commands": self.commands, "stack": self.stack, "issues": []}
        content = order_content(
            task="hello-world-7.deployment",
            workflow="development",
            specialty="deployment",
            outputs={"genesis": genesis},
            executor="no-such-executor",
            deployment=rule,
        )
        git(self.repository, "bundle", "create", "--quiet", str(self.handed / "repository.bundle"), "--all")
        path = self.handed / "assignment.json"
        path.write_text(json.dumps(content), "utf-8")
        return path

    @property
    def deployer(self) -> Executor:
        return Deployer(ask, self.environ, self.most)

    def run(self, **rule: Any) -> Finished:
        return self.deployer.run(self.order(**rule), self.result)

    def check(self) -> Finished:
        return self.deployer.check(self.handed / "assignment.json", self.result)

    @property
    def deployment(self) -> Deployment:
        return Deployment.model_validate_json((self.result / "deployment.json").read_bytes())

    def site(self, target: Path) -> Path:
        """A clone of what was handed on."""
        bundle = str(self.result / "site.bundle")
        git(self.folder, "clone", "--quiet", "--branch=gh-pages", bundle, str(target))
        return target


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path / "project")
    made.write(index_html=INDEX)
    return made


def test_the_webs_scaffold_becomes_a_site(scaffold_of: Callable[[str], Attempt], tmp_path: Path) -> None:
    """Built by its own command; the site's commit stands alone and says what it was built from."""
    made = scaffold_of("web")
    project = Project(tmp_path / "project", commands={"build": "make build"})
    git(project.repository, "pull", "--quiet", str(made.result / "repository.bundle"), "main")

    finished = project.run(kind="pages")

    assert (finished.ok, finished.output) == (True, "deployment.json"), finished.summary
    assert finished.summary == f"Deployment: a site of 3 files from {project.head[:12]} is ready."
    assert project.deployment == Deployment(kind="pages", commit=project.head)
    folder = project.site(tmp_path / "site")
    assert git(folder, "log", "--format=%s|%an|%cI").splitlines() == [
        f"Deploy {project.head[:12]} of hello-world-7|orchestrator template executor|"
        "2026-01-01T00:02:00+00:00"
    ]
    assert git(folder, "ls-files").splitlines() == [
        ".nojekyll", "app.js", "deployment.json", "index.html", "style.css"
    ]  # fmt: skip
    assert json.loads((folder / "deployment.json").read_text("utf-8")) == {
        "project": "hello-world-7", "commit": project.head, "built": "2026-01-01T00:02:00Z"
    }  # fmt: skip
    checked = project.check()
    assert checked.ok, checked.summary


def test_the_same_commit_gives_the_same_site(project: Project) -> None:
    assert project.run(kind="pages").ok
    first = git(project.folder, "bundle", "list-heads", str(project.result / "site.bundle"))
    assert project.run(kind="pages").ok

    assert git(project.folder, "bundle", "list-heads", str(project.result / "site.bundle")) == first


@pytest.mark.parametrize(
    ("files", "rule", "expected"),
    [
        ({"dist__index_html": "dist", "docs__index_html": "docs", "index_html": "root"}, {}, "dist"),
        ({"docs__index_html": "docs", "index_html": "root"}, {}, "docs"),
        ({"dist__app_js": "no page", "index_html": "root"}, {}, "root"),
        ({"dist__index_html": "dist", "docs__index_html": "docs"}, {"folder": "docs"}, "docs"),
        ({"web__out__index_html": "named"}, {"folder": "web/out"}, "named"),
    ],
)
def test_the_sites_folder_is_found(
    files: dict[str, str], rule: dict[str, str], expected: str, tmp_path: Path
) -> None:
    project = Project(tmp_path / "project")
    project.write(**files)

    finished = project.run(kind="pages", **rule)

    assert finished.ok, finished.summary
    folder = project.site(tmp_path / "site")
    assert (folder / "index.html").read_text("utf-8") == expected
    assert project.check().ok


BUILD = """
import pathlib
dist = pathlib.Path("dist")
dist.mkdir()
(dist / "index.html").write_text("Built")
(dist / ".gitattributes").write_text("*.txt text eol=crlf ident")
(dist / ".gitignore").write_text("page.txt")
(dist / "page.txt").write_bytes(b"one\\r\\n$Id: mine $\\ntwo")
(dist / "copy.txt").symlink_to("page.txt")
(dist / ".git").mkdir()
(dist / ".git" / "config").write_text("x")
"""


def test_what_is_taken_is_byte_for_byte_what_was_built(project: Project, tmp_path: Path) -> None:
    """Whatever the site's own attributes and ignored files say; nothing of a repository inside of it."""
    project.write(build=BUILD)
    project.commands = {"build": f"{sys.executable} build"}

    assert project.run(kind="pages").ok, project.log

    folder = project.site(tmp_path / "site")
    for name in ("page.txt", "copy.txt"):
        shown = subprocess.run(
            ["git", "show", f"gh-pages:{name}"], cwd=folder, capture_output=True, check=True
        )
        assert shown.stdout == b"one\r\n$Id: mine $\ntwo"
    listed = git(folder, "ls-tree", "-r", "--format=%(objectmode) %(path)", "gh-pages").splitlines()
    assert {line.split()[0] for line in listed} == {"100644"}
    assert not [line for line in listed if "config" in line]
    assert project.check().ok


@pytest.mark.parametrize(
    ("stack", "rule", "says"),
    [
        ("library", {}, "this is no static site. Name its folder (`deployment.folder`), or say how such a "
         "project is deployed: `deployment.stacks.library` with kind command, workflow or agent"),
        ("web", {"folder": "dist"}, "`deployment.folder` names dist, and there is no index.html in it"),
    ],
)  # fmt: skip
def test_what_is_no_site_is_refused_with_what_to_configure(
    stack: str, rule: dict[str, str], says: str, tmp_path: Path
) -> None:
    project = Project(tmp_path / "project", stack=stack)
    project.write(readme="Nothing to see")

    finished = project.run(kind="pages", **rule)

    assert (finished.ok, finished.retry, finished.rework) == (False, False, False)
    assert says in finished.summary
    assert not (project.result / "site.bundle").exists()


def _link_out(repository: Path) -> None:
    (repository / "passwd").symlink_to("/etc/passwd")


def _folder_out(repository: Path) -> None:
    (repository / "up").symlink_to("..")


def _link_to_the_project(repository: Path) -> None:
    (repository / "dist").mkdir()
    (repository / "dist" / "index.html").write_text(INDEX, "utf-8")
    (repository / "secret").write_text("x", "utf-8")
    (repository / "dist" / "x").symlink_to("../secret")


def _site_out(repository: Path) -> None:
    (repository.parent / "else").mkdir()
    (repository.parent / "else" / "index.html").write_text("else", "utf-8")
    (repository / "dist").symlink_to(repository.parent / "else")


def _dangling(repository: Path) -> None:
    (repository / "x").symlink_to("nothing")


def _too_large(repository: Path) -> None:
    (repository / "large").write_bytes(b"x" * 100_001)


def _own_proof(repository: Path) -> None:
    (repository / "deployment.json").write_text("{}", "utf-8")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_link_out, "the site's passwd is a link that leads out of it"),
        (_folder_out, "the site's up is a link that leads out of it"),
        (_link_to_the_project, "the site's x is a link that leads out of it"),
        (_site_out, "dist is a link that leads out of the project"),
        (_dangling, "the site's x is no file"),
        (_too_large, "the site is too large: it may have 20,000 files and 100,000 bytes"),
        (_own_proof, "the site has a deployment.json of its own"),
    ],
)
def test_a_site_that_cannot_be_taken_is_rework(
    spoil: Callable[[Path], None], says: str, project: Project
) -> None:
    spoil(project.repository)
    project.commit("Spoil")

    finished = project.run(kind="pages")

    assert (finished.ok, finished.rework) == (False, True)
    assert says in finished.summary
    assert not (project.result / "site.bundle").exists()


def test_a_build_that_fails_is_rework_with_what_it_said(project: Project) -> None:
    project.commands = {"build": "sh -c 'echo no such module; exit 3'"}

    finished = project.run(kind="pages")

    assert (finished.ok, finished.rework) == (False, True)
    assert "ended with exit code 3" in finished.summary
    (command,) = json.loads((project.result / "check.json").read_text("utf-8"))["commands"]
    assert (command["exit_code"], command["tail"]) == (3, "no such module\n")


def test_the_check_names_the_first_file_that_differs(project: Project, tmp_path: Path) -> None:
    """A site that is not what a build gives on a clean checkout, however it came about."""
    assert project.run(kind="pages").ok
    folder = project.site(tmp_path / "site")
    (folder / "index.html").write_text("Somebody else's", "utf-8")
    git(folder, "commit", "--quiet", "--all", "--amend", "--no-edit")
    git(folder, "bundle", "create", "--quiet", str(project.result / "site.bundle"), "gh-pages")

    assert "not what a build gives here: index.html differs" in project.check().summary

    git(folder, "checkout", "--quiet", "-B", "other")
    git(folder, "bundle", "create", "--quiet", str(project.result / "site.bundle"), "other", "gh-pages")
    assert "is no bundle of the branch gh-pages alone" in project.check().summary
    (project.result / "site.bundle").unlink()
    assert "site.bundle is missing" in project.check().summary


def test_a_build_that_is_not_the_same_twice_is_noticed(project: Project) -> None:
    project.commands = {"build": "sh -c 'mkdir dist; date +%N > dist/index.html'"}

    assert project.run(kind="pages").ok
    assert "not what a build gives here: index.html differs" in project.check().summary


@pytest.mark.parametrize(
    ("health", "says"),
    [
        (
            {"contains": "Goodbye", "seconds": 1},
            "served here, the site's / does not answer as it has to: 200 OK",
        ),
        ({"path": "none", "seconds": 1}, "served here, the site's /none does not answer as it has to: 404"),
    ],
)
def test_the_check_asks_the_served_site(health: dict[str, Any], says: str, project: Project) -> None:
    assert project.run(kind="pages", health={"contains": "Hello World"}).ok
    assert project.check().ok
    project.order(kind="pages", health=health)

    assert says in project.check().summary


def test_the_check_takes_no_commit_that_is_not_of_the_project(project: Project) -> None:
    assert project.run(kind="pages").ok

    for commit in ("0" * 40, "main", "--help", ""):
        handed = project.deployment.model_copy(update={"commit": commit})
        (project.result / "deployment.json").write_text(handed.model_dump_json(), "utf-8")
        assert "that was deployed" in project.check().summary
    for change in ({"kind": "address"}, {"url": "https://elsewhere.test"}):
        handed = Deployment(kind="pages", commit=project.head).model_copy(update=change)
        (project.result / "deployment.json").write_text(handed.model_dump_json(), "utf-8")
        assert "not what a deployment of this kind hands on" in project.check().summary


def test_the_check_builds_the_commit_that_was_deployed_when_others_came_after(project: Project) -> None:
    assert project.run(kind="pages").ok
    project.write(index_html="Later")
    project.order(kind="pages")

    checked = project.check()

    assert checked.ok, checked.summary


def publishing(to: Path) -> str:
    """A command that deploys: it publishes the page and the key that it was given."""
    program = (
        "import os, pathlib, sys; print('key', os.environ['DEPLOY_KEY']); "
        "print(sorted(os.environ)); "
        f"pathlib.Path({str(to)!r}).write_text(open('index.html').read())"
    )
    return f'{sys.executable} -c "{program}"'


def test_a_command_deploys_and_its_address_is_asked(project: Project, tmp_path: Path) -> None:
    published = tmp_path / "published"
    project.environ = {"DEPLOY_KEY": SECRET, "OTHER_TOKEN": "ghs_other", "GITHUB_TOKEN": "ghs_workflow"}
    with site() as up:
        up.on_asked = lambda up: up.answers.update({"/hello-world-7/ok": (200, published.read_bytes())})
        rule = {
            "kind": "command",
            "command": publishing(published),
            "keys": ["DEPLOY_KEY"],
            "url": f"{up.url}/{{project}}",
            "health": {"path": "ok", "contains": "Hello World", "seconds": 30},
        }
        finished = project.run(**rule)

        assert finished.ok, finished.summary + project.log
        url = f"{up.url}/hello-world-7"
        assert project.deployment == Deployment(kind="address", url=url, health="200 OK", commit=project.head)
        assert [request.path for request in up.asked] == ["/hello-world-7/ok"] * 2
        assert "key ***" in project.log
        assert SECRET not in project.log
        assert "OTHER_TOKEN" not in project.log
        assert "GITHUB_TOKEN" not in project.log
        assert project.check().ok
        assert len(up.asked) == 3
        up.answers.clear()
        project.order(**rule | {"health": {"path": "none", "seconds": 1}})
        assert "does not answer as it has to: 404 Not Found" in project.check().summary


def test_a_command_that_fails_is_rework_with_its_output_masked(project: Project) -> None:
    project.environ = {"DEPLOY_KEY": SECRET}
    command = "sh -c 'echo not with $DEPLOY_KEY; exit 7'"

    finished = project.run(kind="command", command=command, keys=["DEPLOY_KEY"], url="http://127.0.0.1:9")

    assert (finished.ok, finished.rework) == (False, True)
    assert "ended with exit code 7" in finished.summary
    (ran,) = json.loads((project.result / "check.json").read_text("utf-8"))["commands"]
    assert ran["tail"] == "not with ***\n"
    for path in project.result.iterdir():
        assert SECRET not in path.read_text("utf-8", "replace")


def test_an_address_that_does_not_answer_is_rework_with_its_answer(project: Project) -> None:
    with site(home=(503, b"not yet")) as up:
        rule = {"kind": "command", "command": "true", "url": up.url, "health": {"seconds": 1}}
        finished = project.run(**rule)

    assert (finished.ok, finished.rework) == (False, True)
    assert (
        f"{up.url} does not answer as it has to after the command: 503 Service Unavailable"
        in finished.summary
    )
    assert "was asked: 503 Service Unavailable" in project.log
    assert not (project.result / "deployment.json").exists()


def test_a_missing_key_is_refused_before_anything_runs(project: Project, tmp_path: Path) -> None:
    published = tmp_path / "published"
    rule = {
        "kind": "command",
        "command": publishing(published),
        "keys": ["DEPLOY_KEY"],
        "url": "https://x.test",
    }

    finished = project.run(**rule)

    assert (finished.ok, finished.retry) == (False, False)
    assert "needs DEPLOY_KEY, and no such variable is set here" in finished.summary
    assert not published.exists()


@pytest.mark.parametrize("name", ["GITHUB_TOKEN", "ACTIONS_RUNTIME_TOKEN", "ORCHESTRATOR_TOKEN"])
def test_no_token_of_the_run_can_be_configured_as_a_key(name: str) -> None:
    with pytest.raises(ValidationError, match="belongs to the workflow's run"):
        DeploymentRule.model_validate({"kind": "command", "command": "x", "url": "http://x", "keys": [name]})


def test_a_workflow_is_left_to_whoever_reports(project: Project) -> None:
    finished = project.run(kind="workflow", workflow="deploy.yml", url="https://{project}.example")

    assert finished.ok, finished.summary
    assert finished.summary == f"Deployment: deploy.yml is to be run for {project.head[:12]}."
    url = "https://hello-world-7.example"
    assert project.deployment == Deployment(kind="workflow", url=url, commit=project.head)
    assert project.check().ok
    handed = project.deployment.model_copy(update={"url": "https://elsewhere.example"})
    (project.result / "deployment.json").write_text(handed.model_dump_json(), "utf-8")
    assert not project.check().ok


def test_who_does_a_deployment_is_decided_by_its_rule(project: Project) -> None:
    def order(**changes: Any) -> WorkOrder:
        content = json.loads(project.order(kind="pages").read_text("utf-8")) | {"executor": "codex"}
        return WorkOrder.model_validate(content | changes)

    by_agent: dict[str, Any] = {"deployment": {"kind": "agent"}}
    assert executor_of(order()).name == "deployer"
    assert executor_of(order(specialty="feature")).name == "codex"
    assert executor_of(order(workflow="content")).name == "codex"
    assert executor_of(order(**by_agent)).name == "codex"
    assert (lock_for(order()), lock_for(order(**by_agent))) == ("", "codex")


def test_the_phases_of_a_deployment_need_no_executor(project: Project) -> None:
    """By the command line, as a worker's run calls it; the pool's executor is one that nobody knows."""
    project.order(kind="pages")

    for phase, kept in (("run", "run.json"), ("check", "checked.json")):
        command = [sys.executable, "-m", "bot", "work", phase, "--workspace", str(project.handed)]
        subprocess.run(command, check=True, capture_output=True)
        said = json.loads((project.result / kept).read_text("utf-8"))
        assert said["ok"], said["summary"]
    assert project.deployment.commit == project.head
