"""The site as people meet it: from a file in Chromium, with and without JavaScript, by mouse and by keys."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import ActionChains
from selenium.webdriver.chrome.webdriver import WebDriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

from tests.dashboard.branches import Moment
from tests.e2e.browser import browser

TESTS = Path(__file__).parents[1]
AXE = gzip.decompress((TESTS / "browser/axe.min.js.gz").read_bytes()).decode()
RUN = """
const [tags, done] = arguments;
const failed = (error) => done({violations: [{id: String(error), nodes: []}]});
axe.run(document, {runOnly: tags}).then(done, failed);
"""
PAGES = (
    *("index.html", "queues.html", "workers.html", "projects.html", "metrics.html", "forecasts.html"),
    *("alerts.html", "history.html", "projects/photo-sorter-1.html"),
)
CHARTS = {"queues.html": 3, "alerts.html": 0, "history.html": 0}
"""Pages with another number of charts than one."""
WIDTHS = {"desktop": 1280, "phone": 390}
SHOTS = Path(os.environ.get("SCREENSHOTS", TESTS.parent / "screenshots"))
"""Kept out of git; `.gitignore` names it."""


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDriver]:
    with browser(tmp_path_factory.mktemp("chromium")) as opened:
        yield opened


def show(opened: WebDriver, width: str = "desktop", theme: str = "light", script: bool = True) -> None:
    size = {"width": WIDTHS[width], "height": 900, "deviceScaleFactor": 1, "mobile": False}
    opened.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    wanted = {"features": [{"name": "prefers-color-scheme", "value": theme}]}
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", wanted)
    opened.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not script})


def go(opened: WebDriver, site: Path, page: str) -> None:
    opened.get("about:blank")
    opened.get_log("browser")
    opened.get(f"file://{site}/{page}")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", list(WIDTHS))
@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_no_violation(chromium: WebDriver, shown: Path, page: str, width: str, theme: str) -> None:
    show(chromium, width, theme)
    go(chromium, shown, page)
    chromium.execute_script("for (const one of document.querySelectorAll('details')) one.open = true")
    chromium.execute_script(AXE)
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = chromium.execute_async_script(RUN, tags)
    told = [
        (one["id"], [(node["target"], node["failureSummary"]) for node in one["nodes"][:3]])
        for one in found["violations"]
    ]
    assert told == []
    assert len(found["passes"]) > 15


@pytest.mark.parametrize("page", PAGES)
def test_charts_are_drawn_from_a_file_without_an_error_and_without_the_network(
    chromium: WebDriver, shown: Path, page: str
) -> None:
    show(chromium)
    go(chromium, shown, page)
    expected = CHARTS.get(page, 1)
    assert len(chromium.find_elements(By.CSS_SELECTOR, ".plot > div > svg, .plot svg")) >= expected
    if expected:
        assert chromium.execute_script("return document.documentElement.dataset.drawn") == str(expected)
        for plot in chromium.find_elements(By.CSS_SELECTOR, ".plot"):
            assert plot.get_attribute("role") == "img"
            assert len(plot.get_attribute("aria-label") or "") > 40
    assert chromium.get_log("browser") == []
    asked = chromium.execute_script("return performance.getEntriesByType('resource').map((one) => one.name)")
    assert [name for name in asked if not name.startswith("file://")] == []


@pytest.mark.parametrize("width", list(WIDTHS))
@pytest.mark.parametrize("page", PAGES)
def test_no_page_is_wider_than_its_window(chromium: WebDriver, shown: Path, page: str, width: str) -> None:
    show(chromium, width)
    go(chromium, shown, page)
    wide = chromium.execute_script(
        "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert wide <= 0


def test_without_javascript_everything_is_there(chromium: WebDriver, shown: Path) -> None:
    show(chromium, script=False)
    try:
        go(chromium, shown, "index.html")
        text = chromium.find_element(By.TAG_NAME, "main").text
        for words in ("the administrators were called", "Error rate", "photo-sorter-1", "1 open alert"):
            assert words in text
        assert not chromium.find_element(By.ID, "theme").is_displayed()
        go(chromium, shown, "history.html")
        rows = chromium.find_elements(By.CSS_SELECTOR, "#t-moments tbody tr")
        assert len([row for row in rows if row.is_displayed()]) == 22
        assert not chromium.find_element(By.ID, "past").is_displayed()
        go(chromium, shown, "workers.html")
        chromium.find_element(By.TAG_NAME, "summary").click()
        assert chromium.find_element(By.ID, "t-timeline").is_displayed()
    finally:
        show(chromium)


def test_the_slider_shows_what_was(chromium: WebDriver, shown: Path, moments: list[Moment]) -> None:
    show(chromium)
    go(chromium, shown, "history.html")
    slider = chromium.find_element(By.ID, "slider")
    assert chromium.find_element(By.ID, "moment").text == "2026-11-23 16:44 UTC"
    slider.send_keys(Keys.ARROW_LEFT, Keys.ARROW_LEFT)
    assert chromium.find_element(By.ID, "moment").text == "2026-11-23 15:25 UTC"
    assert slider.get_attribute("aria-valuetext") == "2026-11-23 15:25 UTC"
    state = [one for at, one in moments if at.strftime("%H:%M") == "15:25"][-1]
    waiting = sum(len(queue.items) for queue in state.queues.values())
    busy = sum(one.assignment is not None for one in state.instances.values())
    values = [one.text for one in chromium.find_elements(By.CSS_SELECTOR, "#figures .value")]
    assert values[:3] == [str(waiting), str(busy), str(len(state.projects))]
    slider.send_keys(Keys.HOME)
    assert chromium.find_element(By.ID, "moment").text == "2026-11-23 12:00 UTC"
    assert [one.text for one in chromium.find_elements(By.CSS_SELECTOR, "#then th")] == ["recipe-book-2"]
    chromium.find_element(By.ID, "on").click()
    assert chromium.find_element(By.ID, "moment").text == "2026-11-23 12:16 UTC"


def test_a_table_is_filtered_by_words_and_by_a_column(chromium: WebDriver, shown: Path) -> None:
    show(chromium)
    go(chromium, shown, "workers.html")
    section = chromium.find_element(By.CSS_SELECTOR, "section[aria-labelledby=h-workers]")

    def rows() -> list[str]:
        heads = section.find_elements(By.CSS_SELECTOR, "tbody th")
        return [one.text for one in heads if one.is_displayed()]

    assert len(rows()) == 11
    section.find_element(By.CSS_SELECTOR, "input[type=search]").send_keys("dev REVIEW")
    assert rows() == ["dev-03"]
    section.find_element(By.CSS_SELECTOR, "input[type=search]").clear()
    section.find_element(By.CSS_SELECTOR, "input[type=search]").send_keys(" ")
    Select(section.find_elements(By.TAG_NAME, "select")[1]).select_by_visible_text("busy")
    assert len(rows()) == 5
    section.find_element(By.CSS_SELECTOR, "input[type=search]").send_keys("part-1")
    assert rows() == ["dev-03"]


def test_the_theme_is_remembered(chromium: WebDriver, shown: Path) -> None:
    show(chromium)
    ground = "return getComputedStyle(document.body).backgroundColor"
    go(chromium, shown, "index.html")
    light = chromium.execute_script(ground)
    before = chromium.find_element(By.CSS_SELECTOR, ".plot svg text").get_attribute("fill")
    try:
        Select(chromium.find_element(By.ID, "theme")).select_by_value("dark")
        assert chromium.execute_script(ground) != light
        assert chromium.find_element(By.CSS_SELECTOR, ".plot svg text").get_attribute("fill") != before
        go(chromium, shown, "projects/photo-sorter-1.html")
        assert chromium.execute_script(ground) != light
        assert chromium.find_element(By.ID, "theme").get_attribute("value") == "dark"
    finally:
        Select(chromium.find_element(By.ID, "theme")).select_by_value("auto")
    assert chromium.execute_script(ground) == light


@pytest.mark.parametrize("page", ["index.html", "history.html", "projects/photo-sorter-1.html"])
def test_the_keyboard_reaches_everything_and_shows_where_it_is(
    chromium: WebDriver, shown: Path, page: str
) -> None:
    show(chromium)
    go(chromium, shown, page)
    wanted = chromium.execute_script(
        """
        const all = document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']");
        let number = 0;
        for (const one of all) {
          if (one.checkVisibility() && !one.disabled) one.dataset.walk = String(number++);
        }
        return number;
        """
    )
    reached: set[str] = set()
    for number in range(wanted + 2):
        ActionChains(chromium).send_keys(Keys.TAB).perform()
        walk, outline, inside = chromium.execute_script(
            """
            const now = document.activeElement, box = now.getBoundingClientRect();
            return [now.dataset.walk || "", getComputedStyle(now).outlineStyle,
              box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth];
            """
        )
        if number == 0:
            assert chromium.execute_script("return document.activeElement.className") == "skip"
        if walk:
            assert outline != "none", walk
            assert inside, walk
            reached.add(walk)
    assert len(reached) == wanted


def test_the_skip_link_leads_to_the_content(chromium: WebDriver, shown: Path) -> None:
    show(chromium)
    go(chromium, shown, "index.html")
    ActionChains(chromium).send_keys(Keys.TAB).send_keys(Keys.ENTER).perform()
    focus = "return document.activeElement.id"
    WebDriverWait(chromium, 10).until(lambda opened: opened.execute_script(focus) == "main")


@pytest.mark.parametrize("page", ["index.html", "projects/photo-sorter-1.html"])
@pytest.mark.parametrize(("width", "theme"), [("desktop", "light"), ("phone", "light"), ("desktop", "dark")])
def test_screenshots_are_made(chromium: WebDriver, shown: Path, page: str, width: str, theme: str) -> None:
    show(chromium, width, theme)
    go(chromium, shown, page)
    drawn = "return document.documentElement.dataset.drawn"
    WebDriverWait(chromium, 20).until(lambda opened: opened.execute_script(drawn))
    height = chromium.execute_script("return document.documentElement.scrollHeight")
    size = {"width": WIDTHS[width], "height": height, "deviceScaleFactor": 1, "mobile": False}
    chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    SHOTS.mkdir(exist_ok=True)
    name = f"dashboard-{page.rpartition('/')[2].removesuffix('.html')}-{width}-{theme}.png"
    assert chromium.save_screenshot(str(SHOTS / name))
    assert (SHOTS / name).stat().st_size > 20_000
