"""From a person's words to issues."""

from __future__ import annotations

import time
from graphlib import TopologicalSorter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.outputs import PlannedIssue
from bot.domain.plans import plan_problems
from bot.executors.requirements import FOUNDATION, MOST_ISSUES, REMAINING, Plan, derive
from bot.executors.untrusted import ZWJ, visible

WORKED_EXAMPLE = (
    'A web page that shows "Hello World", a button that changes the message, a counter of clicks, '
    "responsive styling, basic tests, deployable as a static site."
)

BOOK_CLUB = """\
# Book club

We currently use a spreadsheet. Please build a small REST service. Thanks!

## Must have
- Members can suggest books
  - A title and an author are required
  - Duplicates are refused
- [ ] Export as CSV

## Nice to have
1. Dark mode

## Non-goals
- Payments of any kind

## Open questions
- Which colours?
"""


def titles(plan: Plan) -> list[str]:
    return [issue.title for issue in plan.issues]


def issue(plan: Plan, key: str) -> PlannedIssue:
    return next(found for found in plan.issues if found.key == key)


def said(plan: Plan) -> str:
    """Everything that a plan says, as a reader sees it."""
    texts = [*(found.body for found in plan.issues), *plan.excluded, *plan.background, *plan.open_questions]
    return "\n".join(texts).replace(ZWJ, "")


def test_each_part_of_an_enumeration_is_a_requirement() -> None:
    plan = derive(WORKED_EXAMPLE, "Hello World")

    assert [(found.key, found.title, found.specialty) for found in plan.issues] == [
        (FOUNDATION, "Confirm the foundation: structure, conventions and open questions", "feature"),
        ("web-page-that-shows-hello-world", 'Build a web page that shows "Hello World"', "feature"),
        ("button-that-changes-message", "Add a button that changes the message", "feature"),
        ("counter-of-clicks", "Add a counter of clicks", "feature"),
        ("responsive-styling", "Add responsive styling", "feature"),
        ("basic-tests", "Write basic tests", "tests"),
        ("deployable-as-static-site", "Make it deployable as a static site", "deployment"),
    ]


def test_dependencies_follow_the_stated_rules() -> None:
    plan = derive(WORKED_EXAMPLE)
    page = "web-page-that-shows-hello-world"
    built = (page, "button-that-changes-message", "counter-of-clicks", "responsive-styling")

    assert issue(plan, FOUNDATION).depends_on == ()
    assert issue(plan, page).depends_on == (FOUNDATION,)
    assert issue(plan, "counter-of-clicks").depends_on == (page,)
    assert issue(plan, "responsive-styling").depends_on == (page,)
    assert issue(plan, "basic-tests").depends_on == built
    assert issue(plan, "deployable-as-static-site").depends_on == (*built, "basic-tests")


def test_an_issue_has_everything_that_development_needs() -> None:
    plan = derive(BOOK_CLUB)
    members = issue(plan, "members-can-suggest-books")

    assert members.acceptance == ("A title and an author are required", "Duplicates are refused")
    headings = [line.removeprefix("## ") for line in members.body.splitlines() if line.startswith("## ")]
    assert headings == [
        "Context", "Acceptance criteria", "Test requirements", "Definition of done", "Dependencies", "Effort",
        "Priority",
    ]  # fmt: skip
    assert "> - Members can suggest books\n>   - A title and an author are required" in members.body
    assert "- [ ] Duplicates are refused" in members.body
    assert "- {{issue:foundation}}" in members.body
    assert "1 day (feature)" in members.body
    assert "high (milestone MVP)" in members.body


def test_headings_set_priority_and_milestone_or_exclude() -> None:
    plan = derive(BOOK_CLUB)

    assert titles(plan)[1:] == [
        "Build a small REST service",
        "Let members suggest books",
        "Export as CSV",
        "Add dark mode",
    ]
    assert [(found.priority, found.milestone) for found in plan.issues[1:]] == [
        ("normal", "V1"), ("high", "MVP"), ("high", "MVP"), ("low", "V2"),
    ]  # fmt: skip
    assert plan.excluded == ("Payments of any kind",)
    assert plan.background == ("We currently use a spreadsheet.",)
    assert plan.open_questions[0] == "Which colours?"


@pytest.mark.parametrize(
    ("idea", "expected"),
    [
        ("I would like a todo app with lists, due dates and reminders. Thanks!",
         ["Build a todo app", "Add lists", "Add due dates", "Add reminders"]),
        ("We need login, search, and export", ["Add login", "Add search", "Add export"]),
        ("The user can add, edit and delete todos.", ["Let the user add, edit and delete todos"]),
        ("When it rains, the header turns red, and a bell rings.",
         ["Ensure that when it rains, the header turns red, and a bell rings"]),
        ("Pick red, green, or blue.", ["Pick red, green, or blue"]),
        ("Can you build a page (with a, b, c) for us?", ["Build a page (with a, b, c) for us?"]),
        ("It must export CSV. The page must load.", ["Make the page load", "Export CSV"]),
        ("Save 1,000 rows, or more.", ["Save 1,000 rows, or more"]),
        ("It should be deployed on a static host.", ["Make it deployed on a static host"]),
        ("- reads from a file\n- shows the time",
         ["Ensure that it reads from a file", "Ensure that it shows the time"]),
        ("Add login\nAdd logout", ["Add login", "Add logout"]),
        ("Eine Webseite, die Hallo zeigt", ["Implement: Eine Webseite, die Hallo zeigt"]),
        ("| what |\n|---|\n| a clock |\n| a bell |", ["Add a clock", "Add a bell"]),
        ("# Weather\n\n## Forecast", ["Add weather"]),
        ("```\nShow the time.\n```", ["Show the time"]),
    ],
)  # fmt: skip
def test_titles_are_imperatives(idea: str, expected: list[str]) -> None:
    assert titles(derive(idea))[1:] == expected


