"""The dashboard in the hub: served, made anew when the state has moved, the old one kept until then."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from bot.hub.dashboards import Dashboards
from tests.e2e.browser import browser
from tests.e2e.stage import REPOSITORY, Stage, staged

HERE = f"/{REPOSITORY}/dashboard/"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with staged(tmp_path) as made:
        yield made


def ask(stage: Stage, path: str) -> httpx.Response:
    return httpx.get(f"{stage.info.url}{path}", timeout=60)


def version(stage: Stage) -> str:
    return str(json.loads(ask(stage, f"{HERE}dashboard.json").text)["version"])


def test_it_is_served_with_everything_that_its_pages_need(stage: Stage) -> None:
    page = ask(stage, HERE)
    assert page.status_code == 200
    assert "Nothing is running." in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert version(stage) == stage.bare.head()
    for path in ("queues.html", "static/dashboard.css", "static/echarts.min.js", "static/theme.js"):
        found = ask(stage, HERE + path)
        assert found.status_code == 200
        again = httpx.get(found.url, headers={"if-none-match": found.headers["etag"]})
        assert again.status_code == 304


def test_pages_of_the_repository_link_to_it(stage: Stage) -> None:
    assert f'href="{HERE}"' in ask(stage, f"/{REPOSITORY}/issues").text
    assert ask(stage, HERE.rstrip("/")).headers["location"].endswith(HERE)


def test_a_browser_draws_its_charts_under_the_hubs_own_policy(stage: Stage, tmp_path: Path) -> None:
    stage.say(stage.issue(), "/dispatch-genesis A page that says hello")
    with browser(tmp_path) as opened:
        opened.get(f"{stage.info.url}{HERE}workers.html")
        drawn = "return document.documentElement.dataset.drawn"
        WebDriverWait(opened, 30).until(lambda driver: driver.execute_script(drawn) == "1")
        assert opened.find_elements(By.CSS_SELECTOR, ".plot svg path")
        opened.find_element(By.LINK_TEXT, "Projects").click()
        assert opened.find_element(By.CSS_SELECTOR, "#t-projects tbody tr").is_displayed()
        assert opened.get_log("browser") == []


def test_it_is_made_anew_when_the_state_has_moved_and_the_old_one_is_served_meanwhile(stage: Stage) -> None:
    before = version(stage)
    stage.say(stage.issue(), "/dispatch-genesis A page that says hello")
    after = stage.bare.head()
    assert after != before
    seen = [version(stage)]
    ends = time.monotonic() + 60
    while seen[-1] != after and time.monotonic() < ends:
        seen.append(version(stage))
    assert set(seen) == {before, after}
    assert "says hello" in ask(stage, HERE).text


@pytest.mark.parametrize(
    "path",
    [
        "nothing.html",
        "../../hub.json",
        "%2e%2e/%2e%2e/hub.json",
        "projects/x.html",
        "%2e%2e",
        "projects/",
        "static",
    ],
)
def test_nothing_else_of_the_machine_is_served(stage: Stage, path: str) -> None:
    found = ask(stage, HERE + path)
    assert found.status_code == 404
    assert stage.info.bot_token not in found.text


def test_a_build_that_fails_leaves_the_old_one_and_a_log(stage: Stage) -> None:
    repository = stage.world.repositories.find(*REPOSITORY.split("/"))
    shown = Dashboards(stage.world, command=("false",))
    assert shown.folder(repository) is None
    log = Path(stage.info.data) / "dashboards" / REPOSITORY / "log.txt"
    assert log.is_file()
    assert ask(stage, HERE).status_code == 200


def test_a_repository_without_a_state_has_none_and_says_so(tmp_path: Path) -> None:
    with staged(tmp_path, prepared=False) as stage:
        found = ask(stage, HERE)
        assert found.status_code == 404
        assert "has no branch named state" in found.text
        assert "Dashboard</a>" not in ask(stage, f"/{REPOSITORY}/issues").text
