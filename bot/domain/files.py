"""The state as files: which file holds what, byte for byte, and how each is read back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import to_json

from bot.domain.archive import Archived
from bot.domain.base import SCHEMA, Document
from bot.domain.config import Config
from bot.domain.controls import Controls, Journal
from bot.domain.effects import Outbox
from bot.domain.errors import SchemaTooNew, StateInvalid
from bot.domain.events.batch import Batch
from bot.domain.hours import Hours
from bot.domain.incidents import Incident
from bot.domain.instances import Instance
from bot.domain.ledger import Ledger
from bot.domain.models import Project, Queue
from bot.domain.moves import Moves
from bot.domain.outputs import ContentOutput, DevelopmentProgress, GenesisOutput
from bot.domain.predictions import Predictions
from bot.domain.records import Alerts, Recent
from bot.domain.showing import Showing
from bot.domain.state import State
from bot.domain.usage import Usage
from bot.domain.vocabulary import QueueName
from bot.domain.watch import Watch

ROOT = "shared-state/"
D = TypeVar("D", bound=Document)

SINGLE: dict[str, tuple[str, type[Document]]] = {
    "ledger": ("ledger.json", Ledger),
    "outbox": ("outbox.json", Outbox),
    "events": ("events.json", Batch),
    "config": ("config.json", Config),
    "controls": ("controls.json", Controls),
    "alerts": ("alerts.json", Alerts),
    "journal": ("journal.json", Journal),
    "recent": ("metrics/recent.json", Recent),
    "watch": ("metrics/watch.json", Watch),
    "scaling": ("scaling.json", Moves),
    "usage": ("metrics/usage.json", Usage),
    "hours": ("metrics/hours.json", Hours),
    "predictions": ("metrics/forecasts.json", Predictions),
    "showing": ("showing.json", Showing),
    "archived": ("archived.json", Archived),
}
"""Field of ``State`` → the file that holds it and its model."""

PER_PROJECT: dict[str, tuple[str, type[Document]]] = {
    "projects": ("status.json", Project),
    "genesis": ("genesis-output.json", GenesisOutput),
    "development": ("development-progress.json", DevelopmentProgress),
    "content": ("content-output.json", ContentOutput),
}
"""Field of ``State`` → the file in each project's directory and its model."""

PER_ID: dict[str, type[Document]] = {"instances": Instance, "incidents": Incident}
"""Field of ``State``, which is also its folder → the model of the files in it, each named by its id."""


def dump(model: Document) -> bytes:
    """A model as its file's bytes: sorted keys, two-space indent, a final newline, UTF-8."""
    values = model.model_dump(mode="json", exclude_defaults=model.sparse)
    return bytes(to_json(_sorted({"schema": model.schema_version} | values), indent=2)) + b"\n"


_NESTING = (dict, list)


def _sorted(value: Any) -> Any:  # noqa: ANN401 - JSON is of any type
    """Calls itself only for what nests: nearly everything in a large state is a string."""
    if isinstance(value, dict):
        pairs = sorted(value.items())  # no two keys are equal, so values are never compared
        return {key: _sorted(one) if isinstance(one, _NESTING) else one for key, one in pairs}
    return [_sorted(one) if isinstance(one, _NESTING) else one for one in value]


def load(files: Mapping[str, bytes]) -> State:
    """Read a tree of files into a state; what is not under ``shared-state/`` is left alone.

    Raises StateInvalid naming the file and the key, SchemaTooNew for a newer program's state.
    """
    single = {path: (name, model) for name, (path, model) in SINGLE.items()}
    per_project = {path: (name, model) for name, (path, model) in PER_PROJECT.items()}
    fields: dict[str, Any] = {name: {} for name in (*PER_PROJECT, *PER_ID)}
    queues = {name: Queue() for name in QueueName}
    for path, content in sorted(files.items()):  # what is decided must not follow from the order of reading
        if not path.startswith(ROOT):
            continue
        match path.removeprefix(ROOT).split("/"):
            case ["projects", project, file] if file in per_project:
                name, model = per_project[file]
                fields[name][project] = _read(path, content, model)
            case [folder, file] if folder in PER_ID and file.endswith(".json"):
                fields[folder][file.removesuffix(".json")] = _read(path, content, PER_ID[folder])
            case ["queues", directory, "items.json"]:
                queues[_queue_name(path, directory)] = _read(path, content, Queue)
            case rest if "/".join(rest) in single:
                name, model = single["/".join(rest)]
                fields[name] = _read(path, content, model)
    _match_names(fields["projects"], "projects/{}/status.json")
    for folder in PER_ID:
        _match_names(fields[folder], folder + "/{}.json")
    return State(queues=queues, **fields)


def _match_names(models: Mapping[str, Any], path: str) -> None:
    for name, model in models.items():
        if model.id != name:
            raise StateInvalid(
                f"{ROOT}{path.format(name)}: key 'id' is {model.id!r}, but the file's place says {name!r}. "
                "Restore the file from the branch's history."
            )


def _queue_name(path: str, directory: str) -> QueueName:
    try:
        return QueueName(directory.removesuffix("-queue"))
    except ValueError:
        expected = ", ".join(f"{name}-queue" for name in QueueName)
        raise StateInvalid(f"{path}: there is no such queue; expected one of {expected}.") from None


def _read(path: str, content: bytes, model: type[D]) -> D:
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        found = _schema_of(content)
        if found is not None and found > SCHEMA:
            raise SchemaTooNew(
                f"{path}: key 'schema' is {found}, this program knows up to {SCHEMA}. "
                "Use the version of orchestrator that wrote the state, or a newer one."
            ) from None
        first = error.errors(include_url=False, include_input=False)[0]
        key = ".".join(str(part) for part in first["loc"]) or "(the whole file)"
        raise StateInvalid(
            f"{path}: key '{key}': {first['msg']}. "
            "Restore the file from the branch's history, then run it again."
        ) from None


def _schema_of(content: bytes) -> int | None:
    try:
        value = json.loads(content)["schema"]
    except (ValueError, KeyError, TypeError):
        return None
    return value if isinstance(value, int) else None


def tree(state: State) -> dict[str, bytes]:
    """Every file of a state."""
    return {path: dump(model) for path, model in _documents(state)}


def changes(old: State, new: State) -> dict[str, bytes | None]:
    """The files that differ, with their new bytes; None where a file is gone.

    Untouched models are recognised by identity, so the cost is that of what changed.
    """
    before = dict(_documents(old))
    after = dict(_documents(new))
    written: dict[str, bytes | None] = {
        path: dump(model)
        for path, model in after.items()
        if before.get(path) is not model and before.get(path) != model
    }
    return written | dict.fromkeys(before.keys() - after.keys())


def _documents(state: State) -> Iterator[tuple[str, Document]]:
    for name, (path, _) in SINGLE.items():
        model = getattr(state, name)
        if model is not None:
            yield ROOT + path, model
    for name, (path, _) in PER_PROJECT.items():
        for project, model in getattr(state, name).items():
            yield f"{ROOT}projects/{project}/{path}", model
    for folder in PER_ID:
        for id_, model in getattr(state, folder).items():
            yield f"{ROOT}{folder}/{id_}.json", model
    for queue_name, queue in state.queues.items():
        yield f"{ROOT}queues/{queue_name}-queue/items.json", queue
