"""``/approve`` and what shows that something waits for it, as people read it."""

from __future__ import annotations

from inline_snapshot import snapshot

from bot.domain.config import Config, Texts
from bot.domain.guards import Budgets
from tests.commands.desk import Desk
from tests.commands.fleet import NOBODYS, Days
from tests.core.test_gates import BOTH, developed, on_an_issue, scaffolded
from tests.core.test_money import dear_project, dear_task, dear_today
from tests.e2e.people import REPOSITORY


def acted(reply: str) -> str:
    """A reply without the line that tells what it acted on."""
    return reply.partition("\n\n<sub>Acted on")[0]


def head(reply: str, lines: int = 1) -> str:
    return "\n".join(reply.splitlines()[:lines])


def approve(desk: Desk, body: str = "/approve") -> str:
    return acted(desk.say(body, login="ada"))


def about(reply: str, word: str) -> str:
    """The lines that hold a word."""
    return "\n".join(line for line in reply.splitlines() if word in line)


def test_the_question_before_development(desk: Desk) -> None:
    world = Days(BOTH)
    world.say("/dispatch-genesis Idea", issue=1)
    world.do("idea-1.genesis")
    bodies = [one.effect.body for one in world.state.outbox.entries if one.effect.kind == "reply"]
    assert bodies[-1] == snapshot("""\
**Waits for approval:** `idea-1` enters **Development** when somebody approves that.

- Its repository: [`acme/idea-1`](<https://github.example/acme/idea-1>)
- What follows: agents develop its 2 issues, then it is deployed.
- Somebody with the role **maintain** lets it go on: `/approve idea-1`.
- If it shall not: `/emergency-stop idea-1` holds it, `/discard idea-1` drops it.\
""")


def test_the_question_before_content() -> None:
    world = scaffolded(Config(approve=("content",)))
    developed(world)
    bodies = [one.effect.body for one in world.state.outbox.entries if one.effect.kind == "reply"]
    assert bodies[-2:] == snapshot(
        [
            "**Deployed:** https://recipes.example (health check: 200 OK), with 2 features.",
            """\
**Waits for approval:** `idea-1` enters **Content** when somebody approves that.

- Its repository: [`acme/idea-1`](<https://github.example/acme/idea-1>)
- It answers at <https://recipes.example>
- What follows: agents write its documentation, marketing and social texts.
- Somebody with the role **maintain** lets it go on: `/approve idea-1`.
- If it shall not: `/emergency-stop idea-1` holds it, `/discard idea-1` drops it.\
""",
        ]
    )


def test_development_is_approved_by_whoever_may(desk: Desk) -> None:
    desk.put(scaffolded().state)
    desk.wait(minutes=20)
    assert desk.say("/approve", login="wendy") == snapshot(
        "Not run: `/approve` needs the role **maintain** in this repository, and `wendy` has **write**. Ask somebody with that role to post it, or an administrator to change `commands.roles` in `.github/orchestrator.yml`."
    )
    assert approve(desk) == snapshot("""\
**Approved:** `idea-1` may enter Development.

- `idea-1.part-1.tests`: with `dev-01` now
- `idea-1.part-2.tests`: with `dev-02` now
- `idea-1.part-1.feature`: waits for what it depends on
- `idea-1.part-1.review`: waits for what it depends on
- `idea-1.part-2.feature`: waits for what it depends on
- `idea-1.part-2.review`: waits for what it depends on
- `idea-1.deployment`: waits for what it depends on\
""")
    assert approve(desk) == snapshot(
        "Not run: `idea-1` waits for nobody's approval. Development was approved by `ada` (admin) at 2026-11-23 12:30 UTC."
    )
    assert approve(desk, "/approve idea-1") == snapshot(
        "Not run: `idea-1` waits for nobody's approval. Development was approved by `ada` (admin) at 2026-11-23 12:30 UTC."
    )
    assert approve(desk, "/approve idea-9") == snapshot(
        "Not run: there is no project `idea-9`. Did you mean `idea-1`? `/status` lists the projects."
    )


