"""No text of people takes long to read, however it is made: time grows with its length, not with its square.

Anybody may comment; a text that kept a run busy for minutes would keep the whole fleet from being looked at.
"""

from __future__ import annotations

import time

import pytest

from bot.commands.forms import asked_for
from bot.commands.lines import command_lines, holds_command
from bot.commands.parser import parse
from bot.commands.table import TABLE
from bot.domain.config import Commands
from bot.domain.events.looked_up import FoundIssue, FoundRepository, IssueText
from bot.policies.projects.adopting import planned

LONGEST = 65_536
"""Characters of a comment, and of an issue's body (GitHub)."""
ALLOWED = 6.0
"""Seconds of this process's own time; each of these takes well below one, and took minutes with a square."""


def filled(unit: str, end: str = "", beginning: str = "x") -> str:
    """A text of the greatest length."""
    times = (LONGEST - len(beginning) - len(end)) // len(unit)
    return beginning + unit * times + end


COMMENTS = {
    "line breaks": filled("\n"),
    "lines of spaces": filled(" \n"),
    "carriage returns": filled("\r"),
    "spaces": filled(" ", "\n/status"),
    "HTML comments in a paragraph": filled("a<!---->\n", "/status"),
    "open HTML comments": filled("a<!--\n", "/status"),
    "HTML comments in lines of their own": filled("<!---->\n", "/status"),
    "fences": filled("```\n", "/status"),
    "quotes": filled(">", "\n/status\n```"),
    "lazy quotes": filled("> a\n", "/status\n```"),
    "lists in lists": filled("- ", "\n/status\n```"),
    "links": filled("[a]: b\n", "/status\n```"),
    "words": filled("a ", beginning="/dispatch-genesis "),
    "flags": filled("--abcdef ", beginning="/dispatch-genesis "),
    "quotation marks": filled("\"'", beginning="/dispatch-genesis "),
    "apostrophes": filled("' ", beginning="/dispatch-genesis "),
    "backslashes": filled("\\", beginning="/priority "),
    "commands": filled("/status\n", beginning=""),
    "unknown commands": filled("/nothing-like-it\n", beginning=""),
}


@pytest.mark.parametrize("name", COMMENTS)
def test_a_comment_of_the_greatest_length_is_read_at_once(name: str) -> None:
    body = COMMENTS[name]
    began = time.process_time()
    holds_command(body)
    command_lines(body)
    parse(body, TABLE, Commands())
    assert time.process_time() - began < ALLOWED


ISSUES = {
    "a heading of spaces": filled(" ", "y", beginning="### x"),
    "headings": filled("### \n"),
    "line breaks": filled("\n"),
    "spaces before a colon": filled(" ", "y", beginning="new project"),
    "days": filled("1 ", "y", beginning=""),
    "numbers": filled("#1", "y", beginning="needs "),
    "numbers with spaces": filled("#1 ", "y", beginning="needs "),
    "needs": filled("needs ", "y"),
    "check boxes": filled("- [ ] ", "", beginning=""),
    "lists of spaces": filled(" ", "y", beginning="- "),
    "a check box of spaces": filled(" ", "", beginning="- [ ] "),
}


@pytest.mark.parametrize("name", ISSUES)
def test_an_issue_of_the_greatest_length_is_read_at_once(name: str) -> None:
    body = ISSUES[name]
    began = time.process_time()
    asked_for(IssueText(title=body[:256], body=body, author="stan"))
    found = FoundIssue(number=1, title=body[:256], body=body[:20_000])
    planned(FoundRepository(full_name="acme/site", issues=(found,)))
    assert time.process_time() - began < ALLOWED
