"""What stands on the pages: facts of the state and its past, links that lead somewhere; nothing private."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.dashboard.charts import as_json
from bot.dashboard.site import pages as render
from bot.dashboard.source import Source
from bot.domain.errors import UsageError
from bot.domain.state import State
from tests.commands.fleet import Days
from tests.core.worlds import START
from tests.dashboard.branches import ENVIRONMENT, HOME, Moment, branch, facts, site
from tests.dashboard.reading import Page, pages, read


def test_every_link_inside_the_site_leads_to_a_file_or_a_place(shown: Path) -> None:
    parsed = {path: read(text) for path, text in pages(shown).items()}
    count = 0
    for path, page in parsed.items():
        for link in page.links:
            if link.startswith("https://"):
                continue
            target, _, place = link.partition("#")
            count += 1
            file = (shown / path).parent / target if target else shown / path
            assert file.resolve().is_file(), f"{path}: {link}"
            if place:
                assert place in parsed[file.resolve().relative_to(shown.resolve()).as_posix()].ids, link
    assert count > 200


def test_no_id_stands_twice_on_a_page_and_no_script_stands_in_it(shown: Path) -> None:
    for path, text in pages(shown).items():
        page = read(text)
        assert len(set(page.ids)) == len(page.ids), path
        assert page.handlers == [], path
        for attributes, content in page.scripts:
            assert ("src" in attributes and not content) or attributes["type"] == "application/json", path
            assert "://" not in (attributes.get("src") or ""), path
        assert "Content-Security-Policy" in text, path


def test_the_overview_says_what_is_wrong_and_how_things_stand(shown: Path) -> None:
    text = " ".join(read(pages(shown)["index.html"]).text.split())
    assert "Critical alert: the administrators were called." in text
    assert "Genesis is paused for 1 h 19 min" in text
    assert "7 projects, 6 of them open" in text
    assert "recipe-book-2 Recipe book complete ● complete high 11 of 11" in text


def test_a_projects_page_has_every_decision_with_its_reason_in_its_order(shown: Path) -> None:
    text = " ".join(read(pages(shown)["projects/recipe-book-2.html"]).text.split())
    given = "recipe-book-2.genesis: attempt 1 given to genesis-02 of 3 idle workers, because"
    told = [
        "12:00:00 taken in",
        given,
        "recipe-book-2.genesis on genesis-02: done",
        "next stage: development",
    ]
    log = text[text.index("Every decision") :]
    places = [log.index(words) for words in told]
    assert places == sorted(places)
    assert "It went to genesis-02 of 3 idle workers, because" in text


def test_the_past_is_read_from_the_branchs_history(shown: Path, moments: list[Moment]) -> None:
    (frames,) = [one for one in read(pages(shown)["history.html"]).data if one and "queues" in one[0]]
    assert frames[0]["shown"] == "2026-11-23 12:00 UTC"
    assert frames[-1]["shown"] == "2026-11-23 16:44 UTC"
    for frame in frames:
        at, state = next(one for one in reversed(moments) if int(one[0].timestamp()) * 1000 <= frame["at"])
        assert int(at.timestamp()) * 1000 == frame["at"]
        assert frame["queues"] == {name.value: len(queue.items) for name, queue in state.queues.items()}
        assert frame["busy"] == sum(one.assignment is not None for one in state.instances.values())
    known: dict[str, Any] = {}
    for frame in frames:
        known |= frame["changed"]
    state = moments[-1][1]
    assert {id_: one[1] for id_, one in known.items()} == {
        id_: one.status.value for id_, one in state.projects.items()
    }


def test_a_week_is_read_hour_by_hour_and_a_month_in_longer_steps(tmp_path: Path) -> None:
    days = Days()
    state = days.say("/dispatch-genesis Recipe book", issue=2)
    for name, step, count, expected in (("week", 20, 7 * 72, 168), ("month", 60, 31 * 24, 124)):
        (tmp_path / name).mkdir()
        begin = START.replace(hour=0)
        moments = [(begin + timedelta(minutes=step * number), state) for number in range(count)]
        found = facts(branch(tmp_path / name, moments), moments[-1][0], since=timedelta(days=31))
        assert len(found.history.frames) == expected


def test_what_is_older_than_the_window_is_left_out_but_never_the_head(
    tmp_path: Path, moments: list[Moment]
) -> None:
    bare, now = branch(tmp_path, moments), moments[-1][0]
    short = facts(bare, now, since=timedelta(minutes=30)).history.frames
    assert [frame.at for frame in short] == [now - timedelta(minutes=4), now]
    late = facts(bare, now + timedelta(days=30), since=timedelta(days=1))
    assert [frame.at for frame in late.history.frames] == [now]
    assert set(late.draft.projects) == set(moments[-1][1].projects)


@pytest.mark.parametrize("minutes", [1, 30, 180, 100_000])
def test_a_remote_shows_the_same_past_as_a_folder(
    tmp_path: Path, moments: list[Moment], minutes: int
) -> None:
    bare, now = branch(tmp_path, moments), moments[-1][0] + timedelta(minutes=2)
    here, there = (
        facts(remote, now, since=timedelta(minutes=minutes)) for remote in (bare, f"file://{bare}")
    )
    assert here.history.frames == there.history.frames
    assert here.draft.base == there.draft.base
    assert here.history.frames[-1].at == moments[-1][0]


def test_a_queue_is_as_long_as_it_is_whatever_its_tasks_printed(tmp_path: Path) -> None:
    days = Days()
    days.say("/dispatch-genesis Recipe book", issue=2)
    days.claim("recipe-book-2.genesis")
    days.report(
        "recipe-book-2.genesis", ok=False, summary="x", output='"enqueued_at": 1, "enqueued_at":', retry=False
    )
    found = facts(branch(tmp_path, [(days.now, days.state)]), days.now)
    assert found.history.frames[-1].depths["review"] == 1


def test_a_state_with_nothing_in_it_has_pages_too(tmp_path: Path) -> None:
    found = pages(site(tmp_path, [(START, State())]))
    assert len(found) == 8
    assert "No project yet." in found["index.html"]


# what is private

PRIVATE = {
    "idea": "planted-idea-words",
    "output": "planted-output-words",
    "summary": "planted-summary-words",
    "reason": "planted-reason-words",
    "details": "planted-details-words",
}
WHO = ("wendy", "olga", "boris")


def planted() -> list[Moment]:
    """Every way in which people and programs get words into a state that these tests know of."""
    days, kept = Days(), []
    idea = "Recipe book (for everybody who cooks, with pictures, a search and a list of what to buy: "
    days.say(f"/dispatch-genesis {idea}{PRIVATE['idea']})", issue=2)
    days.do("recipe-book-for-everybody-2.genesis")
    kept.append((days.now, days.state))
    for number in range(1, 3):
        task = f"recipe-book-for-everybody-2.part-{number}.tests"
        days.claim(task)
        failed = {"ok": False, "summary": f"{PRIVATE['summary']} and more", "output": PRIVATE["output"]}
        days.report(task, **failed, command="make test", exit_code=2, retry=False)
        kept.append((days.now, days.state))
    for number in range(5):
        days.say(f"/dispatch-genesis Other {number}", issue=10 + number)
        for name in [one.assignment.task for one in days.state.instances.values() if one.assignment]:
            days.claim(name)
            days.report(name, ok=False, summary=f"{PRIVATE['summary']} once more", retry=False)
    days.say(f"/alert-administrators capacity {PRIVATE['details']}", issue=8, actor="olga", role="admin")
    days.say(
        f"/emergency-stop recipe-book-for-everybody-2 --reason {PRIVATE['reason']}",
        issue=8,
        actor="boris",
        role="admin",
    )
    days.say(f"/incident-report 2h {PRIVATE['details']}", issue=8, actor="olga", role="admin")
    days.say("/ack admin-capacity", issue=8, actor="boris", role="admin")
    kept.append((days.now, days.state))
    return kept


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Moment]]:
    moments = planted()
    return branch(tmp_path_factory.mktemp("private"), moments), moments


def everything(bare: Path, moments: list[Moment], **rule: Any) -> str:
    return "\n".join(text for _, text in render(facts(bare, moments[-1][0], **rule)))


def test_the_planted_words_are_in_the_state(private: tuple[Path, list[Moment]]) -> None:
    state = repr(private[1][-1][1])
    assert [name for name, words in PRIVATE.items() if words not in state] == []


def test_nothing_private_is_shown_unless_it_is_allowed(private: tuple[Path, list[Moment]]) -> None:
    text = everything(*private)
    assert [words for words in (*PRIVATE.values(), *WHO) if words in text] == []
    assert "Recipe book" in text
    assert "somebody" in text


def test_texts_are_shown_where_the_configuration_says_so(private: tuple[Path, list[Moment]]) -> None:
    text = everything(*private, texts=True)
    assert [words for words in PRIVATE.values() if words not in text] == []
    assert [who for who in WHO if who in text] == []


def test_people_are_shown_where_the_configuration_says_so(private: tuple[Path, list[Moment]]) -> None:
    text = everything(*private, people=True)
    assert [who for who in WHO if who not in text] == []
    assert [words for words in PRIVATE.values() if words in text] == []


def test_titles_can_be_hidden(private: tuple[Path, list[Moment]]) -> None:
    text = everything(*private, titles=False)
    assert "Recipe book" not in text
    assert "recipe-book-for-everybody-2" in text


# hostile words

HOSTILE = st.text(st.sampled_from("<>&\"'`\\/!-[](){}$%#@| \u2028abcscript="), min_size=1, max_size=60)


@given(
    words=HOSTILE
    | st.sampled_from(["</script><script>alert(1)</script>", "<!--<script>", "]]>", "{{ 7*7 }}"])
)
def test_no_data_can_end_its_block(words: str) -> None:
    page = read(f'<script type="application/json">{as_json({words: [words]})}</script>')
    assert page.data == [{words: [words]}]
    assert len(page.scripts) == 1


@example(words="javascript:alert(1)")
@example(words="</script><img src=x onerror=alert(1)>")
@settings(max_examples=25)
@given(
    words=HOSTILE
    | st.sampled_from(["</script><img src=x onerror=alert(1)>", "<!--", "`<b>`", "[x](javascript:0)"])
)
def test_no_title_and_no_text_breaks_a_page(words: str, plain: tuple[Source, dict[str, Page]]) -> None:
    found, before = plain
    for id_, project in list(found.draft.projects.items()):
        tasks = tuple(task.model_copy(update={"title": words}) for task in project.tasks)
        changed = {"title": words, "idea": words, "tasks": tasks, "deployment_url": words}
        found.draft.projects[id_] = project.model_copy(update=changed)
    for path, text in render(found):
        page = read(text)
        assert page.handlers == []
        kinds = [attributes for attributes, _ in page.scripts]
        assert kinds == [attributes for attributes, _ in before[path].scripts]
        assert [link for link in page.links if link.lower().startswith(("javascript", "data"))] == []
        assert page.data is not None


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory, moments: list[Moment]) -> tuple[Source, dict[str, Page]]:
    """What pages are made from, and how they are without hostile words."""
    bare = branch(tmp_path_factory.mktemp("hostile"), moments[-1:])
    found = facts(bare, moments[-1][0], texts=True)
    return found, {path: read(text) for path, text in render(found)}


# writing


def test_a_directory_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "thesis.txt").write_text("years of work", "utf-8")
    with pytest.raises(UsageError, match="holds something that is no dashboard"):
        site(tmp_path, [(START, State())])
    assert [path.name for path in (tmp_path / "site").iterdir()] == ["thesis.txt"]


def test_an_older_dashboard_is_replaced_as_a_whole(tmp_path: Path, moments: list[Moment]) -> None:
    out = site(tmp_path, moments[-1:])
    assert (out / "projects" / "recipe-book-2.html").is_file()
    (tmp_path / "again").mkdir()
    out.rename(tmp_path / "again" / "site")
    site(tmp_path / "again", [(START, State())])
    assert list((tmp_path / "again" / "site" / "projects").iterdir()) == []
    assert [path.name for path in (tmp_path / "again").iterdir() if path.name.startswith(".")] == []


def command(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        check=False,
        timeout=120,
        cwd=cwd,
    )


def test_the_command_builds_from_any_git_remote(tmp_path: Path, moments: list[Moment]) -> None:
    bare = branch(tmp_path, moments[-3:])
    done = command(
        "dashboard", "build", "--out", str(tmp_path / "out"), "--state-remote", str(bare), "--since", "1d"
    )
    assert done.returncode == 0, done.stderr
    assert "15 pages from" in done.stderr
    assert len(pages(tmp_path / "out")) == 15


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--since", "3 fortnights"], "expected a time of up to 31 days, for example 12h or 7d"),
        (["--since", "32d"], "expected a time of up to 31 days"),
        (["--branch", "elsewhere"], "there is no state branch yet"),
    ],
)
def test_the_command_says_what_is_wrong(words: list[str], says: str, tmp_path: Path) -> None:
    bare = branch(tmp_path, [(START, State())])
    done = command("dashboard", "build", "--out", str(tmp_path / "out"), "--state-remote", str(bare), *words)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_without_a_remote_the_command_says_how_to_name_one(tmp_path: Path) -> None:
    done = command("dashboard", "build", "--out", "site", cwd=tmp_path)
    assert done.returncode == 2
    assert "give --repository OWNER/NAME" in done.stderr


def test_links_lead_to_the_repository_that_is_named(tmp_path: Path, moments: list[Moment]) -> None:
    bare = branch(tmp_path, moments[-1:])
    words = ("--repository", "acme/fleet", "--state-remote", str(bare))
    assert command("dashboard", "build", "--out", "site", *words, cwd=tmp_path).returncode == 0
    links = read(pages(tmp_path / "site")["projects/recipe-book-2.html"]).links
    assert "https://github.com/acme/fleet/issues/2" in links


def test_issues_are_linked_where_the_repository_is_known(shown: Path) -> None:
    assert f"{HOME}/issues/2" in read(pages(shown)["projects/recipe-book-2.html"]).links


def test_hours_and_forecasts_are_shown_where_they_are_on_record(
    moments: list[Moment], tmp_path: Path
) -> None:
    at, state = moments[-1]
    (tmp_path / "new").mkdir()
    (tmp_path / "old").mkdir()
    new = pages(site(tmp_path / "new", [(at, state)]))
    empty = State()
    old = pages(
        site(tmp_path / "old", [(at, replace(state, hours=empty.hours, predictions=empty.predictions))])
    )
    assert "9 of 12 forecasts of 3 projects" in new["forecasts.html"]
    assert "there is no record" in old["forecasts.html"]
    assert "Tasks that came in, by hour" in new["queues.html"]
    assert "Tasks that came in, by hour" not in old["queues.html"]
    assert "23 attempts: 12 succeeded, 11 failed" in " ".join(read(old["metrics.html"]).text.split())
