"""What is read from GitHub Actions' variables and event files, and what is written back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.adapters.actions import (
    MAX_PAYLOAD,
    MAX_SUMMARY,
    ActionsContext,
    append_summary,
    set_output,
)
from bot.adapters.payloads import read_comment
from bot.domain.errors import UsageError

TOKEN = "ghs_secretsecretsecret"
PAYLOAD: dict[str, Any] = {
    "action": "created",
    "comment": {
        "id": 501,
        "body": "/status",
        "user": {"login": "mona", "type": "User", "id": 1},
        "created_at": "2026-11-23T07:21:42Z",
        "updated_at": "2026-11-23T08:21:42+01:00",
        "html_url": "https://github.com/acme/site/issues/12#issuecomment-501",
        "a_field_of_tomorrow": {"x": 1},
    },
    "issue": {
        "number": 12,
        "title": "An idea",
        "body": None,
        "user": {"login": "hubot", "type": "Bot"},
        "labels": [{"name": "priority:high", "color": "ff0000"}],
        "state": "open",
        "html_url": "https://github.com/acme/site/issues/12",
    },
    "sender": {"login": "mona", "type": "User"},
    "repository": {"full_name": "acme/site", "default_branch": "trunk"},
}
Environ = Callable[..., dict[str, str]]


@pytest.fixture
def environ(tmp_path: Path) -> Environ:
    """The variables of a run; keywords replace one, None takes it away."""

    def make(payload: object = PAYLOAD, **changes: str | None) -> dict[str, str]:
        event = tmp_path / "event.json"
        event.write_text(payload if isinstance(payload, str) else json.dumps(payload), encoding="utf-8")
        values: dict[str, str | None] = {
            "GITHUB_EVENT_NAME": "issue_comment",
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_REPOSITORY": "acme/site",
            "GITHUB_API_URL": "https://git.acme.test/api/v3",
            "GITHUB_SERVER_URL": "https://git.acme.test/",
            "GITHUB_TOKEN": TOKEN,
            "GITHUB_RUN_ID": "9001",
            "GITHUB_RUN_ATTEMPT": "2",
            "GITHUB_OUTPUT": str(tmp_path / "output"),
            "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
            "GITHUB_ACTOR": "mona",
            **changes,
        }
        return {name: value for name, value in values.items() if value is not None}

    return make


def test_a_whole_environment(environ: Environ, tmp_path: Path) -> None:
    context = ActionsContext.from_environ(environ())
    assert context == ActionsContext(
        event_name="issue_comment",
        payload=PAYLOAD,
        repository="acme/site",
        api_url="https://git.acme.test/api/v3",
        graphql_url="https://git.acme.test/api/graphql",
        server_url="https://git.acme.test",
        token=TOKEN,
        run_id=9001,
        run_attempt=2,
        output=tmp_path / "output",
        step_summary=tmp_path / "summary",
        actor="mona",
    )
    assert context.default_branch == "trunk"
    assert TOKEN not in repr(context)


@pytest.mark.parametrize(
    ("ref", "file"),
    [
        ("acme/site/.github/workflows/monitor.yml@refs/heads/main", "monitor.yml"),
        ("acme/site/.github/workflows/look-after.yaml@refs/pull/1/merge", "look-after.yaml"),
        ("other/site/.github/workflows/monitor.yml@refs/heads/main", ""),
        ("acme/site/.github/workflows/../monitor.yml@refs/heads/main", ""),
        ("acme/site/.github/workflows/monitor.yml", ""),
        (None, ""),
    ],
)
def test_a_run_knows_the_file_of_its_workflow(ref: str | None, file: str, environ: Environ) -> None:
    variables = environ(GITHUB_REPOSITORY="acme/site", GITHUB_WORKFLOW_REF=ref)
    assert ActionsContext.from_environ(variables).workflow_file == file


def test_what_may_be_left_out(environ: Environ) -> None:
    absent = (
        "GITHUB_API_URL GITHUB_SERVER_URL GITHUB_RUN_ATTEMPT GITHUB_OUTPUT GITHUB_STEP_SUMMARY GITHUB_ACTOR"
    )
    context = ActionsContext.from_environ(environ({}, **dict.fromkeys(absent.split())))
    assert (context.api_url, context.graphql_url, context.server_url) == (
        "https://api.github.com",
        "https://api.github.com/graphql",
        "https://github.com",
    )
    assert (context.run_attempt, context.output, context.step_summary) == (1, None, None)
    assert (context.actor, context.default_branch) == ("", "")
    set_output(context, "name", "value")
    append_summary(context, "text")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("GITHUB_EVENT_NAME", None, "the event's name"),
        ("GITHUB_EVENT_PATH", None, "the path of the event's JSON file"),
        ("GITHUB_EVENT_PATH", "/nowhere/event.json", "cannot be read"),
        ("GITHUB_EVENT_PATH", "/", "cannot be read"),
        ("GITHUB_EVENT_PATH", "a\0b", "cannot be read"),
        ("GITHUB_REPOSITORY", None, "owner/name"),
        ("GITHUB_REPOSITORY", "site", "owner/name"),
        ("GITHUB_API_URL", "api.github.com", "https://api.github.com"),
        ("GITHUB_API_URL", "https://user:secret@x/", "https://api.github.com"),
        ("GITHUB_SERVER_URL", "x y", "https://github.com"),
        ("GITHUB_TOKEN", None, "the token to act with"),
        ("GITHUB_TOKEN", f"{TOKEN}\n", "the token alone"),
        ("GITHUB_RUN_ID", None, "the run's id"),
        ("GITHUB_RUN_ID", "x", "a whole number"),
        ("GITHUB_RUN_ID", "9" * 5000, "a whole number"),
        ("GITHUB_RUN_ATTEMPT", "0", "a whole number"),
    ],
)
def test_a_variable_that_is_missing_or_wrong(
    name: str, value: str | None, says: str, environ: Environ
) -> None:
    with pytest.raises(UsageError) as raised:
        ActionsContext.from_environ(environ(**{name: value}))
    assert str(raised.value).startswith(name)
    assert says in str(raised.value)
    assert TOKEN not in str(raised.value)
    assert "secret@" not in str(raised.value)


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "3", '{"a": NaN', "[" * 200_000, '{"n": ' + "1" * 5000 + "}"]
)
def test_an_event_that_is_no_json_object(content: str, environ: Environ) -> None:
    with pytest.raises(UsageError, match="GITHUB_EVENT_PATH"):
        ActionsContext.from_environ(environ(content))


def test_an_event_that_is_no_text(environ: Environ, tmp_path: Path) -> None:
    variables = environ()
    (tmp_path / "event.json").write_bytes(b'{"a": "\xff"}')
    with pytest.raises(UsageError, match="not valid JSON"):
        ActionsContext.from_environ(variables)


def test_a_huge_event(environ: Environ, tmp_path: Path) -> None:
    variables = environ()
    content = b'{"a": "' + b"x" * MAX_PAYLOAD + b'"}'
    (tmp_path / "event.json").write_bytes(content)
    with pytest.raises(UsageError, match="more than 25 MB"):
        ActionsContext.from_environ(variables)


def test_a_comment_payload() -> None:
    event = read_comment(PAYLOAD)
    assert event is not None
    comment, issue = event.comment, event.issue
    moment = datetime(2026, 11, 23, 7, 21, 42, tzinfo=UTC)
    assert (event.action, event.sender.login, event.sender.type) == ("created", "mona", "User")
    assert (comment.id, comment.body, comment.user.login) == (501, "/status", "mona")
    assert (comment.created_at, comment.updated_at) == (moment, moment)
    assert not comment.user.is_bot
    assert comment.html_url.endswith("#issuecomment-501")
    assert (issue.number, issue.title, issue.body, issue.state) == (12, "An idea", "", "open")
    assert issue.user.is_bot
    assert issue.labels == {"priority:high"}
    assert not issue.is_pull_request


def test_a_comment_without_body_by_a_deleted_account_on_a_pull_request() -> None:
    event = read_comment(
        {
            **PAYLOAD,
            "comment": {**PAYLOAD["comment"], "body": None, "user": None},
            "issue": {**PAYLOAD["issue"], "pull_request": {"url": "x"}},
        }
    )
    assert event is not None
    assert (event.comment.body, event.comment.user.login) == ("", "ghost")
    assert event.issue.is_pull_request


@pytest.mark.parametrize("absent", ["comment", "issue"])
def test_an_event_about_something_else(absent: str) -> None:
    assert read_comment({key: value for key, value in PAYLOAD.items() if key != absent}) is None


@pytest.mark.parametrize(
    ("payload", "says"),
    [
        ({**PAYLOAD, "comment": {}}, "comment.id"),
        ({**PAYLOAD, "comment": None}, "comment"),
        ({**PAYLOAD, "comment": {**PAYLOAD["comment"], "created_at": "2026-11-23T07:21:42"}}, "created_at"),
        ({**PAYLOAD, "issue": {**PAYLOAD["issue"], "number": "twelve"}}, "issue.number"),
        ({**PAYLOAD, "issue": {**PAYLOAD["issue"], "labels": "x"}}, "issue.labels"),
        ({**PAYLOAD, "action": None}, "action"),
    ],
)
def test_a_damaged_comment_event(payload: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        read_comment(payload)


def _outputs(text: str) -> dict[str, str]:
    """Reads an output file as the runner does: ``name<<delimiter``, lines, the delimiter alone."""
    found: dict[str, str] = {}
    lines = iter(text.split("\n"))
    for line in lines:
        if line:
            name, delimiter = line.split("<<")
            value = list(iter(lambda: next(lines), delimiter))
            found[name] = "\n".join(value)
    return found


def test_outputs_cannot_inject(environ: Environ, tmp_path: Path) -> None:
    context = ActionsContext.from_environ(environ())
    values = {"first": "x\nadmin=yes\nEOF\n", "second_one": "", "third-1": "admin<<EOF\nyes\nEOF"}
    for name, value in values.items():
        set_output(context, name, value)
    assert _outputs((tmp_path / "output").read_text(encoding="utf-8")) == values


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=4))
def test_any_text_survives_as_an_output(environ: Environ, tmp_path: Path, values: list[str]) -> None:
    (tmp_path / "output").unlink(missing_ok=True)
    context = ActionsContext.from_environ(environ())
    expected = {f"name_{index}": value for index, value in enumerate(values)}
    for name, value in expected.items():
        set_output(context, name, value)
    written = (tmp_path / "output").read_bytes().decode("utf-8") if values else ""
    assert _outputs(written) == expected


@pytest.mark.parametrize("name", ["", "a b", "a\nb", "a<<b", "a=b", "1a"])
def test_unusable_output_names(name: str, environ: Environ) -> None:
    with pytest.raises(UsageError, match="cannot name an output"):
        set_output(ActionsContext.from_environ(environ()), name, "x")


def test_a_file_that_cannot_be_written(environ: Environ) -> None:
    context = ActionsContext.from_environ(environ(GITHUB_OUTPUT="/nowhere/output"))
    with pytest.raises(UsageError, match="GITHUB_OUTPUT"):
        set_output(context, "name", "value")


def test_the_summary_grows_up_to_its_limit(environ: Environ, tmp_path: Path) -> None:
    context = ActionsContext.from_environ(environ())
    append_summary(context, "## Done\n\n")
    append_summary(context, "Grüße")
    assert (tmp_path / "summary").read_text(encoding="utf-8") == "## Done\nGrüße\n"
    append_summary(context, "ü" * MAX_SUMMARY)
    append_summary(context, "too late")
    content = (tmp_path / "summary").read_bytes()
    assert MAX_SUMMARY - 2 <= len(content) <= MAX_SUMMARY
    assert content.decode("utf-8").endswith("a step summary holds 1 MiB.\n")
