"""What a failure's texts say: each thing once, of the attempt that it belongs to, in words for people."""

from __future__ import annotations

from bot.decide import Decision
from bot.domain.config import Attempts, Config
from bot.domain.state import State
from tests.core.worlds import assignments, begun, claimed, comment, replies, reported, settled

RUNS = "https://github.example/acme/factory/actions/runs"


def failed(state: State, run: int, seconds: float, **facts: object) -> Decision:
    """The one task that is held is claimed by a run, and fails there; once more if it is given out again."""
    (held,) = assignments(state)
    begun_ = settled(state, claimed(held, run=run, seconds=seconds)).state
    facts = {"ok": False, "genesis": None, "run_url": f"{RUNS}/{run}", "summary": "no agent"} | facts
    return settled(begun_, reported(held, run=run, seconds=seconds + 5, **facts))


def asked(limit: int) -> State:
    rules = Config(attempts=Attempts(limit=limit, backoff_seconds=0))
    return settled(begun(rules), comment(1, "/dispatch-genesis A page")).state


def test_an_output_that_is_the_summary_again_is_left_out() -> None:
    (told,) = replies(failed(asked(1), 7, 10, output="no agent\n"))
    assert told.count("no agent") == 1
    assert "failed once, on `genesis-02`" in told
    (more,) = replies(failed(asked(1), 7, 10, output="Traceback …\nno agent\n"))
    assert "<details><summary>The end of its output</summary>" in more


def test_an_incident_links_the_run_of_the_last_failure_to_that_alone() -> None:
    first = failed(asked(2), 7, 10).state
    assert assignments(first), "it is tried again at once"
    second = failed(first, 8, 30).state
    decision = settled(second, comment(60, "/incident-report"))
    body = next(one.effect.body for one in decision.effects if one.effect.kind == "file-issue")
    lines = [line for line in body.splitlines() if "an attempt failed" in line]
    assert [f"{RUNS}/8" in line for line in lines] == [False, True]
    assert f"{RUNS}/7" not in body


def test_the_title_of_an_incident_says_what_it_is_about() -> None:
    decision = settled(asked(1), comment(60, "/incident-report a-page-1"))
    titles = [one.effect.title for one in decision.effects if one.effect.kind == "file-issue"]
    assert titles == ["Incident 2026-11-23 12:01 UTC: a-page-1"]


def test_moments_of_the_journal_are_told_as_people_read_them() -> None:
    state = settled(begun(), comment(1, "/emergency-scale-up genesis --for 1h")).state
    decision = settled(state, comment(60, "/incident-report"))
    body = next(one.effect.body for one in decision.effects if one.effect.kind == "file-issue")
    assert "up to its emergency limit until 2026\\-11\\-23 13:00 UTC" in body
    assert "T13:00" not in body
