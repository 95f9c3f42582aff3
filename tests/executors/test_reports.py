"""Tests and coverage as the reports of a real test command say them, in the run and again in the check."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.outputs import FeatureProgress
from bot.executors import reports
from bot.executors.measuring import Measured, differs, run_tests
from bot.executors.workspace import Workspace
from tests.executors.agents import DRAFT, SCAFFOLD, Agent, leave
from tests.executors.test_handing import CHANGE, OUTPUTS, project, worker

__all__ = ["project", "worker"]

PYTHON = {
    "app.py": "def half(n):\n    if n % 2:\n        raise ValueError('odd')\n    return n // 2\n",
    "tests/test_app.py": "import pytest\nfrom app import half\n\n\n"
    "def test_even():\n    assert half(4) == 2\n\n\n"
    "@pytest.mark.skip\ndef test_later():\n    assert half(5)\n",
    ".gitignore": "__pycache__/\njunit.xml\ncoverage.xml\n.coverage\n",
    "Makefile": "test:\n"
    "\t@$(PYTHON) -m coverage run --include=app.py -m pytest -q -p no:cacheprovider "
    "--rootdir=. --override-ini addopts= --junitxml=junit.xml tests\n"
    "\t@$(PYTHON) -m coverage xml -q\n",
}
NODE = {
    "half.mjs": "export function half(n) {\n  if (n % 2) {\n    throw new Error('odd')\n  }\n"
    "  return n / 2\n}\n",
    "half.test.mjs": "import test from 'node:test'\nimport assert from 'node:assert'\n"
    "import { half } from './half.mjs'\n"
    "test('even', () => assert.equal(half(4), 2))\ntest('more', () => assert.equal(half(8), 4))\n",
    ".gitignore": "*.xml\n*.info\n",
    "Makefile": "test:\n\t@node --test --experimental-test-coverage "
    "--test-reporter=junit --test-reporter-destination=junit.xml "
    "--test-reporter=lcov --test-reporter-destination=lcov.info\n",
}


def act(files: dict[str, str]) -> str:
    return "".join(
        f"(project / {name!r}).parent.mkdir(parents=True, exist_ok=True)\n"
        f"(project / {name!r}).write_text({text!r}, encoding='utf-8')\n"
        for name, text in files.items()
    )


def outputs() -> dict[str, Any]:
    return {"genesis": {**OUTPUTS["genesis"], "commands": {"test": "make test"}}}


def developed(agent: Agent, **changes: Any) -> FeatureProgress:
    finished = agent.run(
        workflow="development", specialty="feature", item="button", outputs=outputs(), **changes
    )
    assert finished.ok, finished.summary + agent.log
    return FeatureProgress.model_validate_json((agent.result / "feature.json").read_bytes())


def claim(agent: Agent, **changes: Any) -> None:
    """Somebody changes what the run handed on."""
    path = agent.result / "feature.json"
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")


def test_a_python_project_is_measured_by_its_junit_and_cobertura_reports(
    worker: Callable[..., Agent],
) -> None:
    agent = worker("(project / 'tests/test_it.py').unlink()\n" + act(PYTHON) + CHANGE)

    feature = developed(agent)

    assert (feature.tests_run, feature.tests_passed, feature.coverage) == (1, 1, 75.0)
    assert "1 tests run, 1 passed, coverage 75%" in agent.log
    assert agent.check().ok


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js")
def test_a_node_project_is_measured_by_its_junit_and_lcov_reports(worker: Callable[..., Agent]) -> None:
    agent = worker(act(NODE) + CHANGE)

    feature = developed(agent)

    assert (feature.tests_run, feature.tests_passed) == (2, 2)
    assert feature.coverage is not None
    assert 60 <= feature.coverage < 100
    assert agent.check().ok


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"coverage": 99.0}, "the tests cover 75%, the output says 99%"),
        ({"tests_run": 3, "tests_passed": 3}, "1 tests ran and 1 passed, the output says 3 and 3"),
    ],
)
def test_a_number_that_is_not_measured_again_does_not_count(
    changes: dict[str, Any], says: str, worker: Callable[..., Agent]
) -> None:
    agent = worker("(project / 'tests/test_it.py').unlink()\n" + act(PYTHON) + CHANGE)
    developed(agent)
    claim(agent, **changes)

    checked = agent.check()

    assert not checked.ok
    assert says in checked.summary


def test_a_report_that_the_agent_wrote_itself_says_nothing(worker: Callable[..., Agent]) -> None:
    mine = {
        "coverage.xml": '<coverage line-rate="1.0"/>',
        "junit.xml": "<testsuite>" + "<testcase/>" * 50 + "</testsuite>",
        "Makefile": "test:\n\t@$(PYTHON) -m unittest discover -s tests\n",
    }
    agent = worker(act(mine) + CHANGE)

    feature = developed(agent)

    assert (feature.tests_run, feature.coverage) == (1, None)
    claim(agent, coverage=100.0)
    assert "no report of the tests says a coverage, the output says 100%" in agent.check().summary


def test_a_command_that_hides_failed_tests_is_rework(worker: Callable[..., Agent]) -> None:
    hiding = {
        **PYTHON,
        "Makefile": PYTHON["Makefile"].replace(
            "\t@$(PYTHON) -m coverage run", "\t-@$(PYTHON) -m coverage run"
        ),
    }
    hiding["tests/test_app.py"] = hiding["tests/test_app.py"].replace("== 2", "== 3")
    agent = worker("(project / 'tests/test_it.py').unlink()\n" + act(hiding) + CHANGE)

    finished = agent.run(workflow="development", specialty="feature", item="button", outputs=outputs())

    assert not finished.ok
    assert finished.rework
    assert "`make test` ends with exit code 0, but its report has 1 failed tests" in finished.summary


def test_tests_that_are_written_first_are_counted_one_by_one(worker: Callable[..., Agent]) -> None:
    failing = PYTHON["tests/test_app.py"] + "\n\ndef test_zero():\n    assert half(0) == 1\n"
    agent = worker(
        "(project / 'tests/test_it.py').unlink()\n" + act({**PYTHON, "tests/test_app.py": failing}) + CHANGE
    )

    finished = agent.run(workflow="development", specialty="tests", item="button", outputs=outputs())

    assert finished.ok, finished.summary + agent.log
    feature = FeatureProgress.model_validate_json((agent.result / "feature.json").read_bytes())
    assert (feature.tests_run, feature.tests_passed) == (2, 1)
    assert agent.check().ok


def test_genesis_counts_by_the_report_too(tmp_path: Path) -> None:
    draft = {**DRAFT, "commands": {"test": "make test"}}
    agent = Agent(tmp_path)
    agent.install(
        "success",
        SCAFFOLD + "(project / 'tests/test_it.py').unlink()\n" + act(PYTHON) + leave("genesis.json", draft),
    )

    finished = agent.run()

    assert finished.ok, finished.summary + agent.log
    assert "1 tests run and passed" in finished.summary
    assert agent.check().ok


# formats

SUITES = """<?xml version="1.0"?>
<testsuites><testsuite name="a"><testcase name="1"/><testcase name="2"><failure/></testcase>
<testsuite name="b"><testcase name="3"><error message="x"/></testcase><testcase name="4"><skipped/></testcase>
</testsuite></testsuite></testsuites>"""
BOMB = """<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>
<testsuite><testcase name="&b;"/></testsuite>"""
FORMATS: dict[str, tuple[str, str, float | None]] = {
    "coverage.py": ("coverage.json", '{"totals": {"covered_lines": 7, "num_statements": 8}}', 87.5),
    "cobertura": ("coverage.xml", '<coverage line-rate="0.5" lines-covered="2" lines-valid="3"/>', 66.7),
    "cobertura by rate": ("coverage/cobertura-coverage.xml", '<coverage line-rate="0.8125"/>', 81.2),
    "cobertura with its DTD": (
        "cobertura.xml",
        '<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">'
        '<coverage line-rate="1"/>',
        100.0,
    ),
    "istanbul": (
        "coverage/coverage-summary.json",
        '{"total": {"lines": {"total": 40, "covered": 30, "pct": 75}}}',
        75.0,
    ),
    "lcov": (
        "lcov.info",
        "SF:a.js\nDA:1,1\nLF:10\nLH:9\nend_of_record\nSF:b.js\nLF:10\nLH:1\nend_of_record\n",
        50.0,
    ),
    "clover": ("coverage.xml", '<coverage generated="1"><project/></coverage>', None),
    "nothing to cover": ("coverage.json", '{"totals": {"covered_lines": 0, "num_statements": 0}}', None),
    "more than all": ("coverage.xml", '<coverage line-rate="7"/>', None),
    "not a number": ("coverage.xml", '<coverage line-rate="NaN"/>', None),
    "not JSON": ("coverage.json", "{", None),
    "another JSON": ("coverage.json", "[1, {}]", None),
    "not XML": ("coverage.xml", "<coverage", None),
}


def put(root: Path, name: str, text: str) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("kind", FORMATS)
def test_coverage_is_read_from_each_format(kind: str, tmp_path: Path) -> None:
    name, text, covered = FORMATS[kind]
    put(tmp_path, name, text)
    assert reports.coverage_of(tmp_path, reports.written(tmp_path, {})) == covered


def test_nested_suites_are_counted_and_skipped_tests_did_not_run(tmp_path: Path) -> None:
    put(tmp_path, "test-results/deep/one.xml", SUITES)
    put(tmp_path, "target/surefire-reports/TEST-x.xml", '<testsuite><testcase name="5"/></testsuite>')
    put(tmp_path, "reports/other.xml", "<notes/>")
    fresh = reports.written(tmp_path, {})
    assert reports.tests_of(tmp_path, fresh) == reports.Tests(ran=4, passed=2)


@pytest.mark.parametrize("text", [BOMB, "<testsuite", "", "\xff", "<coverage/>"])
def test_what_is_no_report_says_nothing(text: str, tmp_path: Path) -> None:
    put(tmp_path, "junit.xml", text)
    assert reports.tests_of(tmp_path, reports.written(tmp_path, {})) is None


def test_links_and_huge_files_are_left_alone(tmp_path: Path) -> None:
    inside = tmp_path / "clone"
    inside.mkdir()
    os.symlink(put(tmp_path, "junit.xml", SUITES), inside / "junit.xml")
    with (inside / "coverage.xml").open("wb") as huge:
        huge.truncate(20_000_001)
    assert reports.known(inside) == {}


def test_without_a_report_the_output_counts_as_before(tmp_path: Path) -> None:
    clone = Workspace(tmp_path, 20)
    ran, found = run_tests(clone, ["printf", "Ran 3 tests in 0.01s\\n"])
    assert (ran.exit_code, found) == (0, Measured(3, 3))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(content=st.binary(max_size=300))
def test_no_bytes_make_a_reader_fail(content: bytes, tmp_path: Path) -> None:
    for name in ("junit.xml", "coverage.xml", "coverage.json", "lcov.info"):
        (tmp_path / name).write_bytes(content)
    fresh = reports.written(tmp_path, {})
    tests, covered = reports.tests_of(tmp_path, fresh), reports.coverage_of(tmp_path, fresh)
    assert tests is None or tests.passed <= tests.ran
    assert covered is None or 0 <= covered <= 100


@given(st.floats(0, 100), st.floats(0, 100))
def test_coverage_may_differ_by_a_point(one: float, other: float) -> None:
    claimed = FeatureProgress(key="x", tests_run=1, tests_passed=1, coverage=one)
    assert bool(differs(Measured(1, 1, other), claimed)) is (abs(one - other) > 1)
