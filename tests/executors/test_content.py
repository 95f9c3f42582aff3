"""Content without an agent: written from what is there, for every kind of project."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.domain.failures import FailureKind
from bot.executors.gates import Gate
from bot.executors.gates.lengths import LINKEDIN, posts
from bot.executors.gates.weighing import POST, weight
from tests.executors import projects
from tests.executors.conftest import Attempt
from tests.executors.projects import DEPLOYMENT, REPOSITORY, SPECIALTIES, Content, git

TEXTS = Path(__file__).parent / "texts"
FILES = {
    "documentation": ["docs/user-guide.md", "docs/installation.md", "docs/reference.md", "docs/faq.md"],
    "marketing": [f"content/marketing/{name}.md" for name in ("landing", "description", "announcement")],
    "social": [f"content/social/{name}.md" for name in ("x-thread", "linkedin", "release-note")],
}
MakeContent = Callable[..., Content]


@pytest.fixture
def project(idea_of: Callable[[str], Attempt], tmp_path: Path) -> MakeContent:
    """A project of a stack, of which so many features are finished."""

    def make(stack: str, finished: int = 2) -> Content:
        return projects.content(tmp_path / "work", stack, idea_of(stack), finished)

    return make


@pytest.mark.parametrize("stack", projects.IDEAS)
def test_every_kind_of_project_gets_all_its_pieces_and_they_pass_their_gates(
    stack: str, project: MakeContent
) -> None:
    for specialty in SPECIALTIES:
        made = project(stack)
        finished = made.write(specialty)

        assert finished.ok, finished.summary
        assert finished.summary.startswith("Made from templates, by no agent: ")
        assert [piece.file for piece in made.output.pieces] == FILES[specialty]
        for piece in made.output.pieces:
            judged = set(Gate) - {
                gate for gate in Gate if any(row.startswith(f"{gate}:") for row in piece.unchecked)
            }
            assert piece.gates == dict.fromkeys(judged, True)
            assert piece.words
            assert piece.facts
        assert made.check().ok
        texts = made.texts(f"orchestrator/{specialty}")
        assert all(made.title in text for name, text in texts.items() if "x-thread" not in name)
        shutil.rmtree(made.folder)


@pytest.mark.parametrize("specialty", SPECIALTIES)
def test_the_worked_example_reads_like_this(specialty: str, project: MakeContent) -> None:
    """The texts stand in ``texts/``, so that whoever changes a template reads what comes of it."""
    made = project("web", finished=4)
    assert made.write(specialty).ok

    texts = made.texts(f"orchestrator/{specialty}")

    for file, text in texts.items():
        assert text == (TEXTS / Path(file).name).read_text("utf-8"), file


def test_facts_stand_where_they_are_said_to(project: MakeContent) -> None:
    made = project("pipeline")
    assert made.write("documentation").ok
    made.texts("orchestrator/documentation")

    lines = 0
    for fact in (fact for piece in made.output.pieces for fact in piece.facts):
        if match := re.fullmatch(r"[^:]+: (?P<text>.+) \((?P<file>[^,()]+), line (?P<line>\d+)\)", fact):
            text = (made.folder / "clone" / match["file"]).read_text("utf-8")
            line = text.splitlines()[int(match["line"]) - 1]
            words = set(re.findall(r"[\w.]{3,}", match["text"])) & set(re.findall(r"[\w.]{3,}", line))
            assert words, f"{fact}: {line}"
            lines += 1
    assert lines > 15


def test_what_the_source_offers_is_in_the_reference(project: MakeContent) -> None:
    told = {}
    for stack in ("service", "pipeline", "python", "web"):
        made = project(stack)
        assert made.write("documentation").ok
        told[stack] = made.texts("orchestrator/documentation")["docs/reference.md"]
        shutil.rmtree(made.folder)

    assert "- `GET /health`" in told["service"]
    assert "- `--port`: the default is `8000`" in told["service"]
    assert "- `source`: folder to read" in told["pipeline"]
    assert "- `run(source: Path, target: Path" in told["pipeline"]
    assert "`photo-renamer-7` takes:\n\n- `--version`: prints the version" in told["python"]
    assert "`site/index.html`, with the title “Hello world”" in told["web"]


def test_unfinished_features_are_never_told_as_there(project: MakeContent) -> None:
    made = project("web", finished=0)
    assert made.write("marketing").ok
    for text in made.texts("orchestrator/marketing").values():
        assert "What it does" not in text
        assert "What is new" not in text

    made.changes = {}
    assert made.write("documentation").ok
    guide = made.texts("orchestrator/documentation")["docs/user-guide.md"]
    assert "None of its features is marked as finished yet" in guide


def test_without_repository_and_deployment_nothing_is_said_of_them(project: MakeContent) -> None:
    for specialty in SPECIALTIES:
        made = project("web")
        made.genesis |= {"repository_url": ""}
        made.development["deployment"] = None

        finished = made.write(specialty)

        assert finished.ok, finished.summary
        assert "not checked" not in finished.summary
        assert all("https://" not in text for text in made.texts(f"orchestrator/{specialty}").values())
        shutil.rmtree(made.folder)


def test_the_orders_branch_is_the_one_that_is_handed_on(project: MakeContent) -> None:
    made = project("library")
    made.changes = {"branch": "orchestrator/project-7/social"}

    assert made.write("social").ok
    assert made.check().ok
    assert set(made.texts("orchestrator/project-7/social")) == set(FILES["social"])

    made.changes = {"branch": "--upload-pack=x"}
    assert "a branch that is not the program's" in made.write("social").summary


def test_written_again_over_what_is_there_it_comes_out_the_same(project: MakeContent) -> None:
    made = project("web")
    assert made.write("marketing").ok
    first = made.texts("orchestrator/marketing")
    clone = made.folder / "clone"
    git("-C", str(clone), "branch", "--quiet", "--force", "orchestrator/marketing", "new")
    git(
        "-C",
        str(clone),
        "bundle",
        "create",
        "--quiet",
        str(made.folder / "repository.bundle"),
        "HEAD",
        "--all",
    )

    again = made.write("marketing")

    assert again.ok, again.summary
    assert made.check().ok
    assert made.texts("orchestrator/marketing") == first


def test_a_link_of_the_repository_is_not_written_through(project: MakeContent, tmp_path: Path) -> None:
    made = project("web")
    clone = tmp_path / "spoiled"
    git("clone", "--quiet", str(made.bundle), str(clone))
    (tmp_path / "elsewhere").mkdir()
    (clone / "content").symlink_to(tmp_path / "elsewhere")
    git("-C", str(clone), "add", ".")
    git("-C", str(clone), "commit", "--quiet", "-m", "A link")
    made.folder.mkdir()
    git(
        "-C",
        str(clone),
        "bundle",
        "create",
        "--quiet",
        str(made.folder / "repository.bundle"),
        "HEAD",
        "main",
    )

    finished = made.write("marketing")

    assert (finished.ok, finished.retry) == (False, False)
    assert "content/marketing/landing.md leads through a link of the repository" in finished.summary
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_broken_document_of_the_repository_fails_honestly_and_at_once(project: MakeContent) -> None:
    made = project("web")
    made.genesis["issues"][1]["title"] = "Build a page with lorem ipsum"

    finished = made.write("marketing")

    assert (finished.ok, finished.failure, finished.rework, finished.retry) == (
        False, FailureKind.INVALID, True, False,
    )  # fmt: skip
    assert "landing.md: placeholders: line" in finished.summary


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"specialty": "poetry"}, "no piece is known for the specialty 'poetry'"),
        ({"workflow": "development"}, "development needs a coding agent, and the template executor is none"),
    ],
)
def test_what_it_cannot_do_is_said(changes: dict[str, Any], says: str, project: MakeContent) -> None:
    made = project("web")
    made.changes = changes

    finished = made.write("documentation")

    assert says in finished.summary
    assert "scripted" not in finished.summary
    assert finished.retry is False


def test_hundreds_of_long_features_stay_within_every_limit(project: MakeContent) -> None:
    made = project("web")
    rows = [
        made.genesis["issues"][1] | {"key": f"feature-{number}", "title": f"Add {'längst ' * 25}{number}"}
        for number in range(200)
    ]
    made.genesis["issues"] = rows
    made.development["features"] = [{"key": row["key"], "state": "approved"} for row in rows]

    finished = made.write("social")

    assert finished.ok, finished.summary
    texts = made.texts("orchestrator/social")
    assert len(texts["content/social/linkedin.md"]) <= LINKEDIN
    assert all(weight(post) <= POST for post in posts(texts["content/social/x-thread.md"]))
    thread = texts["content/social/x-thread.md"]
    assert REPOSITORY in thread
    assert DEPLOYMENT in thread


@pytest.mark.parametrize(
    ("specialty", "expected"),
    [
        ("documentation", f"git clone --branch projects/project-7 {REPOSITORY}\n"),
        ("marketing", f"[the repository]({REPOSITORY}/tree/projects/project-7)"),
    ],
)
def test_a_project_on_a_branch_of_its_repository_is_cloned_and_looked_at_there(
    specialty: str, expected: str, project: MakeContent
) -> None:
    made, home = project("library"), "projects/project-7"
    made.folder.mkdir(parents=True)
    moved, handed = made.folder / "moved.git", made.folder / "repository.bundle"
    git("clone", "--quiet", "--bare", str(made.bundle), str(moved))
    git("-C", str(moved), "branch", "--move", "main", home)
    git("-C", str(moved), "bundle", "create", "--quiet", str(handed), "HEAD", home)
    made.genesis |= {"branch": home, "default_branch": home}
    branch = f"orchestrator/project-7/{specialty}"
    made.changes = {"default_branch": home, "branch": branch}

    finished = made.write(specialty)

    assert finished.ok, finished.summary
    assert made.check().ok
    assert any(expected in text for text in made.texts(branch).values())
