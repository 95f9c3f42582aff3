"""Lists of ideas, and stages started by hand: right, wrong, forbidden and delivered twice."""

from __future__ import annotations

import pytest
from inline_snapshot import snapshot

from bot.hub.data.world import BOT
from tests.commands.desk import Desk
from tests.commands.fleet import NOBODYS
from tests.e2e.people import REPOSITORY

LIST = """\
# Ideas

- A web page that counts --size quick
  - with a button
  - and a reset
- A tool that renames photos --stack python --priority urgent
- A game --size huge
"""


@pytest.fixture(scope="module")
def ready(hub: Desk) -> Desk:
    """A list of ideas in the repository, and two issues that Development can take."""
    hub.bare.commit_file("main", "docs/ideas.md", LIST)
    hub.bare.commit_file("main", "docs/none.md", "\n")
    where = f"/repos/{REPOSITORY}/issues"
    body = {"title": "Dark mode", "body": "- [ ] it can be toggled", "labels": ["dev-ready"]}
    first = hub.call("ada", "POST", where, body)["number"]
    hub.call(
        "ada",
        "POST",
        where,
        {"title": "Export", "body": f"Depends on #{first}. 1 day.", "labels": ["dev-ready"]},
    )
    return hub


@pytest.fixture
def desk(ready: Desk, desk: Desk) -> Desk:
    return desk


# right


