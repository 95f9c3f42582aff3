"""Test counts and coverage, read from the reports that a project's own test command has just written.

Foreign code writes them: their size is bounded, links are not followed, XML has no entities. A report that
was there before the command ran is part of the project, not a measurement, and is left alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

_TESTS = (
    "junit*.xml", "test-results*.xml", "test-results/**/*.xml", "test-reports/**/*.xml", "reports/**/*.xml",
    "build/test-results/**/*.xml", "target/surefire-reports/*.xml", "coverage/junit*.xml",
)  # fmt: skip
"""Where JUnit's XML usually goes: pytest, Jest, Vitest, node, Gradle, Maven, cargo-nextest."""
_MOST_FILES, _MOST_BYTES = 2_000, 20_000_000
"""Of the reports together, and of each."""
Known = Mapping[Path, tuple[int, int, int]]
"""Reports that are there, with what tells one version from another."""


@dataclass(frozen=True, slots=True)
class Tests:
    """What JUnit's XML says; skipped tests did not run."""

    ran: int
    passed: int


def known(root: Path) -> Known:
    """The reports that are there now."""
    found: dict[Path, tuple[int, int, int]] = {}
    for pattern in (*_TESTS, *(pattern for pattern, _ in _COVERAGE)):
        for path in root.glob(pattern):
            if len(found) < _MOST_FILES and _is_inside(root, path):
                about = path.stat()
                found[path] = (about.st_ino, about.st_size, about.st_mtime_ns)
    return found


def written(root: Path, before: Known) -> frozenset[Path]:
    """The reports that are new or different."""
    return frozenset(path for path, about in known(root).items() if before.get(path) != about)


def _is_inside(root: Path, path: Path) -> bool:
    try:
        whole = path.resolve(strict=True)
        return (
            whole.is_file() and whole.is_relative_to(root.resolve()) and whole.stat().st_size <= _MOST_BYTES
        )
    except (OSError, RuntimeError):
        return False


def tests_of(root: Path, reports: Iterable[Path]) -> Tests | None:
    """The tests in JUnit's reports together; None where there is none that can be read."""
    from junitparser import TestCase  # takes some 30 ms

    counted: list[TestCase] = []
    found = False
    names = {path.relative_to(root).as_posix(): path for path in reports}
    for path in (names[name] for name in sorted(names)):
        element = _xml(path)
        if element is not None and element.tag in ("testsuites", "testsuite"):
            found = True
            cases = element.iter("testcase")
            counted += [TestCase.fromelem(case) for case in cases]  # type: ignore[no-untyped-call]
    ran = [case for case in counted if not case.is_skipped]
    return Tests(len(ran), sum(case.is_passed for case in ran)) if found else None


def coverage_of(root: Path, reports: Iterable[Path]) -> float | None:
    """Covered lines in per cent, to a tenth; None where no report says it. The first that does counts."""
    fresh = frozenset(reports)
    for pattern, read in _COVERAGE:
        for path in sorted(root.glob(pattern)):
            if path in fresh and (found := read(path)) is not None and 0 <= found <= 100:
                return round(found, 1)
    return None


def _xml(path: Path) -> Element | None:
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    try:
        element: Element = fromstring(path.read_bytes(), forbid_dtd=False)
    except (OSError, ParseError, DefusedXmlException, ValueError, RecursionError):
        return None
    return element


def _json(path: Path, *keys: str) -> object:
    """What stands at a path of keys; None where nothing does."""
    try:
        value: object = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _number(value: object) -> float | None:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _part(covered: object, all_: object) -> float | None:
    some, whole = _number(covered), _number(all_)
    return 100 * some / whole if some is not None and whole else None


def _coverage_py(path: Path) -> float | None:
    """coverage.py's JSON report: https://coverage.readthedocs.io/en/latest/commands/cmd_json.html."""
    totals = _json(path, "totals")
    if not isinstance(totals, dict):
        return None
    return _part(totals.get("covered_lines"), totals.get("num_statements"))


def _cobertura(path: Path) -> float | None:
    """Cobertura's XML, which coverage.py, Istanbul, gcovr and others write."""
    element = _xml(path)
    if element is None or element.tag != "coverage" or "line-rate" not in element.attrib:
        return None
    exact = _part(element.get("lines-covered"), element.get("lines-valid"))
    return exact if exact is not None else _part(element.get("line-rate"), 1)


def _istanbul(path: Path) -> float | None:
    """Istanbul's ``json-summary``, which Jest, Vitest, nyc and c8 write."""
    lines = _json(path, "total", "lines")
    return _part(lines.get("covered"), lines.get("total")) if isinstance(lines, dict) else None


def _lcov(path: Path) -> float | None:
    """lcov's trace file: ``LF`` lines found and ``LH`` lines hit of each source file (man geninfo)."""
    try:
        rows = [line.partition(":") for line in path.read_text("utf-8", "replace").splitlines()]
    except OSError:
        return None
    return _part(sum(_counts(rows, "LH")), sum(_counts(rows, "LF")))


def _counts(rows: Iterable[tuple[str, str, str]], key: str) -> Iterator[int]:
    return (int(value) for name, _, value in rows if name == key and value.isascii() and value.isdigit())


_COVERAGE: tuple[tuple[str, Callable[[Path], float | None]], ...] = (
    ("coverage.json", _coverage_py),
    ("coverage.xml", _cobertura),
    ("coverage/c*coverage*.xml", _cobertura),
    ("cobertura*.xml", _cobertura),
    ("coverage/coverage-summary.json", _istanbul),
    ("coverage-summary.json", _istanbul),
    ("coverage/lcov.info", _lcov),
    ("lcov.info", _lcov),
)
"""Where a report usually stands, and what reads it; the more exact ones first."""
