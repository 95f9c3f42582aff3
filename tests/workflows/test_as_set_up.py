"""What ``init`` sets up works: the workflows' own steps answer a comment, look round, and do the work.

The first of these tests downloads the packages of two locks, as the action does in a repository's first run;
all others share them (``runner/stand_ins.py: cache``).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.e2e.stage import REPOSITORY
from tests.setup.shop import ACTION, Shop, open_shop
from tests.workflows.checkout import copied, pushed
from tests.workflows.github_actions import GitHubActions, find
from tests.workflows.runner.runner import Run, Runner, listening

IDEA = "/dispatch-genesis A command-line tool that counts the words of a text file"
FIVE_MINUTES, HOURLY = "*/5 * * * *", "17 * * * *"


@dataclass
class Place:
    """A repository that is set up, and the runner of its workflows."""

    shop: Shop
    actions: GitHubActions
    runner: Runner

    def say(self, text: str, login: str = "wendy") -> Any:
        """Comment on a new issue; the comment's payload."""
        return self.shop.comment(self.shop.issue(), text, login)

    def next(self) -> Run:
        """The one run that the next event starts; what starts none is passed by."""
        found: list[Run] = []
        while not found:
            found = self.runner.next()
        (run,) = found
        return run


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("place")
    base = tmp_path_factory.getbasetemp()
    # One for all processes of one run of the tests.
    caches = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "caches"
    caches.mkdir(exist_ok=True)
    with ExitStack() as ending:
        actions = ending.enter_context(find(folder))
        shop = ending.enter_context(open_shop(folder))
        pushed(copied(folder / "orchestrator"), shop.repository(ACTION).path)
        done = shop.init("--mode", "cron")
        assert done.code == 0, done
        shop.merge()
        runner = Runner(shop.world, shop.info, actions, folder / "jobs", REPOSITORY, caches)
        yield Place(shop, actions, ending.enter_context(listening(runner)))


@pytest.fixture(autouse=True)
def nothing_is_left_over(place: Place) -> Iterator[None]:
    place.runner.waiting.clear()
    yield
    place.runner.waiting.clear()


def test_a_command_is_answered_and_what_it_asks_for_is_done(place: Place) -> None:
    asked = place.say(IDEA)
    run = place.next()
    assert (run.file, run.results) == ("commands.yml", {"handle": "success"}), run
    assert "orchestrator: saved, 5 API requests" in run.jobs["handle"].summary
    assert "is project `a-command-line-tool-that-" in place.shop.reply(asked)
    (project,) = place.shop.projects_of(asked["issue"]["number"])
    assignment = place.shop.assignment(project)
    assert place.shop.state().projects[project].stage == "genesis"

    assert place.shop.runs() == [assignment], "the bot finds it again by its name"
    work = place.next()
    assert work.file == "worker.yml"
    assert work.results == dict.fromkeys(("claim", "run", "check", "report"), "success"), work
    assert dict(work.jobs["claim"].outputs) == {"granted": "true", "agent": "", "fold": "false"}
    left_out = {step.name for job in work.jobs.values() for step in job.steps if step.outcome == "skipped"}
    assert left_out == {"Install the agent", "Check here", "Send the verdict"}
    assert f"{assignment} is published" in work.jobs["report"].step("Report / Run").log
    found = place.shop.state().projects[project]
    assert (found.stage, found.tasks[0].status) == ("development", "done")
    place.shop.verify()


@pytest.mark.parametrize(
    ("text", "who"), [("Thank you!", "wendy"), ("/status", "renovate[bot]")], ids=["no command", "a bot"]
)
def test_what_is_no_command_of_a_persons_starts_no_job(place: Place, text: str, who: str) -> None:
    place.shop.world.users.create(who, "Bot" if who.endswith("[bot]") else "User")
    head = place.shop.bare.head()
    said = place.say(text, who)
    run = place.next()
    assert (run.file, run.results, run.conclusion) == ("commands.yml", {"handle": "skipped"}, "skipped")
    assert (place.shop.replies(said), place.shop.bare.head()) == ([], head)


def test_what_the_workflows_token_does_starts_nothing_and_ends_with_its_job(place: Place) -> None:
    asked = place.say("/status")
    run = place.next()
    assert run.results == {"handle": "success"}, run
    assert place.shop.reply(asked)
    assert place.runner.waiting == []
    assert place.shop.world.db.number("SELECT count(*) FROM tokens WHERE login = 'github-actions[bot]'") == 1


def test_a_look_of_the_monitor_sweeps_up_what_no_run_has_answered(place: Place) -> None:
    asked = place.say("/queues")
    place.runner.waiting.clear()  # the comment's own run never starts
    place.runner.schedule(FIVE_MINUTES)
    run = place.next()
    assert (run.file, run.results) == ("monitor.yml", {"loop": "skipped", "tick": "success"}), run
    assert "**genesis** · " in place.shop.reply(asked)
    place.runner.schedule(HOURLY)
    assert place.next().results == {"loop": "skipped", "tick": "skipped"}


def test_a_label_wakes_the_bot_where_it_may_concern_it(place: Place) -> None:
    issue = place.shop.issue("A page with the tides", "It shows the next two high waters.")
    place.shop.label(issue, "new-project", "wendy")
    run = place.next()
    assert (run.file, run.results) == ("labels.yml", {"handle": "success"}), run
    assert len(place.shop.projects_of(issue)) == 1


def test_orchestrators_own_repository_runs_its_own_action(place: Place) -> None:
    shop = replace(place.shop, target=ACTION)
    done = shop.init("--mode", "cron")
    assert (done.code, "commands.yml is orchestrator's own" in done.out) == (0, True), done
    shop.merge()
    issue = shop.call("wendy", "POST", f"/repos/{ACTION}/issues", {"title": "A question"})["number"]
    own = replace(place.runner, repository=ACTION, waiting=[])
    with listening(own):
        shop.call("wendy", "POST", f"/repos/{ACTION}/issues/{issue}/comments", {"body": "/help status"})
    (run,) = own.next()
    assert (run.file, run.results) == ("commands.yml", {"handle": "success"}), run
    assert run.jobs["handle"].steps[0].name == "Check out the bot"
    (reply,) = shop.every(f"/repos/{ACTION}/issues/{issue}/comments")[1:]
    assert "/status [project-id]" in reply["body"]