def test_everything_that_shows_a_project_shows_that_it_waits(desk: Desk) -> None:
    desk.put(scaffolded().state)
    desk.wait(minutes=20)
    status = desk.say("/status")
    assert head(status) == snapshot(
        "🔵 **1 project waits for approval: `idea-1`.** `/approve <project-id>` lets one go on."
    )
    assert about(status, "`idea-1` |") == snapshot(
        "| `idea-1` | #1 | Idea | genesis | waits for approval | normal | 1 of 1 |"
    )
    assert desk.say("/status idea-1") == snapshot("""\
**Idea** (`idea-1`): **waits for approval** in the stage **genesis**

Stages: **genesis** 1 of 1 → development → content

- Priority **normal**, size **standard**
- Asked for by `wendy` at 2026-11-23 12:00 UTC, 30 min ago
- Links: #1 · repository [`acme/idea-1`](<https://github.example/acme/idea-1>)
- Used by its attempts: 10 min of work; not told: cost, tokens, turns

**What to do:** It waits for approval before it enters Development. Somebody with the role **maintain** lets it go on with `/approve idea-1` (asked 20 min ago).

**1 task**, 1 over (`/why <task>` explains one)

| task | specialty | status | worker | since / took | attempts | waits for |
| --- | --- | --- | --- | --- | --- | --- |
| `idea-1.genesis` | standard | done | `genesis-02` | took 10 min | 1 | – |

**Timeline** (UTC)

- 2026-11-23 12:00:00 taken in, by `wendy`
- 2026-11-23 12:10:00 `idea-1.genesis` on `genesis-02`: done
- 2026-11-23 12:10:00 waits for approval: development\
""")
    assert desk.say("/why idea-1") == snapshot(
        "**Idea** (`idea-1`) is in the stage **genesis**, **waits for approval**, with the priority **normal**. It waits for approval before it enters Development. Somebody with the role **maintain** lets it go on with `/approve idea-1` (asked 20 min ago)."
    )
    assert desk.say("/queues development") == snapshot("""\
**development** · empty

1 project waits for approval before anything is queued here: `idea-1` (`/approve <project-id>`).\
""")
    assert about(desk.say("/forecast"), "| `idea-1`") == snapshot(
        "| `idea-1` | none | – | waits for approval (`/approve idea-1`) |"
    )
    assert about(acted(desk.say("/emergency-stop idea-1")), "stopped") == snapshot(
        "**Idea** (`idea-1`) is stopped: no new work from now on."
    )
    assert acted(desk.say("/resume idea-1")) == snapshot(
        "**Idea** (`idea-1`) goes on. Its tasks: none is open. It waits for approval before it enters Development. Somebody with the role **maintain** lets it go on with `/approve idea-1` (asked 20 min ago)."
    )
    assert acted(desk.say("/trigger-content idea-1 --force")) == snapshot(
        "Not run: `idea-1` is still in Genesis: there is no repository to write about yet."
    )


def test_content_is_not_started_by_hand_past_its_gate(desk: Desk) -> None:
    desk.put(scaffolded(Config(approve=("content",))).state)
    assert acted(desk.say("/trigger-content idea-1 --force")) == snapshot(
        "Not run: `idea-1` enters Content only when somebody with the role **maintain** approves that (`approve` in `.github/orchestrator.yml`): by `/trigger-content idea-1`, or by `/approve idea-1` once it is deployed."
    )
    assert "begins" in acted(desk.say("/trigger-content idea-1 --force", login="ada"))


def test_labels_follow(desk: Desk) -> None:
    world = Days(BOTH)
    world.say("/dispatch-genesis Idea", issue=1)
    world.do("idea-1.genesis")
    desk.put(world.state)
    desk.wait(minutes=5)
    desk.tick()
    assert "status:waiting" in desk.labels(1)
    approve(desk)
    assert {"stage:development", "status:active"} <= desk.labels(1)


def held_idea() -> Days:
    world = Days(Config(texts=Texts(role="triage")))
    on_an_issue(world, "rita", "read")
    return world


