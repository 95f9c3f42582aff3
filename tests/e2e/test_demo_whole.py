"""The README's two commands as a new user gives them, and the whole demonstration that comes of the first.

Three stages, a deployed page that a person can use, content with its gates.
"""

from __future__ import annotations

import json
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.ui import WebDriverWait

from tests.e2e.browser import browser
from tests.e2e.newcomer import Newcomer, newcomer
from tests.e2e.test_demo import git


@dataclass(frozen=True)
class Played:
    """A demonstration that has ended well, with its hub up again."""

    person: Newcomer
    told: str
    summary: dict[str, Any]
    folder: Path

    @property
    def repository(self) -> str:
        """The project's repository."""
        return str(self.person.clone / self.summary["repository_path"])

    def read(self, url: str) -> str:
        with urllib.request.urlopen(url, timeout=30) as answer:
            text: str = answer.read().decode("utf-8")
            return text


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    person = newcomer(tmp_path_factory.mktemp("newcomer"))
    demo = person.run("make", "demo", limit=900)
    assert demo.returncode == 0, demo.stdout + demo.stderr
    out = person.clone / "demo-out"
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    again = [".venv/bin/orchestrator", "local", "--data", "demo-out/hub", "--port", str(summary["port"])]
    with subprocess.Popen(
        [*again, "--json", "--no-runner"],
        cwd=person.clone,
        env=person.environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as hub:
        assert hub.stdout is not None
        assert json.loads(hub.stdout.readline())["url"]
        yield Played(person, demo.stdout, summary, out)
        hub.send_signal(signal.SIGTERM)


def test_the_other_command_of_the_readme_works_too(played: Played) -> None:
    """With a few of the tests: all of them would run these again."""
    done = played.person.run("make", "test", "JOBS=1", "ARGS=-q tests/core/test_parser.py", limit=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed in " in done.stdout


def test_a_new_user_is_left_with_nothing_outside_the_clone_but_a_cache(played: Played) -> None:
    assert {path.name for path in Path(played.person.environment["HOME"]).iterdir()} <= {".cache", ".local"}
    assert played.person.run("git", "status", "--porcelain", limit=60).stdout == ""


def test_it_goes_through_all_stages_and_says_what_was_replayed(played: Played) -> None:
    summary = played.summary
    assert summary["stage"] == "complete"
    assert [(stage["name"], stage["tasks"]) for stage in summary["stages"]] == [
        ("genesis", 1),
        ("development", 13),
        ("content", 3),
    ]
    assert all(stage["workers"] and stage["files"] and stage["links"] for stage in summary["stages"])
    assert len(summary["pull_requests"]) == 9
    assert all(pull["merged"] for pull in summary["pull_requests"])
    log = git(played.repository, "log", "--format=%B", "main")
    assert log.count("(replay of a recorded solution)") >= 6
    assert played.told.count("**Complete:**") == 2, "the last comment, and the one that is kept up to date"
    for word in ("**Scaffolded:**", "**Deployed:**", "**Complete:**", "genesis-02", "dev-0", "content-0"):
        assert word in played.told


def test_everything_that_it_links_to_can_be_opened(played: Played) -> None:
    for stage in played.summary["stages"]:
        for link in stage["links"]:
            assert played.read(link)
    project = played.read(played.summary["issue_url"])
    assert "Complete" in project


def test_each_piece_of_content_passed_its_gates(played: Played) -> None:
    pieces = played.summary["pieces"]
    assert len(pieces) == 10
    assert {piece["specialty"] for piece in pieces} == {"documentation", "marketing", "social"}
    for piece in pieces:
        assert piece["gates"]
        assert all(piece["gates"].values()), piece
        assert piece["facts"]
        assert git(played.repository, "show", f"main:{piece['file']}").strip()


def test_the_finished_project_passes_its_own_tests_on_a_clean_checkout(
    played: Played, tmp_path: Path
) -> None:
    checkout = tmp_path / "checkout"
    subprocess.run(["git", "clone", "-q", played.repository, str(checkout)], check=True)
    for target in ("test", "lint"):
        done = subprocess.run(["make", target], cwd=checkout, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_person_clicks_the_deployed_page(played: Played, tmp_path: Path) -> None:
    with browser(tmp_path) as opened:
        opened.get(played.summary["deployment_url"])
        message, button = _see(opened, "message"), _see(opened, "change")
        first = message.text
        assert first == "Hello World"
        assert _see(opened, "count").text == "0"
        button.click()
        assert _see(opened, "message").text not in ("", first)
        button.click()
        button.click()
        assert _see(opened, "count").text == "3"
        errors = [row["message"] for row in opened.get_log("browser") if row["level"] == "SEVERE"]
        assert errors == []
        opened.set_window_size(360, 640)
        width = opened.execute_script("return document.documentElement.scrollWidth")
        assert width <= 360 + 140  # a headless window is never narrower than 500
        (tmp_path / "page.png").write_bytes(opened.get_screenshot_as_png())


def _see(opened: WebDriver, id_: str) -> Any:
    found = WebDriverWait(opened, 20).until(lambda driver: driver.find_element(By.ID, id_))
    assert found.is_displayed()
    return found
