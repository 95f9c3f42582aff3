"""``orchestrator doctor --probe``: it tries everything on the hub and leaves no trace, whatever happens."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from bot.setup.findings import Finding, Verdict
from bot.setup.grounds import BODY, MARK, PATIENCE, TITLE
from bot.setup.place import place
from bot.setup.probes import PROBES
from bot.setup.probing import CLEAN, probe
from tests.e2e.door import opened
from tests.setup.shop import Shop

R = "/repos/acme/factory"


def standing(shop: Shop) -> dict[str, Any]:
    """What a probe may not change."""
    owner, name = shop.target.split("/")
    repository = shop.world.repositories.find(owner, name)
    runs = shop.every(f"{R}/actions/runs")
    return {
        "issues": [(row["number"], row["title"]) for row in shop.every(f"{R}/issues")],
        "labels": sorted(row["name"] for row in shop.every(f"{R}/labels")),
        "refs": shop.bare.text("for-each-ref"),
        "pinned": [one.number for one in shop.world.issues.pinned(repository)],
        "under way": [row["id"] for row in runs if row["status"] != "completed"],
    }


def findings(shop: Shop) -> tuple[int, dict[str, dict[str, Any]]]:
    done = shop.run("doctor", "--probe", "--json")
    found = json.loads(done.out)["findings"]
    return done.code, {one["check"]: one for one in found}


def test_everything_is_tried_and_nothing_is_left(healthy: Shop) -> None:
    before = standing(healthy)
    code, found = findings(healthy)
    assert {name: one for name, one in found.items() if one["verdict"] != "well"} == {}
    assert code == 0
    assert list(found) == [*(one.name for one in PROBES), CLEAN]
    assert all(one["expected"] and one["why"] for one in found.values())
    assert standing(healthy) == before
    assert found["concurrent pushes"]["found"].startswith("of 2 pushes from the same parent 1 / 1 / 1 won")
    assert "304" in found["conditional request"]["found"]
    assert "free" in found["conditional request"]["found"]
    assert "the token is ada's" in found["GraphQL"]["found"]
    assert "was closed: a token cannot always delete one" in found[CLEAN]["found"]
    closed = [row for row in healthy.every(f"{R}/issues", state="closed") if row["title"] == TITLE]
    assert [row["state_reason"] for row in closed] == ["not_planned"]
    runs = healthy.every(f"{R}/actions/workflows/worker.yml/runs")
    assert [run["conclusion"] for run in runs] == ["cancelled"]


def test_people_get_a_table_with_what_is_expected(healthy: Shop) -> None:
    done = healthy.run("doctor", "--probe")
    assert done.code == 0
    assert "expected" in done.out
    assert "exactly one wins" in done.out


def test_three_pinned_issues_show_how_a_fourth_is_refused(healthy: Shop) -> None:
    owner, name = healthy.target.split("/")
    repository, ada = healthy.world.repositories.find(owner, name), healthy.world.users.find("ada")
    while len(healthy.world.issues.pinned(repository)) < 3:
        number = healthy.call("ada", "POST", f"{R}/issues", {"title": "Pin me"})["number"]
        healthy.world.issues.pin(repository, ada, number)
    before = standing(healthy)
    code, found = findings(healthy)
    assert (code, found["pin"]["verdict"]) == (0, "well")
    assert "one more is refused" in found["pin"]["found"]
    assert standing(healthy) == before


FAULTS = {
    "POST */issues status=502": "issue",
    "POST */issues/*/comments status=403": "comment",
    "PATCH */issues/comments/* status=500": "comment edit",
    "GET */issues/events* status=502": "label",
    "POST */api/graphql status=502": "GraphQL",
    "POST */git-receive-pack status=403": "concurrent pushes",
    "POST */dispatches status=404": "dispatch",
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_failure_in_the_middle_is_told_and_nothing_is_left(healthy: Shop, fault: str) -> None:
    before = standing(healthy)
    with healthy.faults(fault):
        code, found = findings(healthy)
    assert found[FAULTS[fault]]["verdict"] == "could not look"
    if "graphql" in fault:  # which unpinning takes, too
        assert (code, found[CLEAN]["verdict"]) == (2, "wrong")
        assert healthy.run("doctor", "--probe").code == 0
    else:
        assert code == 0
    assert standing(healthy) == before


@pytest.mark.parametrize(
    "fault", ["PATCH */issues/* status=502", "DELETE */git/refs/* status=502", "DELETE */labels/* status=403"]
)
def test_what_cannot_be_taken_away_is_told_and_the_next_call_does_it(healthy: Shop, fault: str) -> None:
    before = standing(healthy)
    with healthy.faults(fault):
        done = healthy.run("doctor", "--probe", "--json")
    assert done.code == 2
    assert "left behind" in done.out
    assert standing(healthy) != before
    code, found = findings(healthy)
    assert code == 0
    assert "of an earlier call" in found[CLEAN]["found"]
    assert standing(healthy) == before


@pytest.mark.parametrize("point", [7, 11, 18, 30])
def test_killed_in_the_middle_the_next_call_takes_away_what_is_left(healthy: Shop, point: int) -> None:
    before = standing(healthy)
    with opened(healthy.info.url) as door:
        behind = replace(healthy, server_url=door.url)
        door.lie_in_wait(point, "after")
        token = healthy.token("ada")
        process = behind.start(
            "doctor", "--probe", healthy.target, event="none", payload={}, GITHUB_TOKEN=token
        )
        door.aim(process.pid)
        done = process.done()
    assert done.code == -signal.SIGKILL, done.log
    assert standing(healthy) != before
    assert healthy.run("doctor", "--probe").code == 0
    assert standing(healthy) == before


def test_an_issue_that_only_looks_like_it_is_left_alone(healthy: Shop) -> None:
    path = f"{R}/issues"
    number = healthy.call("ada", "POST", path, {"title": TITLE, "body": BODY})["number"]
    assert healthy.run("doctor", "--probe").code == 0
    assert healthy.call("ada", "GET", f"{path}/{number}")["state"] == "open"


@dataclass
class Hurry:
    """Time that passes by being waited for."""

    now: float = 0.0
    happens: Callable[[], object] = lambda: None
    waits: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.waits.append(seconds)
        self.happens()


def probed(shop: Shop, hurry: Hurry) -> dict[str, Finding]:
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(shop.home),
        "GITHUB_SERVER_URL": shop.info.url,
        "GH_TOKEN": shop.token(shop.actor),
    }
    found = probe(place(environ, shop.target), environ, hurry.sleep, lambda: hurry.now)
    return {one.check: one for one in found}


def test_a_list_that_stays_behind_is_measured_and_told(healthy: Shop) -> None:
    before = standing(healthy)
    hurry = Hurry()
    with healthy.faults(f"GET /api/v3{R}/issues/comments stale=yes"):
        healthy.call("ada", "GET", f"{R}/issues/comments", params={"page": 1})
        found = probed(healthy, hurry)
    assert found["comment"].verdict is Verdict.WRONG
    assert f"not seen within {PATIENCE:.0f} s" in found["comment"].found
    assert "sweep.lag_seconds" in found["comment"].mend
    assert found["label"].verdict is Verdict.WELL
    assert standing(healthy) == before


@pytest.fixture
def _listening() -> Iterator[None]:
    """Ctrl-C is heard, also where the tests run in a shell's background, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_listening")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_ends_it_in_the_middle_finds_nothing_left(healthy: Shop, number: int) -> None:
    before = standing(healthy)
    with healthy.faults(f"GET /api/v3{R}/issues/comments stale=yes"):
        healthy.call("ada", "GET", f"{R}/issues/comments", params={"page": 1})
        with pytest.raises(KeyboardInterrupt):
            probed(healthy, Hurry(happens=lambda: signal.raise_signal(number)))
    assert standing(healthy) == before
    assert [row["title"] for row in healthy.every(f"{R}/issues", state="closed")].count(TITLE) == 1
    assert MARK not in standing(healthy)["labels"]
