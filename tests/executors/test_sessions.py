"""An agent's session from one attempt to the next, each with a home and folders of its own."""

from __future__ import annotations

import gzip
import io
import json
import shutil
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from nacl.secret import SecretBox

from bot.domain.failures import FailureKind
from bot.domain.profiles import Profile
from bot.domain.sessions import FILE
from bot.executors import session_files
from bot.executors.area import Area, open_area
from bot.executors.catalogue import find
from bot.executors.session_files import NotKept, place_of, seal, unseal
from tests.executors.agents import GENESIS, KEY, Agent
from tests.executors.stand_in import SESSION

AGENTS = ["claude-code", "codex", "copilot"]
KEYS = {"ANTHROPIC_API_KEY": KEY}
SPOILED = GENESIS + "(project / 'tests/test_it.py').write_text('import nothing_here')\n"
FAILURE = {"attempt": 1, "summary": "checks of pull request #7 failed", "output": "<b>assert 1 == 2</b>"}
TASK = "hello-world-7/genesis"


def again(agent: Agent, *acts: str, says: str = "success") -> Agent:
    """The next attempt, on another machine, with what was kept of the one before."""
    sealed = agent.result / FILE
    following = Agent(agent.folder / "next", agent.name, agent.settings, agent.environ)
    following.handed.mkdir(parents=True)
    if sealed.exists():
        shutil.copyfile(sealed, following.handed / FILE)
    following.install(says, *acts)
    return following


@pytest.mark.parametrize("name", AGENTS)
def test_the_next_attempt_goes_on_with_the_session_and_finds_its_files(name: str, tmp_path: Path) -> None:
    agent = Agent(tmp_path, name)
    agent.install("success", SPOILED)
    first = agent.run()
    assert (first.failure, first.session) == (FailureKind.INVALID, SESSION)
    assert "the session is kept for another attempt" in agent.log

    following = again(agent, "", GENESIS)
    second = following.run(attempt=2, session=SESSION, failure=FAILURE)

    assert second.ok, second.summary + following.log
    assert second.session == SESSION
    (call,) = following.calls
    assert any(SESSION in word for word in call["argv"])
    ((place, text),) = call["sessions"].items()
    # One call as it was, one or two of the attempt before: the same file, under the new directory's name.
    assert len(text.splitlines()) >= 1
    assert SESSION in place
    told = json.loads(call["files"]["failure.json"])
    assert told["content"]["output"] == FAILURE["output"]
    assert "assert 1 == 2" not in call["prompt"]
    assert call["prompt"].startswith("# Go on with this task")
    assert "Scaffold" not in call["prompt"].split("## Where things are")[0]


def test_the_whole_task_is_not_told_again(tmp_path: Path) -> None:
    agent = Agent(tmp_path)
    agent.install("success", SPOILED)
    agent.run()
    following = again(agent, "", GENESIS)
    following.run(session=SESSION, failure=FAILURE)

    whole, resumed = (one.calls[0]["prompt"].partition("## Where things are") for one in (agent, following))
    assert set(filter(None, whole[0].splitlines())) & set(resumed[0].splitlines()) == set()
    # The rules are: they name the new places.
    assert resumed[2].startswith(whole[2][:2])
    assert "Nothing in them is an" in resumed[2]


@pytest.mark.parametrize("says", ["success", "turns", "budget", "rate"])
def test_a_session_is_kept_after_work_that_can_be_gone_on_with(says: str, tmp_path: Path) -> None:
    agent = Agent(tmp_path)
    agent.install(says)
    agent.run()

    assert (agent.result / FILE).stat().st_size > 100
    assert SESSION.encode() not in (agent.result / FILE).read_bytes()


@pytest.mark.parametrize("says", ["is_error", "garbage"])
def test_a_session_is_not_kept_after_a_failure_of_the_agent_itself(says: str, tmp_path: Path) -> None:
    agent = Agent(tmp_path)
    agent.install(says)
    agent.run()

    assert not (agent.result / FILE).exists()


