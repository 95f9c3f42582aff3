"""Replies as people read them: snapshots, bounds, and text of people that stays text."""

from __future__ import annotations

import re

import cmarkgfm
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from bot.render.text import LIMIT, block, code, escape, table
from tests.core.worlds import (
    assignments,
    begun,
    claimed,
    comment,
    published,
    replies,
    reply_to,
    reported,
    settled,
)


def test_dispatch_genesis() -> None:
    assert reply_to(begun(), "/dispatch-genesis A page --stack web") == snapshot("""\
**A page** is project `a-page-1`, on #1.

- Assigned to `genesis-02` of 3 idle workers, because its specialty is standard.
- Priority **normal**, size **standard**, stack `web`.
- The idea is the text after the command.
- Genesis scaffolds a repository and files its issues; you will be told here.

<sub>Acted on: Queues: genesis 0, development 0, content 0, review 0 · 11 workers: 11 idle</sub>\
""")


def test_status_of_a_fleet_at_work() -> None:
    state = settled(
        begun(), comment(1, "/dispatch-genesis A page\n/dispatch-genesis B page --priority high")
    ).state
    (reply,) = replies(settled(state, comment(90, "/status")))
    assert reply == snapshot("""\
🟢 **All well:** 2 tasks running, and nothing needs a person.

This issue's own project: `/status a-page-1`

| queue | waiting | oldest wait | median time | workers | utilisation, last 24 h |
| --- | --- | --- | --- | --- | --- |
| genesis | 0 | – | 15 min (assumed: too few done) | 3 workers: 1 idle, 2 busy | 66% |
| development | 0 | – | 30 min (assumed: too few done) | 5 workers: 5 idle | 0% |
| content | 0 | – | 20 min (assumed: too few done) | 3 workers: 3 idle | 0% |
| review | 0 | – | – | people | – |

**Bottleneck:** none, because no task waits for a worker.

**Running:** 2 tasks

| task | worker | running for | expected end |
| --- | --- | --- | --- |
| `a-page-1.genesis` | `genesis-01` | 1 min, not started yet | in about 14 min |
| `b-page-1.genesis` | `genesis-02` | 1 min, not started yet | in about 14 min |

**Last 24 h:** no project complete, no task ended.

**Commands, last 24 h:** 0 of 2 unanswered.

**2 open projects** (`/status <project-id>` tells about one)

| project | issue | title | stage | status | priority | tasks done |
| --- | --- | --- | --- | --- | --- | --- |
| `b-page-1` | being filed | B page | genesis | active | high | 0 of 1 |
| `a-page-1` | #1 | A page | genesis | active | normal | 0 of 1 |\
""")


def test_queues() -> None:
    state = begun()
    for number in range(1, 6):
        state = settled(state, comment(number, f"/dispatch-genesis Idea {number}", issue=number)).state
    (reply,) = replies(settled(state, comment(400, "/queues")))
    assert reply == snapshot("""\
**genesis** · 2 waiting · a task takes about 15 min (assumed until enough are done)

|  | task | priority | waiting | attempts | specialty | expected start |
| --- | --- | --- | --- | --- | --- | --- |
| 1 | `idea-4-4.genesis` | normal | 6 min | 0 | standard | in about 9 min |
| 2 | `idea-5-5.genesis` | normal | 6 min | 0 | standard | in about 9 min |

**development** · empty

**content** · empty

**review** · empty\
""")


def test_instances() -> None:
    assert reply_to(begun(), "/instances") == snapshot("""\
11 workers: 11 idle.

| worker | workflow | state | load | last heartbeat | specialties | region | done | failed | utilisation |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
| `content-01` | content | idle | – | – | documentation | – | 0 | 0 | 0% |
| `content-02` | content | idle | – | – | marketing | – | 0 | 0 | 0% |
| `content-03` | content | idle | – | – | social | – | 0 | 0 | 0% |
| `dev-01` | development | idle | – | – | tests | – | 0 | 0 | 0% |
| `dev-02` | development | idle | – | – | feature | – | 0 | 0 | 0% |
| `dev-03` | development | idle | – | – | review | – | 0 | 0 | 0% |
| `dev-04` | development | idle | – | – | deployment | – | 0 | 0 | 0% |
| `dev-05` | development | idle | – | – | performance | – | 0 | 0 | 0% |
| `genesis-01` | genesis | idle | – | – | large | – | 0 | 0 | 0% |
| `genesis-02` | genesis | idle | – | – | standard | – | 0 | 0 | 0% |
| `genesis-03` | genesis | idle | – | – | quick | – | 0 | 0 | 0% |

Utilisation: the part of the last 24 h in which it held a task (attempts that ended, and its present one); for a younger worker, of the time since it was created.\
""")


