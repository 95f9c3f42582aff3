"""What autoscaling never does, whatever people and workers do: random histories over ``decide``."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.decide import decide
from bot.domain.config import Config
from bot.domain.draft import Draft
from bot.domain.moves import Move
from bot.domain.pools import Pool, Pools
from bot.domain.scaling import Scaling
from bot.domain.state import State
from bot.domain.vocabulary import Workflow
from bot.policies.fleet.scaling import limits
from tests.commands.fleet import Days
from tests.core.test_scaling import size
from tests.core.worlds import assignments

WINDOW = timedelta(minutes=5)
LIMITS = ("the minimum is", "peak hours", "its emergency is over")
"""How the reasons begin of moves that a limit commands: they do not wait for the window."""
LINES = (
    "/scale-up genesis",
    "/scale-down genesis",
    "/scale-down genesis 2 --drain",
    "/emergency-scale-up genesis --for 20m",
    "/pause genesis",
    "/unpause genesis",
    "/priority-triage high",
    "/priority-triage off",
    "/restart genesis-01",
)
STEPS = st.one_of(
    st.tuples(st.just("dispatch"), st.integers(1, 10)),
    st.tuples(st.just("wait"), st.sampled_from([30, 60, 150, 300, 900])),
    st.tuples(st.just("work"), st.integers(0, 4)),
    st.tuples(st.just("say"), st.sampled_from(LINES)),
)


def config() -> Config:
    genesis = Pools().genesis.model_copy(update={"minimum": 1, "maximum": 6})
    return Config(pools=Pools(genesis=Pool.model_validate(genesis.model_dump())))


def play(days: Days, number: int, kind: str, what: Any) -> None:
    held = assignments(days.state)
    if kind == "dispatch":
        lines = "\n".join(f"/dispatch-genesis Idea {number} {one}" for one in range(what))
        days.say(lines, issue=number)
    elif kind == "wait":
        days.wait(seconds=what)
    elif kind == "say":
        days.say(what, issue=number, role="admin")
    elif held:
        days.do(held[what % len(held)].task, minutes=0.5)


def the_rule_keeps_the_window(moves: tuple[Move, ...]) -> None:
    for place, move in enumerate(moves):
        if move.by or move.reason.startswith(LIMITS):
            continue
        earlier = [
            one for one in moves[:place] if one.workflow is move.workflow and move.at - one.at < WINDOW
        ]
        assert all(one.up == move.up for one in earlier), (earlier, move)
        assert move.up or (not earlier and move.before - move.after == 1), (earlier, move)


def the_limits_hold(before: State, days: Days) -> None:
    draft = Draft(days.state, days.now)
    for workflow in Workflow:
        found, was, now = limits(draft, workflow), size(before, workflow), size(days.state, workflow)
        assert found.minimum <= now <= max(was, found.maximum)


def the_order_of_files_does_not_count(state: State, days: Days) -> None:
    later = days.now + timedelta(minutes=5)
    turned = replace(
        state,
        instances=dict(reversed(state.instances.items())),
        projects=dict(reversed(state.projects.items())),
    )
    one, other = decide(state, [], later).state, decide(turned, [], later).state
    assert one.scaling == other.scaling
    assert one.instances == other.instances


@given(st.lists(STEPS, min_size=4, max_size=14))
@settings(max_examples=40, deadline=None)
def test_limits_window_and_idempotence_hold_in_every_history(history: list[tuple[str, Any]]) -> None:
    days = Days(config(), scaling=Scaling(queue_above=4))
    for number, (kind, what) in enumerate(history, 1):
        before = days.state
        play(days, number, kind, what)
        the_limits_hold(before, days)
        the_rule_keeps_the_window(days.state.scaling.moves)
        assert decide(days.state, [], days.now).state is days.state
    the_order_of_files_does_not_count(days.state, days)