def test_a_list_of_ideas(desk: Desk) -> None:
    reply = desk.say("/dispatch-genesis --file docs/ideas.md --priority high", issue=NOBODYS)
    assert reply == snapshot("""\
**2 projects from `docs/ideas.md`.**

| project | title | issue | priority | now |
| --- | --- | --- | --- | --- |
| `a-web-page-that-counts-8` | A web page that counts | #8 | high | queued |
| `a-tool-that-renames-photos-8` | A tool that renames photos | being filed | urgent | queued |

- Not queued: A game \\-\\-size huge: given huge, expected one of large, standard, quick.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")
    taken = {one.title: one for one in desk.state().projects.values() if one.asked_on == NOBODYS}
    assert {(one.title, one.size, one.priority, one.stack) for one in taken.values()} == {
        ("A web page that counts", "quick", "high", ""),
        ("A tool that renames photos", "standard", "urgent", "python"),
    }
    assert "with a button" in taken["A web page that counts"].idea


def test_a_repository_is_adopted_once_and_grows(desk: Desk) -> None:
    assert desk.say(f"/trigger-development {REPOSITORY}", issue=NOBODYS) == snapshot("""\
**`acme/factory`** is project `factory-8` now, on #8.

- 2 issues with `dev-ready` became 6 tasks: 1 queued, 5 waiting.
- Deployment follows the features, and content the deployment; you will be told here.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")
    project = desk.state().projects[f"factory-{NOBODYS}"]
    assert [task.id.removeprefix(project.id) for task in project.tasks] == snapshot(
        [
            ".issue-9.tests",
            ".issue-9.feature",
            ".issue-9.review",
            ".issue-10.feature",
            ".issue-10.review",
            ".deployment",
        ]
    )
    assert desk.say(f"/trigger-development {desk.info.url}/{REPOSITORY}.git", issue=NOBODYS) == snapshot("""\
Nothing to add: every open `dev-ready` issue of `acme/factory` belongs to `factory-8`, which is queued, in the stage development (0 of 6 development tasks done).

<sub>Acted on: Queues: genesis 1, development 3, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")
    labels = {"title": "More", "labels": ["dev-ready"]}
    more = desk.call("ada", "POST", f"/repos/{REPOSITORY}/issues", labels)
    assert desk.say(f"/trigger-development {REPOSITORY}/", issue=NOBODYS) == snapshot("""\
**1 issue added** to `factory-8`: 3 new tasks. Its deployment waits for them. 0 of 9 development tasks done.

<sub>Acted on: Queues: genesis 1, development 3, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")
    desk.call("ada", "PATCH", f"/repos/{REPOSITORY}/issues/{more['number']}", {"state": "closed"})


def test_content_by_force(desk: Desk) -> None:
    assert desk.say("/trigger-content photo-sorter-1 --force") == snapshot("""\
**The content of `photo-sorter-1` begins:** 1 with a worker, 2 queued. Its 22 open development tasks go on beside it.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")
    project = desk.state().projects["photo-sorter-1"]
    assert (project.stage, len([task for task in project.tasks if task.workflow == "content"])) == (
        "content",
        3,
    )
    assert "stage:content" in desk.labels(1)


# wrong


def test_a_list_and_an_idea(desk: Desk) -> None:
    assert desk.say("/dispatch-genesis A page --file docs/ideas.md") == snapshot(
        "Not queued: given an idea and `--file`, expected one of them. Write the idea into the list, or post a second command."
    )


@pytest.mark.parametrize("path", ["docs/none.md", "docs/missing.md"])
def test_a_list_that_is_none(desk: Desk, path: str) -> None:
    reply = desk.say(f"/dispatch-genesis --file {path}")
    assert (
        reply
        == {
            "docs/none.md": snapshot(
                "Not queued: `docs/none.md` lists nothing. Write one idea an item, for example `- A web page that says hello`."
            ),
            "docs/missing.md": snapshot(
                "Not queued: `docs/missing.md` does not exist in this repository. Name a text file of this repository's default branch, or write the idea itself after the command."
            ),
        }[path]
    )


def test_trigger_development_without_a_repository(desk: Desk) -> None:
    assert desk.say("/trigger-development") == snapshot("""\
Not run: given nothing, expected repo-url: the repository, as URL or `owner/name`.

Usage: `/trigger-development repo-url`
For example: `/trigger-development acme/todo-app`\
""")
    assert desk.say("/trigger-development factory") == snapshot(
        "Not run: given `factory`, expected a repository as `owner/name` or its URL, for example `/trigger-development acme/todo-app`."
    )


def test_trigger_development_of_a_repository_that_is_not_there(desk: Desk) -> None:
    assert desk.say("/trigger-development acme/nothing") == snapshot(
        "Not run: the repository `acme/nothing` does not exist, or the bot's token cannot see it. Check the name, and that the token `ORCHESTRATOR_GENESIS_TOKEN` (or the App) may read it and its issues."
    )


def test_trigger_content_too_early_or_too_late(desk: Desk) -> None:
    assert desk.say("/trigger-content photo-sorter-1") == snapshot(
        "Not run: `photo-sorter-1` is not deployed. Open before that: `photo-sorter-1.part-1.tests` (running), `photo-sorter-1.part-1.feature` (waiting), `photo-sorter-1.part-1.review` (waiting), `photo-sorter-1.part-2.tests` (assigned), `photo-sorter-1.part-2.feature` (waiting), `photo-sorter-1.part-2.review` (waiting), `photo-sorter-1.part-3.tests` (assigned), `photo-sorter-1.part-3.feature` (waiting) and 14 more. `/trigger-content photo-sorter-1 --force` starts its content all the same."
    )
    assert desk.say("/trigger-content tide-table-4 --force") == snapshot(
        "Not run: `tide-table-4` is still in Genesis: there is no repository to write about yet."
    )
    assert desk.say("/trigger-content recipe-book-2") == snapshot(
        "Not run: the content of `recipe-book-2` is under way: 1 of 3 tasks done. `/status recipe-book-2` shows it."
    )
    assert desk.say("/trigger-content", issue=NOBODYS) == snapshot(
        "Not run: this issue is no project's own, so name the project, for example `/trigger-content todo-app-7`. `/status` lists the projects."
    )
    assert desk.say("/trigger-content nope-1") == snapshot(
        "Not run: there is no project `nope-1`. Did you mean `photo-sorter-1`? `/status` lists the projects."
    )


# forbidden, and twice

ACTING = [
    "/dispatch-genesis --file docs/ideas.md",
    f"/trigger-development {REPOSITORY}",
    "/trigger-content photo-sorter-1 --force",
]


@pytest.mark.parametrize("typed", ACTING)
def test_too_low_a_role(desk: Desk, typed: str) -> None:
    before = desk.state()
    name = typed.partition(" ")[0]
    assert desk.say(typed, "tim").startswith(f"Not run: `{name}` needs the role **write**")
    assert desk.state().projects == before.projects


@pytest.mark.parametrize("typed", ACTING)
def test_a_repeated_delivery_changes_nothing(desk: Desk, typed: str) -> None:
    payload = desk.post(typed, issue=NOBODYS)
    before, commits = desk.state(), desk.commits()
    issues = len(desk.every(f"/repos/{REPOSITORY}/issues", state="all", creator=BOT))
    desk.handle(payload)
    assert (desk.state(), desk.commits()) == (before, commits)
    assert len(desk.every(f"/repos/{REPOSITORY}/issues", state="all", creator=BOT)) == issues
    assert len(desk.answers(payload)) == 1
