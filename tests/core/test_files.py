"""The state as files: byte for byte, and refused by name when it does not validate."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.domain import files
from bot.domain.errors import SchemaTooNew, StateInvalid
from bot.domain.state import State
from tests.core.worlds import begun, comment, settled
from tools.generate import ROOT, TEMPLATE, everything

FILES = files.tree(settled(begun(), comment(1, "/dispatch-genesis A page")).state)


def changed(path: str, **keys: object) -> dict[str, bytes]:
    value = json.loads(FILES[path]) | keys
    return {**FILES, path: json.dumps(value).encode()}


def test_a_state_comes_back_as_it_was_written() -> None:
    assert files.tree(files.load(FILES)) == FILES


def test_files_have_sorted_keys_two_spaces_and_a_final_newline() -> None:
    for path, content in FILES.items():
        again = json.dumps(json.loads(content), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
        assert content.decode() == again, path


def test_only_what_changed_is_written() -> None:
    before = settled(begun(), comment(1, "/dispatch-genesis A page")).state
    after = settled(before, comment(2, "/status")).state
    assert sorted(files.changes(before, after)) == [
        "shared-state/events.json",
        "shared-state/ledger.json",
        "shared-state/metrics/hours.json",
        "shared-state/metrics/watch.json",
        "shared-state/outbox.json",
    ]
    assert files.changes(before, before) == {}


def test_a_file_that_is_gone_is_deleted() -> None:
    state = files.load(FILES)
    assert files.changes(state, State(events=state.events))["shared-state/instances/dev-01.json"] is None


@pytest.mark.parametrize(
    ("path", "keys", "says"),
    [
        ("shared-state/ledger.json", {"next_lease": "many"}, r"ledger\.json: key 'next_lease'"),
        ("shared-state/ledger.json", {"surprise": 1}, r"ledger\.json: key 'surprise'"),
        ("shared-state/instances/dev-01.json", {"status": "lazy"}, r"dev-01\.json: key 'status'"),
        ("shared-state/instances/dev-01.json", {"id": "dev-09"}, r"dev-01\.json: key 'id' is 'dev-09'"),
        (
            "shared-state/projects/a-page-1/status.json",
            {"tasks": [{}]},
            r"a-page-1/status\.json: key 'tasks\.0\.",
        ),
    ],
)
def test_what_does_not_validate_is_refused_with_file_and_key(
    path: str, keys: dict[str, object], says: str
) -> None:
    with pytest.raises(StateInvalid, match=says):
        files.load(changed(path, **keys))


def test_text_that_is_no_json_is_refused_with_its_file() -> None:
    with pytest.raises(StateInvalid, match=r"outbox\.json: key '\(the whole file\)'"):
        files.load({**FILES, "shared-state/outbox.json": b"{"})


def test_a_newer_schema_is_refused_with_what_to_do() -> None:
    with pytest.raises(SchemaTooNew, match=r"ledger\.json: key 'schema' is 2, this program knows up to 1"):
        files.load(changed("shared-state/ledger.json", schema=2, invention=True))


def test_an_unknown_queue_is_refused() -> None:
    with pytest.raises(StateInvalid, match="expected one of genesis-queue"):
        files.load({**FILES, "shared-state/queues/design-queue/items.json": b"{}"})


def test_what_is_not_of_the_state_is_left_alone() -> None:
    assert files.load({**FILES, "README.md": b"\xff", "schemas/x.json": b"no"}) == files.load(FILES)


@pytest.mark.parametrize("path", sorted(everything()))
def test_generated_files_agree_with_the_code(path: str) -> None:
    assert (ROOT / path).read_bytes() == everything()[path], "run `make generate`"


def test_the_template_holds_nothing_else() -> None:
    known = {*everything(), f"{TEMPLATE}/README.md"}
    present = {
        path.relative_to(ROOT).as_posix() for path in Path(ROOT / TEMPLATE).rglob("*") if path.is_file()
    }
    assert present - known == set()


def test_the_order_in_which_files_are_read_decides_nothing() -> None:
    said = [comment(number, f"/dispatch-genesis Idea {number}", issue=number) for number in range(1, 12)]
    tree = files.tree(settled(begun(), *said).state)
    there, back = (files.load(dict(sorted(tree.items(), reverse=turned))) for turned in (False, True))
    assert list(there.projects) == list(back.projects)
    assert len(there.projects) == 11
