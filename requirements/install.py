"""Unpacks the wheels of a lock into an environment of their own: ``install.py LOCK WHEELS VENV ACTION``.

What the action needs of pip once the wheels are there, in a fraction of the time: pip's start alone takes
longer than this. A file is installed only where the lock vouches for it by its hash, whatever else lies
among the wheels. Ends with exit code 1 and a line that says what is missing, before anything is unpacked.
Needs nothing but the standard library, and is run before anything is installed.

Then it compiles what a comment's run imports (``compiled.txt``), on all processors at once: the run would
do so on one, while a person waits. What cannot be compiled here is compiled when it is imported.
"""

import hashlib
import io
import os
import py_compile
import re
import sys
import sysconfig
import zipfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import NoReturn
from venv import EnvBuilder

_ALWAYS = py_compile.PycInvalidationMode.UNCHECKED_HASH
"""For what nobody changes: whoever makes the environment anew begins with an empty one."""
_BY_TIME = py_compile.PycInvalidationMode.TIMESTAMP
"""For the action's own code, which may be a checkout that is used again."""

_MOST = 4
"""Processes at once; each costs 3 ms, and a container may be allowed far fewer processors than it counts."""

_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_MOVED = re.compile(r"^[^/]+\.data/(?P<kind>[^/]+)/(?P<rest>.+)$")


def main() -> None:
    """Unpack all, or nothing."""
    lock, wheels, venv, action = map(Path, sys.argv[1:])
    contents = list(vouched(lock.read_text("utf-8"), wheels))
    own, foreign = listed(action / "requirements/compiled.txt")
    compiling = compile_aside([action / name for name in own], _BY_TIME)
    EnvBuilder(clear=True, symlinks=True).create(venv)
    base = {"base": str(venv), "platbase": str(venv), "installed_base": sys.base_prefix}
    site = Path(sysconfig.get_path("purelib", "venv", base))
    with ThreadPoolExecutor() as threads:
        list(threads.map(lambda content: unpack(content, site), contents))
    compiling += compile_aside([site / name for name in foreign], _ALWAYS)
    # A path file instead of PYTHONPATH, which the programs that workers start would inherit.
    (site / "orchestrator.pth").write_text(f"{action}\n", "utf-8")
    for process in compiling:
        os.waitpid(process, 0)


def vouched(lock: str, wheels: Path) -> Iterator[bytes]:
    """The content of the wheel of each requirement that this machine needs."""
    contents = (path.read_bytes() for path in wheels.glob("*.whl"))
    found = {hashlib.sha256(content).hexdigest(): content for content in contents}
    for requirement, marker, hashes in requirements_of(lock):
        known = [found[digest] for digest in hashes if digest in found]
        if known:
            yield known[0]
        elif not marker or is_wanted(marker):
            sys.exit(f"{wheels} has nothing for {requirement} that the lock vouches for")


def requirements_of(lock: str) -> Iterator[tuple[str, str, list[str]]]:
    """Each requirement of a lock: ``name==version``, the condition behind it or nothing, its hashes."""
    for entry in lock.replace("\\\n", " ").splitlines():
        if entry[:1].isalnum():
            requirement, *_ = entry.split()
            condition = entry.removeprefix(requirement).partition("--hash")[0]
            yield requirement, condition.strip(" ;"), _HASH.findall(entry)


def is_wanted(marker: str) -> bool:
    """Whether a requirement's condition holds on this machine; pip knows how to read it."""
    import site

    site.main()  # few locks ask here, so the interpreter may be started without (-S)
    from pip._vendor.packaging.markers import Marker

    return Marker(marker).evaluate()


def unpack(content: bytes, site: Path) -> None:
    """Every file of a wheel to where it is imported from; scripts and data are for nobody here."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for member in archive.infolist():
            moved = _MOVED.match(member.filename)
            if moved and moved["kind"] not in ("purelib", "platlib"):
                continue
            name = moved["rest"] if moved else member.filename
            if name.startswith("/") or ".." in name.split("/"):
                sys.exit(f"{member.filename} leads out of {site}")
            if not member.is_dir():
                path = site / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(archive.read(member))


def listed(path: Path) -> tuple[list[str], list[str]]:
    """The files to be compiled: the action's own, and those of the wheels."""
    names = path.read_text("utf-8").split() if path.exists() else []
    return [name for name in names if name.startswith("bot/")], [
        name for name in names if not name.startswith("bot/")
    ]


def compile_aside(files: Sequence[Path], mode: py_compile.PycInvalidationMode) -> list[int]:
    """Start compiling them, a process for each processor; the processes to wait for."""
    processors = min(os.cpu_count() or 1, _MOST)
    there = sorted((path for path in files if path.exists()), key=lambda path: path.stat().st_size)
    started = []
    with suppress(OSError):  # no more processes may be started: then it is compiled by the imports
        for number in range(min(processors, len(there))):
            if (process := os.fork()) == 0:
                compile_all(there[number::processors], mode)  # in turns, so that all have as much to do
            started.append(process)
    return started


def compile_all(files: Sequence[Path], mode: py_compile.PycInvalidationMode) -> NoReturn:
    """What a process that was started for this does; it ends with it."""
    try:
        for path in files:
            with suppress(OSError, py_compile.PyCompileError):
                py_compile.compile(str(path), doraise=True, invalidation_mode=mode)
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
