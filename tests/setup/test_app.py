"""Registering a GitHub App: the manifest, the page, and what becomes of the code."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from bot.setup.commands import init
from bot.setup.permissions import PROJECTS, RUN, SETUP
from bot.setup.registering import manifest, page
from tests.setup.shop import Shop
from tests.workflows.documents import ROOT, WORKFLOWS, jobs

PAGE = "app.html"


class Form(HTMLParser):
    """The page's form: where it goes, and its fields."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.action, self.fields = "", dict[str, str]()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.action = given["action"]
        if tag == "input":
            self.fields[given["name"]] = given["value"]


def test_the_app_may_do_what_the_table_says_and_nothing_else() -> None:
    made = manifest("https://github.com", "acme/factory")
    assert made["default_permissions"] == {grant.name: grant.level for grant in PROJECTS}
    assert (made["public"], made["hook_attributes"]["active"], made["default_events"]) == (False, False, [])


def test_the_file_in_the_documentation_is_the_manifest() -> None:
    kept = json.loads((ROOT / "docs/app-manifest.json").read_text("utf-8"))
    assert kept == manifest()


def test_the_documentation_names_the_same_permissions() -> None:
    text = (ROOT / "docs/repositories.md").read_text("utf-8")
    row = next(line for line in text.splitlines() if "a GitHub App that is installed there" in line)
    for grant in PROJECTS:
        if grant.name != "metadata":
            assert grant.title.lower() in row, grant
    table = (ROOT / "docs/setup.md").read_text("utf-8")
    for grant in SETUP:
        assert f"| {grant.title} | {grant.level} |" in table


def test_the_workflows_ask_for_what_the_table_says() -> None:
    asked: dict[str, str] = {}
    for path in WORKFLOWS:
        if path.stem not in ("audit", "ci", "release"):  # those that only this repository has
            for _, job in jobs(path):
                levels = {name.replace("-", "_"): level for name, level in job["permissions"].items()}
                asked |= {name: level for name, level in levels.items() if asked.get(name) != "write"}
    assert asked == {grant.name: grant.level for grant in RUN}


@pytest.mark.parametrize(
    ("owner_type", "action"),
    [
        ("Organization", "https://github.com/organizations/acme/settings/apps/new"),
        ("User", "https://github.com/settings/apps/new"),
    ],
)
def test_the_page_posts_the_manifest_to_github(owner_type: str, action: str) -> None:
    form = Form(page("https://github.com", "acme/factory", owner_type))
    assert form.action == action
    assert json.loads(form.fields["manifest"]) == manifest("https://github.com", "acme/factory")
    assert len(json.loads(form.fields["manifest"])["name"]) <= 34, "GitHub takes no longer name"


def test_a_name_with_markup_stays_text() -> None:
    assert "<script>" not in page("https://github.com", "acme/<script>alert(1)</script>", "User")


def test_the_code_becomes_number_and_key_and_the_key_is_never_shown(shop: Shop, tmp_path: Path) -> None:
    assert shop.run("init", "--app", str(tmp_path / PAGE)).code == 0
    form = Form((tmp_path / PAGE).read_text("utf-8"))
    assert form.action == f"{shop.info.url}/organizations/acme/settings/apps/new"
    code = shop.world.apps.submit(shop.world.users.find("acme"), json.loads(form.fields["manifest"]))
    done = shop.run("init", "--app-code", code)
    assert done.code == 0, done
    repository, ada = shop.world.repositories.find("acme", "factory"), shop.world.users.find("ada")
    number = shop.world.secrets.variable(repository, ada, "ORCHESTRATOR_APP_ID")["value"]
    assert number.isdigit()
    key = shop.world.secrets.value(repository, "ORCHESTRATOR_APP_PRIVATE_KEY")
    assert key.startswith("-----BEGIN RSA PRIVATE KEY-----")
    assert re.findall("PRIVATE KEY-----", done.out) == []
    again = shop.run("init", "--app-code", code)
    assert (again.code, "each counts once, for an hour" in again.error) == (2, True)


def test_init_has_the_options_that_its_texts_name() -> None:
    named = {option for parameter in init.params for option in parameter.opts}
    assert {"--app", "--app-code", "--local", "--dry-run", "--yes", "--action", "--secret"} <= named


def needs_of_the_code() -> dict[str, str]:
    """What the requests of the adapters say that they need: permission → its greatest level."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "bot/adapters").glob("github/*.py")):
        for name, level in re.findall(r'"([a-z ]+): (read|write)\b[^"]*"', path.read_text("utf-8")):
            name = name.replace(" ", "_")
            found[name] = "write" if "write" in (level, found.get(name)) else "read"
    return found


def test_the_app_has_what_the_requests_of_the_code_need_and_nothing_more() -> None:
    needs = needs_of_the_code()
    assert len(needs) >= 7
    pulls = (ROOT / "bot/adapters/github/pulls.py").read_text("utf-8")
    if "statusCheckRollup" in pulls:  # one question in GraphQL, whose parts need permissions of their own
        needs |= {"checks": "read", "statuses": "read"}
    needs["workflows"] = "write"  # git pushes the scaffold's own CI
    assert {grant.name: grant.level for grant in PROJECTS} == needs