def test_help() -> None:
    assert reply_to(begun(), "/help") == snapshot("""\
**Projects**

- `/dispatch-genesis [input] [--size large|standard|quick] [--stack NAME] [--region NAME] [--priority urgent|high|normal|low] [--file PATH]` – queue a new project for Genesis, or several from a list *(write)*
- `/trigger-development repo-url` – start development of a repository *(write)*
- `/trigger-content [project-id] [--force]` – start the content of a deployed project *(write)*
- `/approve [project-id]` – let a project go on that waits for a person's approval, or for money *(maintain)*
- `/resume [project-id]` – let a stopped project go on *(write)*
- `/retry [task-or-project]` – take work out of review and try it again *(write)*
- `/discard [task-or-project]` – drop a task or a whole project *(write)*

**Emergencies**

- `/emergency-stop [project-id] [--reason TEXT]` – halt all work on a project at once, or on everything *(write)*
- `/emergency-scale-up all|genesis|development|content [--for TIME]` – let workflows go up to their emergency limit for a while *(write)*
- `/priority-triage urgent|high|normal|off` – assign only work of a priority and above, until the queues are short again *(write)*
- `/alert-administrators reason [details]` – call the configured administrators in an issue of its own *(write)*
- `/incident-report [about] [details] [--since DURATION]` – file a report of what happened: impact, times, factors, open actions, timeline *(write)*

**Queues**

- `/queues [genesis|development|content|review]` – show every queue in order, with expected starts *(triage)*
- `/assign genesis|development|content [project-id] worker-id [--force]` – give a project's next ready task to a worker *(write)*
- `/rebalance [genesis|development|content]` – spread reserved work, and work that has not begun, again *(write)*
- `/priority [project-id] urgent|high|normal|low` – change how soon a project's work is wanted *(write)*
- `/pause [genesis|development|content]` – assign no more tasks of a workflow, or of all; running work goes on *(write)*
- `/unpause [genesis|development|content]` – assign the tasks of a paused workflow again, or of all *(write)*

**Workers**

- `/instances [genesis|development|content]` – list all workers and what they do *(triage)*
- `/health worker-id` – check one worker's health *(triage)*
- `/health-check [all|genesis|development|content]` – check every worker's health *(triage)*
- `/restart worker-id` – restart a failed or stuck worker *(write)*
- `/restart-failed-instances` – restart every worker that has failed *(write)*
- `/scale-up genesis|development|content [n]` – add workers to a workflow *(write)*
- `/scale-down genesis|development|content [n] [--drain]` – take idle workers away from a workflow *(write)*

**Monitoring**

- `/status [project-id]` – show how the whole system is doing, or one project *(triage)*
- `/metrics [window]` – compare throughput and quality with the targets *(triage)*
- `/why [task-or-project]` – say why a task waits or went where it went, or why there are so many workers *(triage)*
- `/bottlenecks` – show what limits the flow, and what would help *(triage)*
- `/forecast [project-id]` – predict when projects will be complete *(triage)*
- `/alerts` – show what is wrong, who is on it, and what was *(triage)*
- `/ack alert-id` – take an alert on, so that others know *(write)*
- `/help [command]` – list the commands, or show one *(triage)*

A command is a line that starts with `/`; a comment may hold several. In brackets: the least role. `/help <command>` shows one with examples.\
""")


def test_help_for_one_command() -> None:
    assert reply_to(begun(), "/help dispatch-genesis") == snapshot("""\
**`/dispatch-genesis [input] [--size large|standard|quick] [--stack NAME] [--region NAME] [--priority urgent|high|normal|low] [--file PATH]`**

Queue a new project for Genesis, or several from a list. Needs the role *write*.

On an issue that carries a project already, the new project gets an issue of its own.

`--file docs/ideas.md` queues a project for each item of the list in that file. Lines below an item belong to it, and it may carry flags of its own; flags of the command count for the others.

- `[input]`: the idea; or a file of this repository, as a path or URL; empty: this issue's text
- `[--size large|standard|quick]`: routes it to a worker for that size
- `[--stack NAME]`: what to build with; left out: Genesis chooses
- `[--region NAME]`: where it should run
- `[--priority urgent|high|normal|low]`: how soon it is wanted
- `[--file PATH]`: a file that lists several ideas: each item of its list is a project

Examples:

- `/dispatch-genesis A web page that says hello and counts clicks` – queues that idea
- `/dispatch-genesis docs/idea.md --size large --priority high` – queues what the file asks for, as a large project, ahead of normal ones\
""")


def test_unknown_command() -> None:
    assert reply_to(begun(), "/dispach foo") == snapshot(
        "There is no command `/dispach`. Did you mean `/dispatch-genesis`? `/help` lists all commands."
    )


def test_unknown_command_in_help() -> None:
    assert reply_to(begun(), "/help sttus") == snapshot(
        "There is no command `/sttus`. Did you mean `/status`? `/help` lists all commands."
    )