def test_an_idea_of_somebody_whose_role_is_too_low() -> None:
    world = Days(Config(texts=Texts(role="triage")))
    reply, question = on_an_issue(world, "rita", "read")
    assert acted(reply) == snapshot("""\
**Idea** is project `idea-1`, on #1.

- It waits for approval: the idea is by `rita`, whose role is **read**. Somebody with the role **maintain** lets it go on with `/approve idea-1`.
- Priority **normal**, size **standard**.
- The idea is this issue's title and body.
- Genesis scaffolds a repository and files its issues; you will be told here.\
""")
    assert question == snapshot("""\
**Waits for approval:** `idea-1` enters **Genesis** when somebody approves that.

- The idea is by `rita`, whose role is **read**; `texts.role` asks for **triage**.
- Its title: Idea
- What follows: Genesis scaffolds a repository and files its issues.
- Somebody with the role **maintain** lets it go on: `/approve idea-1`.
- If it shall not: `/emergency-stop idea-1` holds it, `/discard idea-1` drops it.\
""")


def test_a_held_idea_in_other_replies(desk: Desk) -> None:
    desk.put(held_idea().state)
    desk.wait(minutes=20)
    assert desk.say("/why idea-1.genesis") == snapshot("""\
**`idea-1.genesis`** (Idea): waits for approval: the idea is by `rita`, whose role is **read**.

What would change it:

- `/approve idea-1` by somebody with the role maintain\
""")
    assert about(desk.say("/status idea-1"), "idea") == snapshot("""\
**Idea** (`idea-1`): **waits for approval** in the stage **genesis**
- Asked for by `ada` at 2026-11-23 12:00 UTC, 20 min ago; the idea is by `rita`, whose role is **read**
**What to do:** It waits for approval: the idea is by `rita`, whose role is **read**. Somebody with the role **maintain** lets it go on with `/approve idea-1` (asked 20 min ago).
| `idea-1.genesis` | standard | waiting | – | – | 0 | approval |\
""")
    assert approve(desk) == snapshot("""\
**Approved:** `idea-1` may enter Genesis.

- `idea-1.genesis`: with `genesis-02` now\
""")


def test_a_dispatch_on_a_stranger_s_issue_looks_their_role_up(desk: Desk) -> None:
    """Through the bot's own path: the issue's author is asked for, once, and kept with the project."""
    world = Days(Config(texts=Texts(role="triage")))
    desk.put(world.state)
    issue = desk.issue("A stranger's page", "It says hello.", login="rita")
    assert "waits for approval: the idea is by `rita`, whose role is" in desk.say(
        "/dispatch-genesis", login="ada", issue=issue
    )
    (found,) = desk.state().projects.values()
    assert (found.idea_author, found.idea_role, found.requester) == ("rita", "read", "ada")


def test_issues_of_strangers_in_another_repository_are_left_out(desk: Desk) -> None:
    desk.put(Days(Config(texts=Texts(role="triage"))).state)
    made = [desk.issue("Blue", login="wendy"), desk.issue("Red", login="rita")]
    for number in made:
        where = f"/repos/{REPOSITORY}/issues/{number}"
        desk.call("ada", "POST", f"{where}/labels", {"labels": ["dev-ready"]})
    told = acted(desk.say(f"/trigger-development {REPOSITORY}", issue=NOBODYS))
    assert about(told, "left out").replace(f"#{made[1]}", "#N") == snapshot(
        "- 1 issue left out, because agents are given no words of people whose role is below **triage** (`texts.role`): #N (by `rita`, role read). Somebody with the role **maintain** takes them in by giving the same command."
    )
    (known,) = desk.state().genesis.values()
    assert made[0] in {issue.number for issue in known.issues}
    assert made[1] not in {issue.number for issue in known.issues}
    for number in made:
        desk.close_issue(number, "ada")


# money


