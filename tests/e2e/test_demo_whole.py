"""The whole demonstration: three stages, a deployed page that a person can use, content with its gates."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
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
from tests.e2e.test_demo import git


@dataclass(frozen=True)
class Played:
    """A demonstration that has ended well, with its hub up again."""

    told: str
    summary: dict[str, Any]
    folder: Path

    def read(self, url: str) -> str:
        with urllib.request.urlopen(url, timeout=30) as answer:
            text: str = answer.read().decode("utf-8")
            return text


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    out = tmp_path_factory.mktemp("demo") / "out"
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    command = [sys.executable, "-m", "bot"]
    demo = subprocess.run(
        [*command, "demo", "--out", str(out)],
        capture_output=True,
        text=True,
        timeout=400,
        env=kept,
        check=False,
    )
    assert demo.returncode == 0, demo.stdout + demo.stderr
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    again = [*command, "local", "--data", str(out / "hub"), "--port", str(summary["port"]), "--json"]
    with subprocess.Popen([*again, "--no-runner"], stdout=subprocess.PIPE, text=True, env=kept) as hub:
        assert hub.stdout is not None
        assert json.loads(hub.stdout.readline())["url"]
        yield Played(demo.stdout, summary, out)
        hub.send_signal(signal.SIGTERM)


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
    log = git(summary["repository_path"], "log", "--format=%B", "main")
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
        assert git(played.summary["repository_path"], "show", f"main:{piece['file']}").strip()


def test_the_finished_project_passes_its_own_tests_on_a_clean_checkout(
    played: Played, tmp_path: Path
) -> None:
    checkout = tmp_path / "checkout"
    subprocess.run(["git", "clone", "-q", played.summary["repository_path"], str(checkout)], check=True)
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
