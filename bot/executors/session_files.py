"""An agent's session as one sealed file, so that the next attempt, on another machine, can go on with it.

Sealed with the agent's own key: whoever keeps the file between the attempts (a ref that others may read, an
artifact) can neither read nor change it, and the next attempt holds that key anyway. What is kept holds
whatever the agent has read, so files with a secret in them are not kept at all.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import tarfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from bot.domain.globs import matches
from bot.domain.profiles import Profile
from bot.domain.token_formats import kinds_of_secrets
from bot.executors.area import Area

MOST_FILES = 2_000
_GZIP = 31
"""For zlib: with gzip's head and sum."""
_HEADERS = 4_096
"""Bytes of an archive for each file, beside its content, at most."""
_PLACE = "{project}"
"""In a pattern and in an archive: what an agent makes of its current directory's path, which differs each
time. Claude Code finds a session only below the name of the directory that it is called in."""


class NotKept(Exception):
    """Why a session is not kept, or not gone on with."""


def place_of(area: Area) -> str:
    """The current directory's path with a hyphen for each character that is no letter or digit."""
    return re.sub(r"[^A-Za-z0-9]", "-", str(area.project))


def seal(profile: Profile, area: Area, keys: Mapping[str, str], task: str) -> bytes:
    """What is to be kept of a session. Raises NotKept."""
    key = _key(keys, task)
    most, packed = profile.limits.session_megabytes * 1_000_000, io.BytesIO()
    total = 0
    with tarfile.open(fileobj=packed, mode="w:gz", format=tarfile.PAX_FORMAT, compresslevel=6) as archive:
        for number, (name, path) in enumerate(_files(profile, area), start=1):
            content = path.read_bytes()
            total += len(content)
            if number > MOST_FILES or total > most:
                raise NotKept(f"it has more than {MOST_FILES:,} files or {most:,} bytes")
            _check_secrets(content, keys.values())
            about = tarfile.TarInfo(name)
            about.size, about.mode = len(content), 0o600
            archive.addfile(about, io.BytesIO(content))
    if not total:
        raise NotKept(f"nothing of it was found at {', '.join(profile.session_files)}")
    from nacl.secret import SecretBox  # takes some 30 ms, which only agents should pay

    return bytes(SecretBox(key).encrypt(packed.getvalue()))


def unseal(profile: Profile, area: Area, keys: Mapping[str, str], task: str, sealed: Path) -> int:
    """Put a kept session's files into the agent's home; returns how many. Raises NotKept.

    Only regular files at places that the profile names are taken, whatever the archive says of itself.
    """
    from nacl.exceptions import CryptoError
    from nacl.exceptions import ValueError as NaClValueError
    from nacl.secret import SecretBox

    most = profile.limits.session_megabytes * 1_000_000
    try:
        if sealed.is_symlink() or sealed.stat().st_size > most + MOST_FILES * _HEADERS:
            raise NotKept("it is larger than a session may be")
        packed = SecretBox(_key(keys, task)).decrypt(sealed.read_bytes())
    except (CryptoError, NaClValueError):
        raise NotKept("it was changed, or sealed with another key") from None
    except OSError as error:
        raise NotKept(f"it cannot be read: {error.strerror}") from None
    content = _unpacked(packed, most + MOST_FILES * _HEADERS)
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
            members = list(_members(archive, profile, area, most))
            archive.extractall(area.home, members, filter="data")
    except (tarfile.TarError, OSError, UnicodeError, ValueError) as error:
        raise NotKept(f"its archive is not usable: {error}") from None
    return len(members)


def _key(keys: Mapping[str, str], task: str) -> bytes:
    """From the agent's key, which is random enough to need no slow derivation; another one for each task."""
    secret = next(iter(keys.values()), "")
    if not secret:
        raise NotKept("the agent has no key of its own that it could be sealed with")
    return hashlib.blake2b(
        task.encode(), key=hashlib.sha512(secret.encode()).digest(), digest_size=32, person=b"agent session"
    ).digest()


def _files(profile: Profile, area: Area) -> Iterator[tuple[str, Path]]:
    """(name in the archive, path) of the files that the profile names; links are never followed."""
    place = place_of(area)
    for parent, folders, names in os.walk(area.home, followlinks=False):
        folders.sort()
        for name in sorted(names):
            path = Path(parent, name)
            inside = path.relative_to(area.home).as_posix()
            for pattern in profile.session_files:
                if (
                    matches(pattern.replace(_PLACE, place), inside)
                    and path.is_file()
                    and not path.is_symlink()
                ):
                    yield (_renamed(inside, place, _PLACE) if _PLACE in pattern else inside), path
                    break


def _renamed(path: str, old: str, new: str) -> str:
    return "/".join(new if name == old else name for name in path.split("/"))


def _check_secrets(content: bytes, keys: Iterable[str]) -> None:
    text = content.decode("utf-8", "replace")
    if any(key and key in text for key in keys):
        raise NotKept("it holds the agent's own key")
    if (found := next(kinds_of_secrets(text), None)) is not None:
        raise NotKept(f"it holds {found[0]}")


def _unpacked(packed: bytes, most: int) -> bytes:
    """Decompressed, unless that is more than it may be: nothing unfolds to more than ``most`` bytes."""
    unpacking = zlib.decompressobj(_GZIP)
    try:
        content = unpacking.decompress(packed, most)
    except zlib.error as error:
        raise NotKept(f"its archive is damaged: {error}") from None
    if unpacking.unconsumed_tail:
        raise NotKept(f"it unpacks to more than {most:,} bytes")
    return content


def _members(archive: tarfile.TarFile, profile: Profile, area: Area, most: int) -> Iterator[tarfile.TarInfo]:
    """The archive's files under their new names. Raises NotKept for the first that does not belong there."""
    total = 0
    for number, member in enumerate(archive, start=1):
        total += max(member.size, 0)
        if number > MOST_FILES or total > most:
            raise NotKept(f"it has more than {MOST_FILES:,} files or {most:,} bytes")
        path = PurePosixPath(member.name)
        inside = not path.is_absolute() and ".." not in path.parts
        if not (member.isreg() and inside and _named(profile, member.name)):
            raise NotKept(f"its archive holds {member.name[:100]!r}, which is none of the session's files")
        yield member.replace(name=_renamed(member.name, _PLACE, place_of(area)), mode=0o600, deep=False)


def _named(profile: Profile, name: str) -> bool:
    return any(matches(pattern, name) for pattern in profile.session_files)
