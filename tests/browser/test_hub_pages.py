"""The hub shows diagrams as pictures, and keeps their source where it cannot."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from bot import assets
from bot.commands.showing import status_text
from bot.policies.forecast.expecting import Expectations
from bot.render.labels import STATUS_LABEL
from bot.render.progress import body
from tests.browser.pictures import VIEWS, look, take
from tests.commands.desk import Desk, opened
from tests.e2e.people import REPOSITORY
from tests.showing.outside import pin
from tests.showing.states import drafts

BROKEN = "```mermaid\nno diagram at all\n```\n\n<b onclick=x>bold</b>"
OPEN_ALL = "document.querySelectorAll('details').forEach((one) => (one.open = true))"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with opened(tmp_path_factory.mktemp("desk")) as desk:
        yield desk


def _show(desk: Desk, title: str, text: str) -> int:
    where = f"/repos/{REPOSITORY}/issues"
    made = desk.call("ada", "POST", where, {"title": title, "body": text, "labels": [STATUS_LABEL]})
    number: int = made["number"]
    return number


def _open(chromium: webdriver.Chrome, desk: Desk, number: int) -> None:
    chromium.get(f"{desk.info.url}/{REPOSITORY}/issues/{number}")


def _until(chromium: webdriver.Chrome, done: Callable[[webdriver.Chrome], bool]) -> None:
    WebDriverWait(chromium, 60).until(done)


def _all_drawn(chromium: webdriver.Chrome) -> bool:
    sources = chromium.find_elements(By.CSS_SELECTOR, 'pre[lang="mermaid"]')
    return bool(sources) and all(one.get_attribute("data-drawn") == "yes" for one in sources)


def _problems(chromium: webdriver.Chrome) -> list[str]:
    return [entry["message"] for entry in chromium.get_log("browser") if entry["level"] == "SEVERE"]


@pytest.mark.parametrize("name", ["wrong", "many", "hostile"])
def test_a_status_page_is_drawn_and_photographed(chromium: webdriver.Chrome, desk: Desk, name: str) -> None:
    draft = dict(drafts())[name]
    number = _show(desk, "Orchestrator status", status_text(draft))
    for view, (width, dark) in VIEWS.items():
        look(chromium, width, dark=dark)
        _open(chromium, desk, number)
        chromium.execute_script(OPEN_ALL)
        _until(chromium, _all_drawn)
        images = chromium.find_elements(By.CSS_SELECTOR, "img.diagram")
        assert images
        assert all(int(one.get_property("naturalWidth")) > 0 for one in images), "a picture is broken"
        assert take(chromium, f"status-{name}-{view}").stat().st_size > 10_000
        wide = chromium.execute_script("return document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, "it has to be scrolled sideways"
    assert _problems(chromium) == []


def test_a_projects_page_is_photographed(chromium: webdriver.Chrome, desk: Desk) -> None:
    draft = dict(drafts())["worked"]
    (project,) = draft.projects.values()
    number = _show(desk, project.title, "An idea")
    text = body(draft, project, Expectations(draft).of(project.id))
    desk.call("ada", "POST", f"/repos/{REPOSITORY}/issues/{number}/comments", {"body": text})
    pin(desk, number)
    for view, (width, dark) in VIEWS.items():
        look(chromium, width, dark=dark)
        _open(chromium, desk, number)
        take(chromium, f"project-{view}")
        assert "A page" in chromium.page_source


def test_what_is_no_diagram_keeps_its_source(chromium: webdriver.Chrome, desk: Desk) -> None:
    number = _show(desk, "Broken", BROKEN + '\n\n```mermaid\npie\n  "a" : 1\n```')
    _open(chromium, desk, number)
    _until(chromium, lambda page: len(page.find_elements(By.CSS_SELECTOR, "img.diagram")) == 1)
    _until(chromium, lambda page: bool(page.find_element(By.CSS_SELECTOR, "pre").get_attribute("title")))
    (source,) = [one for one in chromium.find_elements(By.CSS_SELECTOR, "pre") if one.is_displayed()]
    assert source.text == "no diagram at all"
    assert chromium.find_elements(By.CSS_SELECTOR, "b[onclick]") == []


def test_a_page_without_a_diagram_asks_for_no_library(chromium: webdriver.Chrome, desk: Desk) -> None:
    number = _show(desk, "Plain", "No picture.")
    mark = desk.mark()
    _open(chromium, desk, number)
    assert "No picture." in chromium.page_source
    asked = [one["path"] for one in desk.since(mark).requests]
    assert not any("mermaid" in path or "diagrams.html" in path for path in asked), asked


def test_the_library_comes_packed_and_whole(desk: Desk, tmp_path: Path) -> None:
    url = f"{desk.info.url}/-/mermaid.js"
    with httpx.stream("GET", url, headers={"Accept-Encoding": "gzip"}, trust_env=False) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(raw) == assets.script("mermaid")
    plain = httpx.get(url, headers={"Accept-Encoding": "identity"}, trust_env=False)
    assert plain.content == assets.script("mermaid")
    again = httpx.get(url, headers={"If-None-Match": plain.headers["etag"]}, trust_env=False)
    assert again.status_code == 304
    frame = httpx.get(f"{desk.info.url}/-/diagrams.html", trust_env=False)
    assert "sandbox allow-scripts" in frame.headers["content-security-policy"]
