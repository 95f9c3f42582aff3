"""Worker processes on machines of their own, read from their slots' files."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.instances import Instance


def slots_of(workers: Iterable[Instance], process: str) -> list[Instance]:
    """The workers that are slots of a process, in the order of their numbers."""
    mine = [one for one in workers if one.kind == "external" and one.process == process]
    return sorted(mine, key=lambda one: (len(one.id), one.id))


def start_command(workers: Iterable[Instance], process: str) -> str:
    """What starts a process again on its machine."""
    slots = slots_of(workers, process)
    first = slots[0]
    words = [f"orchestrator worker --id {process} --workflow {first.workflow}"]
    words += [f"--specialty {one}" for one in first.specialties]
    words += [f"--region {first.region}"] if first.region else []
    words += [f"--slots {len(slots)}"] if len(slots) > 1 else []
    return " ".join(words)
