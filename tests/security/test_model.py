"""The threat model (docs/security.md): what it says of tests exists, and what it says of workflows is so."""

from __future__ import annotations

import ast
import json
import re
from functools import cache

import pytest

from tests.workflows.documents import ROOT, WORKFLOWS, jobs, read

PAGE = (ROOT / "docs/security.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))
OWN_CHECKS = {"ci", "audit"}
"""Workflows that judge a proposed change."""


@cache
def functions(path: str) -> frozenset[str]:
    """The names of a file's functions."""
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_every_test_that_is_named_exists(path: str, name: str) -> None:
    assert name in functions(path)
    assert name.startswith("test_")


def test_every_defence_in_a_table_names_its_test() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| ---")]
    heads = {"what", "they try", "it does", "somebody"}
    defences, inside = [], False
    for row in rows:
        first = row.split("|")[1].strip()
        inside = "shown by" in row if first in heads else inside
        if inside and first not in heads:
            defences.append(row)
    assert len(defences) > 30
    assert [row for row in defences if "::test_" not in row.rsplit("|", 2)[1]] == []


def test_every_way_in_says_what_is_not_defended() -> None:
    ways = [
        "A comment",
        "A label",
        "A stolen worker",
        "A hostile repository under work",
        "A hostile answer of a model",
        "A tampered state branch",
        "A dependency or an action",
    ]
    parts = dict(re.findall(r"(?ms)^## ([^\n]+)\n(.*?)(?=^## |\Z)", PAGE))
    assert [way for way in ways if "\nNot defended: " not in parts[way]] == []
    assert "A fork" in parts
    assert len(re.findall(r"(?m)^- ", parts["What is not defended"])) >= 7


def test_no_workflow_of_the_bot_runs_for_a_pull_request() -> None:
    started = {path.stem for path in WORKFLOWS if "pull_request" in read(path)["on"]}
    assert started == OWN_CHECKS
    assert not any("pull_request_target" in read(path)["on"] for path in WORKFLOWS)
    assert not any("workflow_run" in read(path)["on"] for path in WORKFLOWS)


def test_what_runs_for_a_pull_request_can_only_read_and_knows_no_secret() -> None:
    for path in WORKFLOWS:
        if path.stem in OWN_CHECKS:
            assert "secrets." not in json.dumps(read(path))
            assert [job["permissions"] for _, job in jobs(path)] == [{"contents": "read"}]


def test_only_the_jobs_that_sign_may_ask_for_an_identity() -> None:
    found = {name for path in WORKFLOWS for name, job in jobs(path) if "id-token" in job["permissions"]}
    assert found == {"pages/deploy", "release/attest", "release/publish"}
    release = dict(jobs(ROOT / ".github/workflows/release.yml"))
    for name in ("release/attest", "release/publish"):
        assert not any("run" in step for step in release[name]["steps"]), f"{name} runs nothing of its own"
    assert release["release/publish"]["environment"]["name"] == "pypi"
    assert release["release/attest"]["needs"] == ["check", "build"]
    assert release["release/publish"]["needs"] == "attest"
    assert "secrets." not in json.dumps(read(ROOT / ".github/workflows/release.yml")), "no password anywhere"


def test_every_lock_is_audited_and_watched() -> None:
    script = (ROOT / "tools/audit.sh").read_text("utf-8")
    globs = re.findall(r"for lock in ([^;]+);", script)
    audited = {path for line in globs for pattern in line.split() for path in ROOT.glob(pattern)}
    locks = [
        *ROOT.glob("requirements/*.txt"),
        *ROOT.glob("*/*/package-lock.json"),
        *ROOT.glob("requirements/agents/*/package-lock.json"),
    ]
    assert audited == set(locks)
    assert len(locks) >= 11
    (job,) = [job for _, job in jobs(ROOT / ".github/workflows/audit.yml")]
    assert "make audit" in [step.get("run") for step in job["steps"]]
    watched = {each["package-ecosystem"]: each for each in read(ROOT / ".github/dependabot.yml")["updates"]}
    assert set(watched) == {"github-actions", "pip", "npm"}
    folders = {path for pattern in watched["npm"]["directories"] for path in ROOT.glob(pattern.strip("/"))}
    assert folders == {path.parent for path in locks if path.suffix == ".json"}
    assert watched["pip"]["directory"] == "/requirements"
