"""The archive branch's files, read: to bring a project back, and to judge whether they are right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import ValidationError

from bot.domain.archive import FOLDER, Record
from bot.domain.errors import StateInvalid, UsageError
from bot.domain.state import State


def find(id_: str, state: State, archived: Mapping[str, bytes]) -> Record:
    """A project's file. Raises UsageError where there is none, StateInvalid where it is damaged."""
    if id_ in state.projects:
        raise UsageError(f"{id_} is in the state, not in the archive: `/status {id_}` tells about it")
    paths = [path for path in archived if path.startswith(FOLDER) and path.endswith(f"/{id_}.json")]
    if not paths:
        listed = ", ".join(one.id for one in state.archived.items[-3:])
        raise UsageError(
            f"the archive has no project {id_!r}" + (f"; the latest in it are {listed}" if listed else "")
        )
    return read(paths[-1], archived[paths[-1]])


def read(path: str, content: bytes) -> Record:
    """One file of the archive. Raises StateInvalid."""
    try:
        record = Record.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = ".".join(str(part) for part in first["loc"]) or "(the whole file)"
        raise StateInvalid(f"{path} of the archive branch: key '{key}': {first['msg']}") from None
    if record.path != path:
        raise StateInvalid(f"{path} of the archive branch says that its place is {record.path}")
    return record


def problems(
    state: State, archived: Mapping[str, bytes], expected: Mapping[str, bytes | None]
) -> Iterator[str]:
    """What is wrong with the archive branch, as sentences.

    ``expected``: of files that the judged commits have put there or taken away, what they have to be.
    """
    for path, content in sorted(expected.items()):
        if content is None and path in archived:
            yield f"{path} is still there, although its project is back in the state"
        elif content is not None and path not in archived:
            yield f"{path} is not there, although its project has left the state"
        elif content is not None and archived[path] != content:
            yield f"{path} is not what the state held when the project left"
    for left in state.archived.items:
        if left.path not in archived and left.path not in expected:
            yield f"{left.path} is not there, although archived.json lists it"
    for path, content in sorted(archived.items()):
        if not path.startswith(FOLDER):
            yield f"{path} does not belong there"
            continue
        try:
            record = read(path, content)
        except StateInvalid as error:
            yield str(error)
            continue
        if record.project.id in state.projects:
            yield f"{path} is there, although the state holds {record.project.id}"
    there = sum(path.startswith(FOLDER) for path in archived)
    if there != state.archived.count:
        yield f"it holds {there} projects, and archived.json counts {state.archived.count}"