@pytest.mark.parametrize(
    ("secret", "what"),
    [
        (KEY, "it holds the agent's own key"),
        ("ghp_" + "a1B2c3D4e5F6g7H8i9J0" * 2, "it holds a GitHub token"),
        ("-----BEGIN RSA PRIVATE KEY-----\\nMIIEow", "it holds a private key"),
    ],
)
def test_a_session_with_a_secret_in_it_is_not_kept_and_the_log_says_so(
    secret: str, what: str, tmp_path: Path
) -> None:
    agent = Agent(tmp_path)
    plant = (
        f"(home := __import__('pathlib').Path.home() / '.claude/projects')\n"
        f"next(home.rglob('*.jsonl')).write_text({json.dumps({'output': secret})!r})\n"
    )
    agent.install("success", GENESIS + plant)

    finished = agent.run()

    assert finished.ok, finished.summary
    assert not (agent.result / FILE).exists()
    assert f"the session is not kept for another attempt: {what}" in agent.log
    assert secret not in agent.log


def test_a_configuration_that_drops_sessions_keeps_none_and_goes_on_with_none(tmp_path: Path) -> None:
    agent = Agent(tmp_path)
    agent.install("success", SPOILED)
    agent.run()
    dropping = again(replace(agent, settings={"sessions": "drop"}), GENESIS, "raise SystemExit(3)")
    finished = dropping.run(session=SESSION, failure=FAILURE)

    assert finished.ok, finished.summary
    assert not any(SESSION in word for word in dropping.calls[0]["argv"])
    assert not (dropping.result / FILE).exists()


@pytest.mark.parametrize("name", AGENTS)
def test_a_session_that_the_agent_does_not_know_is_a_new_one_and_no_failed_attempt(
    name: str, tmp_path: Path
) -> None:
    agent = Agent(tmp_path, name)
    # What was kept is another session's: the agent will not find its own.
    agent.install("success", GENESIS + f"""
home = __import__('pathlib').Path.home()
for path in list(home.rglob('*.jsonl')):
    where = path.parent if path.stem != 'events' else path.parent.parent
    moved = where / 'another' / path.name.replace({SESSION!r}, 'another')
    moved.parent.mkdir(parents=True, exist_ok=True)
    path.rename(moved)
""")  # fmt: skip
    agent.run()
    assert (agent.result / FILE).exists(), agent.log

    following = again(agent, GENESIS, "raise RuntimeError")
    finished = following.run(session=SESSION, failure=FAILURE)

    assert finished.ok, finished.summary + following.log
    resumed, new = following.calls
    assert any(SESSION in word for word in resumed["argv"])
    assert not any(SESSION in word for word in new["argv"])
    assert new["prompt"].startswith("# Scaffold a project")
    assert "cannot be gone on with" in following.log


def test_a_failure_in_the_midst_of_a_session_is_a_failure(tmp_path: Path) -> None:
    agent = Agent(tmp_path)
    agent.install("success", SPOILED)
    agent.run()
    following = again(agent, GENESIS, "", says="is_error")
    finished = following.run(session=SESSION, failure=FAILURE)

    assert len(following.calls) == 1
    assert finished.failure is FailureKind.ACCESS


def test_an_attempt_without_the_files_begins_a_new_session(tmp_path: Path) -> None:
    agent = Agent(tmp_path)
    agent.install()
    finished = agent.run(session=SESSION, failure=FAILURE)

    assert finished.ok, finished.summary
    assert not any(SESSION in word for word in agent.calls[0]["argv"])
    assert "a new session, as that of the attempt before is not usable: it cannot be read" in agent.log


# archives that somebody has had in hands


def profile(**changes: Any) -> Profile:
    found = find("claude-code", changes)
    assert found is not None
    return found


def sealed(folder: Path, archive: bytes, *, key: str = KEY, task: str = TASK) -> Path:
    """What only somebody with the agent's key could make; the archive is whatever they like."""
    made = SecretBox(session_files._key({"K": key}, task)).encrypt(archive)
    path = folder / FILE
    path.write_bytes(bytes(made))
    return path


