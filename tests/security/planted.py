"""Secrets that can be told from everything else, and who is handed which: read from the workflows themselves.

None of them has the shape of a known kind of token, so that nothing is struck out because of how it looks.
"""

from __future__ import annotations

import base64
import json
import re
import shlex
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.workflows.documents import WORKFLOWS as WORKFLOW_FILES
from tests.workflows.documents import read, workflow

APP_ID = "7"
AGENTS_KEYS = (
    "ANTHROPIC_API_KEY",
    "CLAUDE_CODE_OAUTH_TOKEN",
    "CODEX_API_KEY",
    "COPILOT_GITHUB_TOKEN",
    "OPENAI_API_KEY",
)
WORKFLOWS = ("commands", "labels", "monitor", "worker")
STEP = "as-step.sh"
_STEP = """\
#!/bin/sh
# The bot as a workflow's step starts it: with the secrets that the workflow hands to that step.
case "$1" in work) command="$1-$2" ;; *) command="$1" ;; esac
. "{folder}/all"
if [ -e "{folder}/$GITHUB_WORKFLOW-$command" ]; then . "{folder}/$GITHUB_WORKFLOW-$command"; fi
exec "{python}" -P -m bot "$@"
"""
_SHORTEST = 12
"""Characters of a secret's part that can be nothing else."""


@dataclass
class Vault:
    """Every secret by its name."""

    secrets: dict[str, str] = field(default_factory=dict, repr=False)

    def plant(self, name: str, value: str = "") -> str:
        """Keep a secret, made up where none is given; its value."""
        self.secrets[name] = value or f"planted-{name.lower().replace('_', '-')}-{uuid4().hex}"
        return self.secrets[name]

    def needles(self) -> dict[bytes, str]:
        """All that gives a secret away → the secret's name."""
        return {form: name for name, value in self.secrets.items() for form in forms(value)}


def forms(secret: str) -> Iterator[bytes]:
    """A secret as it may stand somewhere: as it is, in a URL, in base64 at any place of a longer text."""
    for part in _parts(secret):
        yield part.encode()
        yield quote(part, safe="").encode()
        for lead in range(3):
            encoded = base64.b64encode(b"\0" * lead + part.encode())
            # The ends depend on what stands beside the secret.
            yield encoded[(0, 2, 3)[lead] : len(encoded) // 4 * 4 - 4]


def _parts(secret: str) -> list[str]:
    """A key of many lines is never shown without its first ones."""
    lines = [line for line in secret.splitlines() if len(line) >= _SHORTEST and "-----" not in line]
    return lines[1:4] if len(lines) > 1 else lines


def found_in(content: bytes, needles: Mapping[bytes, str]) -> set[str]:
    """The names of the secrets that a content gives away."""
    return {name for needle, name in needles.items() if needle in content}


def private_key() -> tuple[str, str]:
    """A GitHub App's private key, and the public one that shows who signed."""
    made = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    pem, encoding = serialization.PrivateFormat.TraditionalOpenSSL, serialization.Encoding.PEM
    public = made.public_key().public_bytes(encoding, serialization.PublicFormat.SubjectPublicKeyInfo)
    return made.private_bytes(encoding, pem, serialization.NoEncryption()).decode(), public.decode()


def handed(secrets: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """``workflow command`` → the variables that its step gets, as the workflow files say it."""
    found: dict[str, dict[str, str]] = {}
    for name in WORKFLOWS:
        for job in workflow(name)["jobs"].values():
            for step in job["steps"]:
                if step.get("uses") == "./":
                    key = f"{name} {command_of(str(step['with']['command']).split())}"
                    found[key] = {**found.get(key, {}), **_filled(step.get("env", {}), secrets)}
    return found


def step(folder: Path, steps: Mapping[str, Mapping[str, str]], everywhere: Mapping[str, str]) -> Path:
    """A program to be called in place of ``python -m bot``, with what ``handed`` says; all of it in a folder.

    A variable that is empty is taken out of the environment.
    """
    folder.mkdir()
    for name, variables in {"all": everywhere, **steps}.items():
        lines = [
            f"export {name}={shlex.quote(value)}" if value else f"unset {name}"
            for name, value in variables.items()
        ]
        (folder / name.replace(" ", "-")).write_text("\n".join(lines) + "\n", "utf-8")
    program = folder / STEP
    program.write_text(_STEP.format(folder=folder, python=sys.executable), "utf-8")
    return program


def _filled(variables: Mapping[str, str], secrets: Mapping[str, str]) -> dict[str, str]:
    known = {f"secrets.{name}": value for name, value in secrets.items()}
    known["vars.ORCHESTRATOR_APP_ID"] = APP_ID
    named = {name: re.sub(r"^\$\{\{ *(.+?) *\}\}$", r"\1", text) for name, text in variables.items()}
    return {name: known[expression] for name, expression in named.items() if expression in known}


def command_of(words: list[str]) -> str:
    """``work run``, ``tick``: what a call of the program is, without its options."""
    return " ".join(words[:2]) if words[:1] == ["work"] else " ".join(words[:1])


def workflow_secrets() -> set[str]:
    """The names of all secrets that any workflow of this repository speaks of."""
    texts = json.dumps([read(path) for path in WORKFLOW_FILES])
    return set(re.findall(r"secrets\.(\w+)", texts))
