"""Writes what is derived from the code: the state's template with its JSON Schemas, the reference's pages.

Run ``make generate`` after a change; a test fails when a file here and the code disagree.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel

from bot.commands.help import entry
from bot.commands.table import TABLE
from bot.domain import alert_rules, files
from bot.domain.config import Commands, Config
from bot.domain.state import State
from bot.render.help import page
from bot.setup.doctor import CHECKS
from bot.setup.probes import PROBES
from bot.setup.registering import manifest
from tools import compiled, reference

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = "state-repo-template"


def schemas() -> dict[str, bytes]:
    """A JSON Schema for each kind of file of the state, and for the configuration."""
    models = {
        **{Path(path).stem: model for path, model in files.PER_PROJECT.values()},
        "queue": type(State().queues[next(iter(State().queues))]),
        **{name.removesuffix("s"): model for name, model in files.PER_ID.items()},
        **{Path(path).stem: model for path, model in files.SINGLE.values()},
    }
    return {f"{TEMPLATE}/schemas/{name}.schema.json": _json(model) for name, model in models.items()}


def _json(model: type[BaseModel]) -> bytes:
    return _written(model.model_json_schema())


def _written(schema: dict[str, object]) -> bytes:
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def template() -> dict[str, bytes]:
    """The tree that a state branch starts as, before its first event."""
    return {f"{TEMPLATE}/{path}": content for path, content in files.tree(State()).items()}


def command_page() -> bytes:
    """The documentation of every command, from the one table."""
    parts = [
        "# Commands",
        "",
        "Made from the table of commands by `make generate`; `/help` shows the same.",
        "",
    ]
    for command in TABLE.values():
        shown = entry(command, Commands())
        parts += [page(shown, heading=f"## /{command.name}"), ""]
    return "\n".join(parts).rstrip().encode() + b"\n"


def doctor_page() -> bytes:
    """Every check of ``doctor``, and every probe."""
    checks = [f"| {check.name} | {check.what} | {check.why} |" for check in CHECKS]
    probes = [f"| {one.name} | {one.what} | {one.expected} | {one.why} |" for one in PROBES]
    tables = {
        "CHECKS": ["| check | looks at | because |", "| --- | --- | --- |", *checks],
        "PROBES": ["| probe | does | expected | because |", "| --- | --- | --- | --- |", *probes],
    }
    text = (ROOT / "tools/doctor.md").read_text(encoding="utf-8").rstrip()
    for name, table in tables.items():
        text = text.replace(f"\n{name}", "\n" + "\n".join(table))
    return f"{text}\n\nThe tables are made from the code by `make generate`.\n".encode()


def app_manifest() -> bytes:
    """The GitHub App, for whoever registers it by another way than ``init --app``."""
    return json.dumps(manifest(), indent=2, ensure_ascii=False).encode() + b"\n"


def config_schema() -> bytes:
    """For editors: what ``.github/orchestrator.yml`` may hold; what it leaves out takes its default."""
    schema = Config.model_json_schema()
    for model in _merged(Config()):
        schema["$defs"][type(model).__name__].pop("required", None)
    return _written(schema)


def _merged(settings: BaseModel) -> Iterator[BaseModel]:
    """The parts of the configuration of which the file may give some keys alone."""
    for name in type(settings).model_fields:
        if isinstance(part := getattr(settings, name), BaseModel):
            yield part
            yield from _merged(part)


def config_page() -> bytes:
    """Every key of the configuration with its default and meaning."""
    lines = [
        "# Configuration",
        "",
        "`.github/orchestrator.yml` on the default branch. Without the file, or without a key, the default",
        "counts. A tick reads the file; one that does not validate changes nothing and raises an alert. For",
        "completion in an editor, name `docs/orchestrator.schema.json` as its schema.",
        "",
        "| key | default | meaning |",
        "| --- | --- | --- |",
        *_config_rows(Config(), ""),
        "",
        "Made from the models by `make generate`.",
    ]
    return "\n".join(lines).encode() + b"\n"


def _config_rows(settings: BaseModel, above: str) -> Iterator[str]:
    for name, info in type(settings).model_fields.items():
        default = getattr(settings, name)
        if isinstance(default, BaseModel):
            yield from _config_rows(default, f"{above}{name}.")
        elif name != "schema_version":
            yield f"| `{above}{name}` | {_shown(default)} | {info.description or ''} |"


def _shown(default: object) -> str:
    if isinstance(default, tuple) and default and isinstance(default[0], BaseModel):
        return ", ".join(f"`{item.id}` ({', '.join(item.specialties)})" for item in default)
    return f"`{json.dumps(default)}`"


def alert_page() -> bytes:
    """Every rule of the table of alerts, under what is written by hand about all of them."""
    intro = (ROOT / "tools/alerts.md").read_text(encoding="utf-8").rstrip()
    lines = [intro, "", "## Rules", "", "Made from the table of rules by `make generate`.", ""]
    for rule in alert_rules.RULES:
        name = f"{rule.id}-{{{rule.of}}}" if rule.of else rule.id
        grades = sorted({rule.severity, *rule.severities.values()}, key=lambda one: one.rank)
        lines += [
            f"### `{name}`",
            "",
            f"- **Severity:** {', or '.join(grades)}",
            f"- **Opens when** {rule.condition}" + _for(rule.holds),
            f"- **Is over when** {rule.ends}",
            *[f"- **Says:** {_sample(one)}" for one in rule.causes.values()],
            *[f"- **Advises:** {_sample(one)}" for one in rule.advice.values()],
            *["- **Has an issue** at once, whatever `alerts.issue_severity` is" for _ in range(rule.calls)],
            *["- **Has the issue** of the command; closing that ends it" for _ in range(rule.own_issue)],
            *["- **Is not told** outside" for _ in range(not rule.outward)],
            "",
        ]
    return "\n".join(lines).rstrip().encode() + b"\n"


def _for(holds: timedelta) -> str:
    return f", for {holds.total_seconds() / 60:g} minutes" if holds else ""


def _sample(template: str) -> str:
    """A template with its places in angle brackets, safe in Markdown."""
    return re.sub(r"\{(\w+)(?::[^}]*)?\}", r"‹\1›", template)


def everything() -> dict[str, bytes]:
    """Each generated file by its path from the project's root."""
    return {
        **template(),
        **schemas(),
        **reference.pages(),
        "docs/commands.md": command_page(),
        "docs/alerts.md": alert_page(),
        "docs/configuration.md": config_page(),
        "docs/doctor.md": doctor_page(),
        "docs/app-manifest.json": app_manifest(),
        "docs/orchestrator.schema.json": config_schema(),
        "requirements/compiled.txt": compiled.compiled(ROOT),
    }


def main() -> None:
    """Write what differs; name it."""
    for name, content in everything().items():
        path = ROOT / name
        if not path.is_file() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            print(f"wrote {name}")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