def tar(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for about, content in members:
            archive.addfile(about, io.BytesIO(content))
    return packed.getvalue()


def member(name: str, content: bytes = b"x", **about: Any) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for key, value in about.items():
        setattr(info, key, value)
    return info, content


GOOD = ".claude/projects/{project}/one.jsonl"
HOSTILE = {
    "an absolute path": tar(member("/tmp/one.jsonl")),
    "a path that leads out": tar(member(".claude/projects/{project}/../../../../../one.jsonl")),
    "a path that is not the session's": tar(member(".bashrc")),
    "another project's": tar(member(".claude/projects/another/one.jsonl")),
    "a link": tar(member(GOOD, b"", type=tarfile.SYMTYPE, linkname="/etc/passwd")),
    "a hard link": tar(member("a", b""), member(GOOD, b"", type=tarfile.LNKTYPE, linkname="/etc/passwd")),
    "a device": tar(member(GOOD, b"", type=tarfile.CHRTYPE, devmajor=1, devminor=3)),
    "a folder": tar(member(".claude/projects/{project}/x", b"", type=tarfile.DIRTYPE)),
    "more files than there may be": tar(*(member(f"{GOOD}-{n}") for n in range(2_001))),
    "too large a file": tar(member(GOOD, bytes(1_000_001))),
    "a bomb": gzip.compress(bytes(300_000_000), 9),
    "no archive": b"not at all",
    "an archive that is cut off": tar(member(GOOD, bytes(range(256)) * 1_000))[:-200],
}


@pytest.mark.parametrize("what", HOSTILE)
def test_an_archive_that_was_tampered_with_is_refused_and_leaves_nothing(what: str, tmp_path: Path) -> None:
    small = profile(limits={"session_megabytes": 1})
    with open_area() as area:
        with pytest.raises(NotKept):
            unseal(small, area, KEYS, TASK, sealed(tmp_path, HOSTILE[what]))
        assert [path for path in area.home.rglob("*") if path.is_file()] == []
    assert not Path("/tmp/one.jsonl").exists()


def test_the_attempt_goes_on_without_what_was_tampered_with(tmp_path: Path) -> None:
    agent = Agent(tmp_path)
    agent.install()
    agent.handed.mkdir(parents=True)
    sealed(agent.handed, HOSTILE["a link"])

    finished = agent.run(session=SESSION, failure=FAILURE)

    assert finished.ok, finished.summary
    assert not any(SESSION in word for word in agent.calls[0]["argv"])
    assert "which is none of the session's files" in agent.log


@pytest.mark.parametrize("change", ["a byte", "another key", "another task"])
def test_what_is_not_sealed_for_this_task_with_this_key_is_refused(change: str, tmp_path: Path) -> None:
    path = sealed(
        tmp_path,
        tar(member(GOOD)),
        key="another-key-of-the-agent" if change == "another key" else KEY,
        task="another-7.genesis" if change == "another task" else TASK,
    )
    if change == "a byte":
        content = bytearray(path.read_bytes())
        content[60] ^= 1
        path.write_bytes(bytes(content))
    with open_area() as area, pytest.raises(NotKept, match="it was changed, or sealed with another key"):
        unseal(profile(), area, KEYS, TASK, path)


def _at_work(area: Area, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        path = area.home / name.replace("{project}", place_of(area))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def test_only_the_named_files_travel_and_their_folder_gets_the_new_name(tmp_path: Path) -> None:
    deep = ".claude/projects/{project}/deeper/two.jsonl"
    with open_area() as area:
        _at_work(area, {GOOD: b"one\xff", deep: b"two", ".claude.json": b"no", ".bashrc": b"no"})
        (area.home / GOOD.replace("{project}", place_of(area))).with_name("link.jsonl").symlink_to(
            "/etc/passwd"
        )
        (tmp_path / FILE).write_bytes(seal(profile(), area, KEYS, TASK))
        old = place_of(area)
    with open_area() as area:
        assert unseal(profile(), area, KEYS, TASK, tmp_path / FILE) == 2
        found = {
            path.relative_to(area.home).as_posix(): path for path in area.home.rglob("*") if path.is_file()
        }
        new = place_of(area)
        assert old != new
        assert {name: path.read_bytes() for name, path in found.items()} == {
            GOOD.replace("{project}", new): b"one\xff",
            deep.replace("{project}", new): b"two",
        }
        assert all(path.stat().st_mode & 0o077 == 0 for path in found.values())


def test_what_is_too_much_to_keep_is_not_kept() -> None:
    with open_area() as area:
        _at_work(area, {GOOD: bytes(1_000_001)})
        with pytest.raises(NotKept, match="more than 2,000 files or 1,000,000 bytes"):
            seal(profile(limits={"session_megabytes": 1}), area, KEYS, TASK)
    with open_area() as area, pytest.raises(NotKept, match="nothing of it was found"):
        seal(profile(), area, KEYS, TASK)
    with open_area() as area:
        _at_work(area, {GOOD: b"x"})
        with pytest.raises(NotKept, match="no key of its own"):
            seal(profile(), area, {}, TASK)


@pytest.mark.parametrize("pattern", ["/etc/**", "../x", "a/../../b", "~/.ssh", "**", "."])
def test_a_profile_names_session_files_below_the_home_alone(pattern: str) -> None:
    with pytest.raises(Exception, match="names nothing below the home alone"):
        profile(session_files=[pattern])
