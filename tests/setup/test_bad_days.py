"""GitHub's bad days: one clear line, the right exit code, nothing that a second call would not finish."""

from __future__ import annotations

import pytest

from tests.setup.shop import Shop

LATER = 75
DAYS = [
    ("* * status=502", LATER, "GitHub answers 502; try again later"),
    ("* * body=html", LATER, "the answer is no JSON"),
    ("* * drop=before", LATER, "no answer from GitHub"),
    ("* * status=401", 2, "cannot look at acme/factory"),
    ("* * status=429 header=retry-after:90", LATER, "the rate limit is used up; again in"),
    (
        "* * status=403 header=x-ratelimit-remaining:0 header=x-ratelimit-reset:4102444800",
        LATER,
        "rate limit",
    ),
]


@pytest.mark.parametrize("command", ["init", "doctor", "upgrade", "uninstall"])
@pytest.mark.parametrize(("fault", "code", "said"), DAYS, ids=lambda value: str(value)[:24])
def test_a_bad_answer_is_one_clear_line(shop: Shop, command: str, fault: str, code: int, said: str) -> None:
    with shop.faults(fault):
        words = ["--action", "acme/orchestrator@main", "--yes"] if command in ("init", "upgrade") else []
        done = shop.run(command, *words)
    assert (done.code, done.out) == (code, "")
    assert said in done.error
    assert shop.token("ada") not in done.error


@pytest.mark.parametrize("skip", range(0, 5))  # those after it are labels, as the last of these
def test_a_write_that_fails_anywhere_is_finished_by_the_next_call(shop: Shop, skip: int) -> None:
    with shop.faults(f"POST */repos/* status=502 skip={skip}", f"PUT */repos/* status=502 skip={skip}"):
        shop.init("--mode", "cron")
    assert shop.init("--mode", "cron").code == 0
    assert len(shop.pulls()) == 1
    shop.merge()
    assert shop.pulls() == []
    assert len(shop.bare.text("log", "--format=%H", "main").splitlines()) == 3
    variables = shop.call("ada", "GET", "/repos/acme/factory/actions/variables")["variables"]
    assert [row["name"] for row in variables] == ["ORCHESTRATOR_MONITOR"]
    shop.state()


def test_an_answer_that_was_lost_doubles_nothing(shop: Shop) -> None:
    with shop.faults("POST */pulls drop=after times=1"):
        assert shop.init().code == LATER
    assert shop.init().code == 0
    assert len(shop.pulls("all")) == 1
