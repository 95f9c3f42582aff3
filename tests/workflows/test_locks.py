"""The locks: exact versions with hashes, no addresses, and lean where start-up time counts."""

from __future__ import annotations

import re

import pytest

from tests.workflows.documents import ROOT

LOCKS = ["audit", "bootstrap", "command", "dashboard", "dev", "docs", "outside", "worker"]
ENTRY = re.compile(r"^([a-z0-9][a-z0-9.-]*)==(\S+)( ; .+)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")
COMMAND_PATH = {"click", "pydantic", "python-slugify", "pyyaml", "requests"}


def text(name: str) -> str:
    """A lock as it stands."""
    return (ROOT / f"requirements/{name}.txt").read_text("utf-8")


def packages(name: str) -> dict[str, str]:
    """A lock's packages and their exact versions."""
    return {match[1]: match[2] for line in text(name).splitlines() if (match := ENTRY.match(line))}


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_has_an_exact_version_and_hashes(name: str) -> None:
    lines = [line for line in text(name).splitlines() if not line.lstrip().startswith("#")]
    assert [line for line in lines if not ENTRY.match(line) and not HASH.match(line)] == []
    for entry, following in zip(lines, [*lines[1:], ""], strict=True):
        assert not ENTRY.match(entry) or HASH.match(following), f"{entry} has no hash"
    assert packages(name)


@pytest.mark.parametrize("name", LOCKS)
def test_no_lock_names_an_address(name: str) -> None:
    assert re.findall(r"://|@ |--(?:extra-)?index-url|--find-links|--trusted-host", text(name)) == []


@pytest.mark.parametrize("name", ["bootstrap", "command", "dashboard", "docs", "outside", "worker"])
def test_what_ships_has_the_versions_that_are_tested(name: str) -> None:
    tested = packages("dev")
    assert {key: tested.get(key) for key in packages(name)} == packages(name)


def test_the_command_path_is_lean() -> None:
    locked = set(packages("command"))
    assert locked >= COMMAND_PATH
    assert not locked & {"githubkit", "pygithub", "cryptography", "copier", "httpx", "pytest", "uv"}
    assert len(locked) <= 16


def test_what_an_app_and_addresses_take_is_a_lock_of_its_own() -> None:
    more = set(packages("outside")) - set(packages("command"))
    assert more >= {"apprise", "pygithub", "pyjwt"}
    assert set(packages("outside")) >= set(packages("command"))


def test_a_worker_has_the_command_path_and_its_templates() -> None:
    assert set(packages("worker")) >= set(packages("command")) | {
        "copier",
        "markdown-it-py",
        "pygithub",
        "pynacl",
    }
    assert "githubkit" not in packages("worker")


def test_a_dashboard_is_made_with_little_more_than_a_command_needs() -> None:
    more = set(packages("dashboard")) - set(packages("command"))
    assert more == {"jinja2", "markdown-it-py", "markupsafe", "mdurl"}


def test_the_bootstrap_is_one_tool() -> None:
    assert list(packages("bootstrap")) == ["uv"]
