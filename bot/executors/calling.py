"""One call of an agent: its argv, its environment, its limits, and everything that it prints."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.failures import FailureKind
from bot.domain.profiles import Profile
from bot.executors.answers import Answer, Listener
from bot.executors.area import Area, DiskWatch, environment
from bot.executors.contained import Bounds, run
from bot.executors.transcript import Transcript

_PLACEHOLDER = re.compile(
    r"\{(prompt|prompt_file|project|input|result|usage|model|turns|dollars|credits|session)\}"
)
_FEWEST_CREDITS = 30
"""What Copilot accepts at least; a credit is a cent."""


@dataclass(frozen=True, slots=True)
class Given:
    """What differs from call to call."""

    prompt: str
    session: str
    """The session that is gone on with; empty for a new one."""
    seconds: float
    dollars: float
    """What is left; counts only where the profile limits it."""


def call(
    command: tuple[str, ...],
    profile: Profile,
    area: Area,
    environ: Mapping[str, str],
    transcript: Transcript,
    given: Given,
) -> Answer:
    """Run an agent to its end or to a limit; nothing of it runs afterwards."""
    area.prompt.write_text(given.prompt, encoding="utf-8")
    area.usage.unlink(missing_ok=True)
    listener = Listener(profile, area.usage)

    def out(line: bytes) -> None:
        listener.out(line)
        transcript.add(line)

    def err(line: bytes) -> None:
        listener.err(line)
        transcript.add(line)

    ended = run(
        argv(command, profile, area, given),
        folder=area.project,
        environment=environment(profile, area, environ),
        prompt=area.prompt if profile.prompt == "stdin" else None,
        bounds=_bounds(profile, area, listener, given),
        out=out,
        err=err,
    )
    transcript.note(
        f"[exit code {ended.exit_code} after {ended.seconds:.1f} s, {ended.output:,} bytes of output]"
    )
    return listener.answer(ended)


def _bounds(profile: Profile, area: Area, listener: Listener, given: Given) -> Bounds:
    """Turns and money are watched where the agent has no flag for them: its own limit is the more exact."""
    limits = profile.limits
    disk = DiskWatch(area.root, limits.disk_megabytes * 1_000_000)
    turns = limits.turns if "turns" not in profile.flags else None
    dollars = given.dollars if limits.dollars is not None and "dollars" not in profile.flags else None

    def passed() -> FailureKind | None:
        if turns is not None and listener.turns > turns:
            return FailureKind.TURNS
        if dollars is not None and listener.cost > dollars:
            return FailureKind.BUDGET
        return FailureKind.DISK if disk.full() else None

    return Bounds(given.seconds, limits.output_megabytes * 1_000_000, passed)


def argv(command: tuple[str, ...], profile: Profile, area: Area, given: Given) -> list[str]:
    """The words of the call, each placeholder filled in once: what is filled in is never looked at again."""
    limits = profile.limits
    values = {
        "prompt": given.prompt,
        "prompt_file": str(area.prompt),
        "project": str(area.project),
        "input": str(area.input),
        "result": str(area.result),
        "usage": str(area.usage),
        "session": given.session,
        "model": profile.model,
        "turns": str(limits.turns or ""),
        "dollars": f"{given.dollars:.2f}" if limits.dollars else "",
        "credits": str(max(int(given.dollars * 100), _FEWEST_CREDITS)),
    }
    flags = [part for name, words in profile.flags.items() if values[name] for part in words]
    whole = [part for word in command for part in (flags if word == "{flags}" else [word])]
    return [_PLACEHOLDER.sub(lambda match: values[match.group(1)], word) for word in whole]
