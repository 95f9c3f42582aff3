"""How many tests ran, read from what the usual runners print at their end."""

from __future__ import annotations

import re

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")

_RUNNERS = (
    # unittest: "Ran 3 tests in 0.01s"
    re.compile(r"^Ran (\d+) tests? in ", re.MULTILINE),
    # pytest: "=== 2 failed, 3 passed, 1 skipped in 0.02s ===", and "3 passed in 0.02s" when quiet
    re.compile(r"^=*\s*((?:\d+ [a-z]+,? ?)+)in [\d.]+s", re.MULTILINE),
    # Jest: "Tests:       1 failed, 3 passed, 4 total"
    re.compile(r"^Tests:\s+.*?(\d+) total$", re.MULTILINE),
    # Vitest: "      Tests  1 failed | 3 passed (4)"
    re.compile(r"^\s*Tests\s+.*\((\d+)\)$", re.MULTILINE),
    # node --test: "# tests 4" (TAP) or "ℹ tests 4"
    re.compile(r"^(?:#|ℹ) tests (\d+)$", re.MULTILINE),
    # Mocha: "  4 passing (12ms)", "  1 failing"
    re.compile(r"^\s+(\d+) (?:passing|failing)\b", re.MULTILINE),
    # cargo: "test result: ok. 3 passed; 1 failed; 0 ignored;"
    re.compile(r"^test result: \w+\. (\d+ passed; \d+ failed)", re.MULTILINE),
    # go test -v: "--- PASS: TestName (0.00s)"
    re.compile(r"^--- (?:PASS|FAIL): \S+ \([\d.]+s\)$", re.MULTILINE),
)  # fmt: skip
_COUNTED = re.compile(r"(\d+) (?:failed|passed|errors?|xfailed|xpassed)")


def tests_in(output: str) -> int:
    """Tests that ran, by the first runner that is recognised; skipped ones did not run. 0 where none is."""
    text = _COLOUR.sub("", output)
    for runner in _RUNNERS:
        if found := list(runner.finditer(text)):
            return sum(_count(match) for match in found)
    return 0


def _count(match: re.Match[str]) -> int:
    said = match.group(1) if match.re.groups else "1"
    return int(said) if said.isdigit() else sum(map(int, _COUNTED.findall(said)))