def test_a_project_that_its_budget_holds(desk: Desk) -> None:
    desk.put(dear_project().state)
    assert about(desk.say("/status idea-1-1"), "udget") == snapshot("""\
**What to do:** A budget holds 1 task of it back: a budget is used up: $2.25 of $2.00 spent on `idea-1-1`; it does not free by itself. `/approve idea-1-1` allows as much again, `budgets.spend_per_project` in `.github/orchestrator.yml` allows more.
| `idea-1-1.genesis` | standard | queued | – | 0 s | 1 | held by a budget |\
""")
    assert approve(desk, "/approve idea-1-1") == snapshot("""\
**Approved:** `idea-1-1` may cost more.

- The project: $2.25 of $4.25 spent ($2.25 more than before).

- `idea-1-1.genesis`: with `genesis-03` now\
""")
    assert approve(desk, "/approve idea-1-1") == snapshot(
        "Not run: `idea-1-1` waits for nobody's approval. $2.25 more were allowed by `ada` (admin) at 2026-11-23 12:04 UTC."
    )
    assert about(desk.say("/status idea-1-1"), "$") == snapshot("""\
- Spent on agents: **$2.25** of $4.25
- Used by its attempts: $2.25, 34,567 tokens, 12 turns, 4 min of work
- $2.25 more were allowed by `ada` (admin) at 2026-11-23 12:04 UTC
- 2026-11-23 12:04:00 may cost more: $2.25 more for the project, by `ada`\
""")


def test_a_task_that_is_in_review_for_its_cost(desk: Desk) -> None:
    desk.put(dear_task().state)
    assert about(desk.say("/why idea-1-1.genesis"), "/") == snapshot("""\
**`idea-1-1.genesis`** (Idea 1): in review after 1 attempt: it broke. It is not tried again: its attempts have cost $4.50, and the budget for a task \\(\\`budgets.spend\\_per\\_task\\`\\) is $4.00; \\`/approve idea\\-1\\-1\\` lets it cost as much again.
- `/approve idea-1-1` lets it cost as much again, and tries it again
- `/retry idea-1-1.genesis` gives it another attempt
- `/discard idea-1-1` drops the whole project, which cannot do without it\
""")
    assert approve(desk, "/approve idea-1-1") == snapshot("""\
**Approved:** `idea-1-1` may cost more.

- `idea-1-1.genesis`: $4.50 of $8.50 spent ($4.50 more than before).

- `idea-1-1.genesis`: with `genesis-03` now\
""")


def test_a_day_whose_budget_is_used_up(desk: Desk) -> None:
    desk.put(dear_today().state)
    assert approve(desk, "/approve idea-2-2") == snapshot(
        "Not run: `idea-2-2` waits for nobody's approval. Today's budget for agents is used up: `/approve budget` allows more."
    )
    assert approve(desk, "/approve budget") == snapshot(
        "**Approved:** agents may cost $5.50 more today (UTC): $5.50 of $10.50 spent. Tomorrow the budget is the configured one again."
    )
    assert approve(desk, "/approve budget") == snapshot(
        "Not run: today's budget for agents is not used up: $5.50 of $10.50 spent. $5.50 more were allowed by `ada` (admin) at 2026-11-23 12:04 UTC."
    )
    desk.wait(days=1)
    assert approve(desk, "/approve budget") == snapshot(
        "Not run: today's budget for agents is not used up: $0.00 of $5.00 spent."
    )


def test_a_fleet_without_a_budget_for_the_day(desk: Desk) -> None:
    desk.put(Days(Config(budgets=Budgets(spend_per_day=None))).state)
    assert approve(desk, "/approve budget") == snapshot(
        "Not run: what agents may cost in a day has no limit (`budgets.spend_per_day`)."
    )


def test_metrics_tell_what_was_used_and_what_was_not_told(desk: Desk) -> None:
    desk.put(dear_project().state)
    assert about(desk.say("/metrics"), "Used by") == snapshot(
        "**Used by these attempts:** $2.25, 34,567 tokens, 12 turns, 4 min of work. Today (UTC): $2.25, 34,567 tokens, 12 turns, 4 min of work; the budget for the day is $100.00."
    )