@pytest.mark.parametrize(
    "idea",
    [
        "- A page\n- Out of scope: payments",
        "A page. Payments are out of scope.",
        "A page\n\nNon-goals:\n\n- payments",
        "A page. No payments are needed.",
    ],
)
def test_what_is_out_of_scope_is_no_issue(idea: str) -> None:
    plan = derive(idea)

    assert titles(plan)[1:] == ["Build a page"]
    assert "payments" in plan.excluded[0].casefold()


def test_the_same_wish_twice_is_one_issue_with_both_quotes() -> None:
    plan = derive("- A dark mode\n- export as PDF\n- a Dark Mode, please\n")

    assert titles(plan)[1:] == ["Add a dark mode", "Export as PDF"]
    assert "> - A dark mode\n\n> - a Dark Mode, please" in issue(plan, "dark-mode").body


def test_wishes_that_differ_in_a_sign_stay_two_with_keys_of_their_own() -> None:
    plan = derive("- Support C\n- Support C++\n- Foundation\n- Remaining")
    keys = [found.key for found in plan.issues]

    assert titles(plan)[1:] == ["Support C", "Support C++", "Add foundation", "Add remaining"]
    assert keys[:2] == [FOUNDATION, "support-c"]
    assert keys[2].startswith("support-c-")
    assert keys[3].startswith("foundation-")


def test_a_wish_cannot_take_the_key_that_another_is_given() -> None:
    second = derive("- Support C\n- Support C++").issues[2].key

    check_promises(derive(f"- {second}\n- Support C\n- Support C++"))


def test_thirty_issues_at_most_and_the_least_urgent_share_the_last() -> None:
    idea = "\n".join(f"- Feature number {number} could exist" for number in range(40)) + "\n- It must count"
    plan = derive(idea)

    assert len(plan.issues) == MOST_ISSUES
    assert "count" in {found.key for found in plan.issues}
    last = issue(plan, REMAINING)
    assert last.title == "Plan the remaining 13 requirements"
    assert len(plan.folded) == 13
    assert all(text in last.body for text in plan.folded)


def test_a_single_word_still_makes_a_project_that_asks_back() -> None:
    plan = derive("todo")

    assert plan.title == "Todo"
    assert titles(plan)[1:] == ["Add todo"]
    assert plan.open_questions[0] == "What should it do first? The idea is only a few words long."


def test_what_a_title_cuts_is_whole_in_the_body() -> None:
    wish = "- " + " ".join(f"word{number}" for number in range(200))
    found = derive(wish).issues[1]

    assert len(found.title) <= 120
    assert found.title.endswith("…")
    assert wish in found.body


def test_no_issue_takes_the_name_of_the_tasks_that_come_after_the_plan() -> None:
    plan = derive("- Documentation\n- Marketing\n- Social\n- Deployment\n- A button")
    assert not list(plan_problems(plan.issues))


def test_keys_do_not_change_when_other_requirements_do() -> None:
    first = derive("- Export as CSV\n- Print")
    second = derive("- Something new\n- Print\n- Export as CSV\n- And one more")

    assert {"export-as-csv", "print"} <= {found.key for found in first.issues}
    assert {"export-as-csv", "print"} <= {found.key for found in second.issues}


def check_promises(plan: Plan) -> None:
    keys = [found.key for found in plan.issues]
    assert len(keys) == len(set(keys))
    assert 2 <= len(keys) <= MOST_ISSUES
    assert all(set(found.depends_on) <= set(keys) for found in plan.issues)
    TopologicalSorter({found.key: found.depends_on for found in plan.issues}).prepare()
    assert all(1 <= len(found.title) <= 120 and "\n" not in found.title for found in plan.issues)


PIECES = st.sampled_from(
    ["- ", "  - ", "\n", "\n\n", "# ", "> ", "```", "| a |\n|---|\n", "1. ", ", ", ". ", " and ", " with ",
     ": ", "Please ", "must ", "tests", "a page", "deploy", "<!-- ", "[a]: b", "\x00", "\u202e", "@x", "("]
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(st.one_of(st.text(), st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=60).map("".join)))
def test_any_text_gives_a_plan_that_keeps_its_promises(idea: str) -> None:
    check_promises(derive(idea))


WORDS = st.text(alphabet="abcXYZ09äß漢@#<>{}!&*_`[]()|~\\-'\"", min_size=1, max_size=8)
BULLETS = st.lists(st.lists(WORDS, min_size=1, max_size=5).map(" ".join), min_size=1, max_size=12)


@settings(max_examples=80, deadline=None)
@given(BULLETS)
def test_no_word_of_a_bullet_is_lost(bullets: list[str]) -> None:
    wishes = [bullet for bullet in bullets if any(char.isalnum() for char in bullet)]
    plan = derive("\n".join(f"- wish {wish}" for wish in wishes) or "- nothing")

    check_promises(plan)
    text = said(plan)
    for wish in wishes:
        assert all(word in text for word in visible(wish).split()), wish


@pytest.mark.parametrize("piece", ["- x\n", "a, ", "(", "> - ", "please ", "@", "[a](b) ", "`a` ", "| a "])
def test_the_longest_idea_that_github_can_hold_takes_seconds(piece: str) -> None:
    started = time.process_time()

    check_promises(derive((piece * 65_536)[:65_536]))

    assert time.process_time() - started < 30
