"""Reading commands: every shape that people type, and every place where text is not a command."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.lines import command_lines, holds_command
from bot.commands.parser import Call, Mistake, Unknown, parse
from bot.commands.table import TABLE
from bot.domain.config import Commands


def read(body: str, **settings: Any) -> list[Any]:
    return parse(body, TABLE, Commands(**settings))


def names(body: str, **settings: Any) -> list[str]:
    return [
        one.command.name if isinstance(one, Call) else type(one).__name__ for one in read(body, **settings)
    ]


@pytest.mark.parametrize(
    "body",
    [
        "/status",
        "  /status",
        "/STATUS",
        "/Status  ",
        "/status.",
        "/status!?",
        "\t/status".replace("\t", " "),
        "hello\n/status",
        "hello\r\n/status\r\n",
        "hello\r/status",
        "> a quote\n/status",
        "- a list\n\n/status",
        "<!-- hidden -->\n/status",
        "```\ncode\n```\n/status",
        "\ufeff/status".replace("\ufeff", ""),
    ],
)
def test_a_line_that_starts_with_a_slash_is_a_command(body: str) -> None:
    assert names(body) == ["status"]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "status",
        "say /status",
        "`/status`",
        "> /status",
        ">/status",
        "```\n/status\n```",
        "~~~\n/status\n~~~",
        "```\n/status",
        "    /status",
        "text\n\n\t/status",
        "<!-- /status -->",
        "<!--\n/status\n-->",
        "<!--\n/status",
        "text <!-- from here\n/status\nto here --> end",
        "/usr/bin/env",
        "/usr, then",
        "/etc.",
        "//status",
        "/ status",
        "/1",
        "- /status",
        "# /status",
        "a/b",
    ],
)
def test_code_quotes_comments_and_paths_are_not_commands(body: str) -> None:
    assert names(body) == []


@pytest.mark.parametrize(
    "body",
    [
        "\ufeff/status",
        "\u200b/status",
        "\u200e /status",
        "/status\u200b",
        "/\u200bsta\u00adtus",
        "\u2066/status\u2069",
        "\u00a0/status",
        "/status\u00a0photo-sorter-1",
        "/status\u3000photo-sorter-1",
        "\uff0fstatus",
        "\uff0f\uff53\uff54\uff41\uff54\uff55\uff53",
        "\u200b\n\u200b/status\n\u200b",
        "<!-- hidden -->\n\u200b/status",
    ],
)
def test_what_nobody_sees_loses_no_command(body: str) -> None:
    assert names(body) == ["status"]


@pytest.mark.parametrize("dash", "\u2010\u2011\u2012\u2013\u2014\u2212")
def test_a_hyphen_that_was_made_longer_loses_no_stop(dash: str) -> None:
    assert names(f"/emergency{dash}stop photo-sorter-1") == ["emergency-stop"]


@pytest.mark.parametrize(
    "body",
    [
        "/emergency-stop photo-sorter-1\u200b",
        "/emergency-stop\u00a0\ufeffphoto-sorter-1",
        "/emergency-stop photo-sorter-1\u00a0",
    ],
)
def test_a_project_is_found_whatever_nobody_sees_beside_its_name(body: str) -> None:
    assert next(iter(dispatch(body).values())) == "photo-sorter-1"


def test_choices_and_flags_are_found_whatever_nobody_sees_beside_them() -> None:
    found = dispatch("/dispatch-genesis A page\u200d --size\u00a0quick\u200b --priority=\ufeffhigh")
    assert (found["size"], found["priority"], found["input"]) == ("quick", "high", "A page\u200d")


@pytest.mark.parametrize(
    "typed", ["/st\u0430tus", "/\u0455tatus", "/emergency-st\u043ep all", "/stat\u00fcs"]
)
def test_a_name_in_letters_that_look_the_same_is_not_run_but_answered(typed: str) -> None:
    (unknown,) = read(typed)
    assert isinstance(unknown, Unknown)
    assert unknown.nearest[0] in ("status", "emergency-stop")


@pytest.mark.parametrize(
    "body", ["/\u00e9t\u00e9", "/\u4ee5\u4e0a", "/na\u00efve", "\u200b", "\u200b> /status", "\u200b/usr/bin"]
)
def test_other_words_of_other_alphabets_are_no_commands(body: str) -> None:
    assert names(body) == []


def test_several_run_in_order_and_a_wrong_line_does_not_stop_the_others() -> None:
    assert names("/status\nthen\n/nonsense\n/help a b\n/queues") == ["status", "Unknown", "Mistake", "queues"]


def test_prefix_and_ignored_names_let_it_live_beside_other_bots() -> None:
    assert names("/status\n/fleet-queues", prefix="/fleet-") == ["queues"]
    assert names("/status\n/fleet queues", prefix="/fleet ") == ["queues"]
    assert names("/deploy now\n/status", ignore=("deploy",)) == ["status"]


def dispatch(body: str) -> dict[str, Any]:
    (call,) = read(body)
    assert isinstance(call, Call), call
    return call.args.model_dump()


@pytest.mark.parametrize(
    ("typed", "idea"),
    [
        ("/dispatch-genesis A page", "A page"),
        ('/dispatch-genesis "A page"', "A page"),
        ("/dispatch-genesis 'A page'", "A page"),
        ('/dispatch-genesis a "quoted" word', 'a "quoted" word'),
        ("/dispatch-genesis don't break", "don't break"),
        ('/dispatch-genesis an unclosed "quote', 'an unclosed "quote'),
        ("/dispatch-genesis a tool with --verbose output", "a tool with --verbose output"),
        ('/dispatch-genesis "a tool with --size flag"', "a tool with --size flag"),
        ("/dispatch-genesis $(rm -rf /) `id` ::set-output", "$(rm -rf /) `id` ::set-output"),
        ("/dispatch-genesis שלום 🚀 ünïcode", "שלום 🚀 ünïcode"),
        ("/dispatch-genesis", ""),
    ],
)
def test_the_idea_is_taken_as_typed(typed: str, idea: str) -> None:
    assert dispatch(typed)["input"] == idea


@pytest.mark.parametrize(
    "typed",
    [
        "/dispatch-genesis A page --size quick --priority=HIGH --stack web --region 'eu west'",
        "/dispatch-genesis --size=quick --priority high --stack=web --region='eu west' A page",
        '/DISPATCH-GENESIS --SIZE QUICK A --priority high page --stack "web" --region "eu west"',
    ],
)
def test_flags_stand_anywhere_with_space_or_equals(typed: str) -> None:
    assert dispatch(typed) == {
        "input": "A page",
        "size": "quick",
        "priority": "high",
        "stack": "web",
        "region": "eu west",
        "file": "",
    }


@pytest.mark.parametrize(
    ("typed", "given", "expected"),
    [
        ("/dispatch-genesis A page --size huge", "huge", "one of large, standard, quick"),
        ("/dispatch-genesis A page --size", "--size", "a value after it"),
        ("/dispatch-genesis A page --siez quick", "--siez", "one of --size"),
        ("/dispatch-genesis A page --priority --size quick", "--priority", "a value after it"),
        ("/alerts now", "now", "no arguments"),
        ("/help status queues", "queues", "at most 1 argument"),
        ('/help "status', '"status', "every quotation mark closed"),
        (f"/dispatch-genesis x --stack {'y' * 41}", "y" * 41, "stack"),
    ],
)
def test_wrong_arguments_say_what_was_given_and_what_was_expected(
    typed: str, given: str, expected: str
) -> None:
    (mistake,) = read(typed)
    assert isinstance(mistake, Mistake)
    assert mistake.given == given
    assert expected in mistake.expected


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/dispatch genesis an idea", "dispatch-genesis"),
        ("/dispatchgenesis", "dispatch-genesis"),
        ("/dispatch_genesis", "dispatch-genesis"),
        ("/dispatch", "dispatch-genesis"),
        ("/stauts", "status"),
        ("/queue", "queues"),
        ("/instance", "instances"),
        ("/halp", "help"),
        ("/emergency scale up all", "emergency-scale-up"),
        ("/emergency scale-up all", "emergency-scale-up"),
        ("/stop", "emergency-stop"),
        ("/halt", "emergency-stop"),
        ("/triage urgent", "priority-triage"),
        ("/report", "incident-report"),
        ("/workers", "instances"),
    ],
)
def test_slightly_wrong_names_get_the_right_one_suggested(typed: str, meant: str) -> None:
    (unknown,) = read(typed)
    assert isinstance(unknown, Unknown)
    assert meant in unknown.nearest


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/restart failed instances", "restart-failed-instances"),
        ("/health check all", "health-check"),
        ("/priority triage urgent", "priority-triage"),
        ("/priority urgent", ""),
        ("/status", ""),
    ],
)
def test_a_name_in_words_that_begins_with_another_commands_name_is_noticed(typed: str, meant: str) -> None:
    (read_as,) = read(typed)
    assert isinstance(read_as, Call | Mistake)
    assert read_as.meant == meant


@pytest.mark.parametrize(
    ("typed", "name", "value"),
    [
        ("/scale-up dev", "workflow", "development"),
        ("/assign gen genesis-01", "workflow", "genesis"),
        ("/pause all", "workflow", None),
        ("/rebalance all", "workflow", None),
        ("/instances ALL", "workflow", None),
        ("/queues all", "queue", None),
        ("/health-check all", "scope", "all"),
    ],
)
def test_a_beginning_of_a_choice_is_enough_and_all_is_what_leaving_out_means(
    typed: str, name: str, value: str | None
) -> None:
    (call,) = read(typed)
    assert isinstance(call, Call)
    assert getattr(call.args, name) == value


@pytest.mark.parametrize("typed", ["/scale-up all", "/scale-up de", "/priority photo-sorter-1 all"])
def test_what_is_no_choice_is_none(typed: str) -> None:
    (mistake,) = read(typed)
    assert isinstance(mistake, Mistake)


def test_a_comment_of_the_greatest_length_is_read() -> None:
    body = ("word " * 13_000)[: 65_536 - 8] + "\n/status"
    assert names(body) == ["status"]


@given(st.text(max_size=2_000))
def test_no_text_breaks_the_parser(body: str) -> None:
    for one in read(body):
        assert one.line.startswith("/")


@given(st.text(max_size=500))
def test_the_quick_look_never_misses_a_command(body: str) -> None:
    if command_lines(body) and read(body):
        assert holds_command(body)


@given(st.lists(st.text(alphabet=" abc/>`~-#\n<!", max_size=60), max_size=8))
def test_what_is_fenced_never_runs(lines: list[str]) -> None:
    text = "\n".join(line.replace("`", "") for line in lines)
    assert names(f"````\n{text}\n/status\n````") == []