def test_wrong_argument() -> None:
    assert reply_to(begun(), "/dispatch-genesis A page --size huge") == snapshot("""\
Not run: given `huge`, expected one of large, standard, quick.

Usage: `/dispatch-genesis [input] [--size large|standard|quick] [--stack NAME] [--region NAME] [--priority urgent|high|normal|low] [--file PATH]`
For example: `/dispatch-genesis A web page that says hello and counts clicks`\
""")


def test_role_too_low() -> None:
    assert reply_to(begun(), "/dispatch-genesis A page", role="triage", actor="tim") == snapshot(
        "Not run: `/dispatch-genesis` needs the role **write** in this repository, and `tim` has **triage**. Ask somebody with that role to post it, or an administrator to change `commands.roles` in `.github/orchestrator.yml`."
    )


def test_several_commands_have_one_reply() -> None:
    assert reply_to(begun(), "/nope\n/help help") == snapshot("""\
`/nope`

There is no command `/nope`. `/help` lists all commands.

---

`/help help`

**`/help [command]`**

List the commands, or show one. Needs the role *triage*.

- `[command]`: the command to show in full

Examples:

- `/help` – lists all commands
- `/help dispatch-genesis` – shows one with its arguments\
""")


def test_genesis_is_done() -> None:
    state = settled(begun(), comment(1, "/dispatch-genesis A page")).state
    (held,) = assignments(state)
    state = settled(state, claimed(held)).state
    state = settled(state, reported(held)).state
    (notice,) = replies(settled(state, published(held)))
    assert notice == snapshot("""\
**Scaffolded:** [`acme/a-page-1`](http://hub/acme/a-page-1) (1 file, 1 test run and passed, stack `web`, by `template`).

1 issue filed for Development:

- (not filed) Lay the foundation · MVP, 1 day\
""")


def test_more_commands_than_a_comment_may_hold() -> None:
    reply = reply_to(begun(), "/status\n" * 25)
    assert "5 more commands not run: one comment may hold 20" in reply
    assert len(reply) <= LIMIT


def test_a_reply_is_cut_by_rows_and_says_so() -> None:
    state = begun()
    for number in range(1, 60):
        lines = "\n".join(f"/dispatch-genesis {'long words ' * 8}{number}.{n}" for n in range(20))
        state = settled(state, comment(number, lines, issue=number)).state
    (reply,) = replies(settled(state, comment(9_000, "/status\n/queues")))
    assert len(reply) <= LIMIT
    assert re.search(r"… and \d+ more that do not fit", reply)
    assert len(state.projects) == 59 * 20


def shown(markdown: str) -> str:
    """What a reader sees: rendered as GitHub does, tags and entities taken away."""
    html = cmarkgfm.github_flavored_markdown_to_html(markdown)
    assert not re.search(r"<(script|img|a|iframe|b|h1|input)\b", html), html
    text = re.sub(r"<[^>]*>", "", html)
    for entity, sign in {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&amp;": "&"}.items():
        text = text.replace(entity, sign)
    return text.strip()


HOSTILE = [
    "<script>alert(1)</script>",
    "<b>bold</b> **bold** _it_ `code` [a](http://b) ![i](http://c)",
    "# heading",
    "> quote",
    "- list",
    "1. list",
    "a | b | c",
    "&lt;b&gt; &amp; &copy;",
    "~~gone~~ $(rm -rf) `id` ::set-output name=x::y",
    "<!-- hidden -->",
    "http://evil.example www.evil.example",
    "\\*escaped\\*",
    "+ plus",
    "== setext ==",
]


def test_text_of_people_shows_as_typed_wherever_it_is_repeated() -> None:
    for text in HOSTILE:
        assert shown(escape(text)).replace("\u200b", "") == " ".join(text.split())
        assert shown(f"x {escape(text)} y").replace("\u200b", "") == f"x {' '.join(text.split())} y"
        in_table = table(["a", "b"], [[escape(text), code(text)]])
        assert cmarkgfm.github_flavored_markdown_to_html(in_table).count("<td>") == 2


@given(st.text(min_size=1, max_size=200))
def test_no_text_mentions_links_or_becomes_html(text: str) -> None:
    for rendered in (escape(text), code(text), block(text)):
        html = cmarkgfm.github_flavored_markdown_to_html(
            f"x {rendered}" if "\n" not in rendered else rendered
        )
        assert not re.search(r"<(?!/?(p|code|pre|br|em|strong|del)\b)", html)
    assert not re.search(r"@\w", escape(text))
    assert not re.search(r"#\d", escape(text))


@given(st.text(max_size=300))
def test_a_block_cannot_be_closed_from_inside(text: str) -> None:
    html = cmarkgfm.github_flavored_markdown_to_html(block(text) + "\n\nafter")
    assert html.count("<pre") == 1
    assert html.rstrip().endswith("<p>after</p>")
