"""``/pause`` and ``/unpause``, from the comment to the reply."""

from __future__ import annotations

import pytest
from inline_snapshot import snapshot

from bot.domain.state import State
from bot.domain.vocabulary import Workflow
from tests.commands.desk import Desk
from tests.core.worlds import assignments


def paused(desk: Desk) -> list[Workflow]:
    return [one.workflow for one in desk.state().controls.paused]


def test_pause_a_workflow(desk: Desk, fleet: State) -> None:
    assert desk.say("/pause development") == snapshot("""\
**Paused: development.** No task of it is assigned from now on.

- 5 running tasks go on to the end: `photo-sorter-1.part-1.tests`, `photo-sorter-1.part-2.tests`, `photo-sorter-1.part-3.tests`, `photo-sorter-1.part-4.tests`, `photo-sorter-1.part-5.tests`.
- 2 tasks wait.
- `/unpause development` starts it again.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")
    assert paused(desk) == [Workflow.DEVELOPMENT]
    assert assignments(desk.state()) == assignments(fleet)


def test_pause_everything_where_one_is_paused_already(desk: Desk) -> None:
    desk.say("/pause content", "max")
    desk.wait(minutes=12)
    assert desk.say("/pause") == snapshot("""\
**Paused: genesis and development.** No task of them is assigned from now on. **Content** is paused already, for 12 min, by `max`.

- 8 running tasks go on to the end: `bird-song-5.genesis`, `photo-sorter-1.part-1.tests`, `photo-sorter-1.part-2.tests`, `photo-sorter-1.part-3.tests`, `photo-sorter-1.part-4.tests`, `photo-sorter-1.part-5.tests`, `star-map-6.genesis`, `tide-table-4.genesis`.
- 3 tasks wait.
- `/unpause` starts all of them again, `/unpause <workflow>` one.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy · paused: content</sub>\
""")
    assert set(paused(desk)) == set(Workflow)


def test_pause_what_is_paused(desk: Desk) -> None:
    desk.say("/pause development", "max")
    desk.wait(minutes=3)
    assert desk.say("/pause development") == snapshot("""\
**Development** is paused already, for 3 min, by `max`.

- `/unpause development` starts it again.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy · paused: development</sub>\
""")
    assert paused(desk) == [Workflow.DEVELOPMENT]


def test_a_new_project_waits_while_genesis_is_paused(desk: Desk) -> None:
    desk.say("/pause genesis")
    desk.say("/dispatch-genesis A kite shop --priority urgent", issue=8)
    assert desk.say("/unpause genesis\n/dispatch-genesis A second shop", issue=8) == snapshot("""\
`/unpause genesis`

- **Going again: genesis**, after a pause of 0 s by `wendy`.

No task was assigned at once. 3 tasks wait.

<sub>Acted on: Queues: genesis 2, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy · paused: genesis</sub>

---

`/dispatch-genesis A second shop`

**A second shop** is project `a-second-shop-8`, on an issue of its own, which is being filed now.

- Queued for genesis: 1 task ahead of it; no worker is idle.
- Priority **normal**, size **standard**.
- The idea is the text after the command.
- Genesis scaffolds a repository and files its issues; you will be told here.

<sub>Acted on: Queues: genesis 2, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")


def test_the_status_line_of_other_replies_shows_what_is_paused(desk: Desk) -> None:
    desk.say("/pause content\n/pause genesis\n/priority-triage high")
    assert desk.say("/unpause development").splitlines()[-1] == snapshot(
        "<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy · paused: content and genesis · triage: `high` and above</sub>"
    )


def test_unpause(desk: Desk) -> None:
    desk.say("/pause", "max")
    desk.wait(minutes=12)
    assert desk.say("/unpause content") == snapshot("""\
- **Going again: content**, after a pause of 12 min by `max`.

No task was assigned at once. Nothing waits.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy · paused: genesis, development and content</sub>\
""")
    assert set(paused(desk)) == {Workflow.GENESIS, Workflow.DEVELOPMENT}
    assert desk.say("/unpause") == snapshot("""\
- **Going again: genesis**, after a pause of 12 min by `max`.
- **Going again: development**, after a pause of 12 min by `max`.

No task was assigned at once. 3 tasks wait.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy · paused: genesis and development</sub>\
""")
    assert paused(desk) == []


def test_unpause_what_is_not_paused(desk: Desk) -> None:
    assert desk.say("/unpause development") == snapshot("""\
Nothing to do: development is not paused.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")
    assert desk.say("/unpause") == snapshot("""\
Nothing to do: genesis, development and content are not paused.

<sub>Acted on: Queues: genesis 1, development 2, content 0, review 1 · 11 workers: 1 idle, 10 busy</sub>\
""")


def test_a_workflow_that_is_none(desk: Desk) -> None:
    assert desk.say("/pause developmnt") == snapshot("""\
Not run: given `developmnt`, expected one of genesis, development, content.

Usage: `/pause [genesis|development|content]`
For example: `/pause development`\
""")
    assert desk.say("/unpause none") == snapshot("""\
Not run: given `none`, expected one of genesis, development, content.

Usage: `/unpause [genesis|development|content]`
For example: `/unpause development`\
""")


def test_too_many_arguments(desk: Desk) -> None:
    assert desk.say("/pause genesis content") == snapshot("""\
Not run: given `content`, expected at most 1 argument.

Usage: `/pause [genesis|development|content]`
For example: `/pause development`\
""")


@pytest.mark.parametrize("typed", ["/pause genesis", "/unpause"])
def test_too_low_a_role(desk: Desk, typed: str) -> None:
    reply = desk.say(typed, "tim")
    name = typed.partition(" ")[0]
    assert reply.startswith(f"Not run: `{name}` needs the role **write** in this repository, and `tim` has")
    assert paused(desk) == []


@pytest.mark.parametrize("typed", ["/pause genesis", "/unpause"])
def test_a_repeated_delivery_changes_nothing(desk: Desk, typed: str) -> None:
    desk.say("/pause content")
    payload = desk.post(typed)
    before, commits = desk.state(), desk.commits()
    desk.handle(payload)
    assert (desk.state(), desk.commits()) == (before, commits)
    assert len(desk.answers(payload)) == 1
