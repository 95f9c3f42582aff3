"""The demonstration: a person's part, played over HTTP against the embedded hub, and checked afterwards."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import requests

from bot.domain.errors import UsageError

EXAMPLE = (
    'A web page that shows "Hello World", a button that changes the message, a counter of clicks, '
    "responsive styling, basic tests, deployable as a static site."
)
PATIENCE = 90.0
"""Seconds until a demonstration that does not get on is given up."""
_TRACE = "hub"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who uses the hub's API as they would GitHub's."""

    api: str
    repository: str
    token: str = field(repr=False)

    def get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """Read from the repository, all pages of it."""
        url, found = f"{self.api}/repos/{path}", []
        while True:
            answer = requests.get(url, headers=self._headers, timeout=30)
            answer.raise_for_status()
            value = answer.json()
            if not isinstance(value, list):
                return value
            found += value
            if "next" not in answer.links:
                return found
            url = answer.links["next"]["url"]

    def post(self, path: str, body: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        """Write to the repository."""
        url = f"{self.api}/repos/{self.repository}/{path}"
        answer = requests.post(url, json=body, headers=self._headers, timeout=30)
        answer.raise_for_status()
        return answer.json()

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Accept": "application/vnd.github+json"}


def run_demo(idea: str, idea_file: Path | None, out: Path) -> int:
    """Carry one project from a comment to a scaffolded repository; returns the exit code.

    0 only where all of it is really there. Everything stays in ``out``, with ``summary.json``.
    """
    if idea and idea_file:
        raise UsageError("give the idea (IDEA) or a file with it (IDEA_FILE), not both")
    text = idea_file.read_text(encoding="utf-8") if idea_file else idea or EXAMPLE
    if not text.strip():
        raise UsageError("the idea is empty; say in a sentence or two what is to be built")
    started = time.monotonic()
    _clear(out)
    with _hub(out / _TRACE) as hub:
        person = Person(hub["api_url"], hub["repository"], hub["users"]["wendy"]["token"])
        issue = _ask(person, text)
        click.echo(f"wendy asked in {issue['html_url']}")
        finished = _wait(person, issue["number"])
        summary = _summary(person, issue, hub, out, time.monotonic() - started) if finished else None
        _show_thread(person, issue)
    if summary is None:
        click.echo(
            f"\nIt did not get to the end within {PATIENCE:.0f} s; the log of each run is in {out}/hub/runs."
        )
        return 1
    return _conclude(summary, out)


def _clear(out: Path) -> None:
    """Remove an earlier demonstration, and nothing else."""
    if out.exists() and any(out.iterdir()) and not (out / _TRACE / "hub.json").exists():
        raise UsageError(f"{out} holds something that is no demonstration; choose another --out, or empty it")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)


@contextmanager
def _hub(data: Path) -> Iterator[dict[str, Any]]:
    """The embedded hub with its runner, as a process of its own."""
    log = (data.parent / "hub.log").open("w", encoding="utf-8")
    command = [sys.executable, "-m", "bot", "local", "--port", "0", "--data", str(data), "--json"]
    with log, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line:
                raise UsageError(f"the hub did not start; see {data.parent}/hub.log")
            yield json.loads(line)
        finally:
            process.terminate()
            process.wait(30)


def _ask(person: Person, text: str) -> Any:  # noqa: ANN401 - JSON
    """Open an issue and give the command; an idea of several lines goes into the issue itself."""
    stripped = text.strip()
    if "\n" in stripped:
        first, _, rest = stripped.partition("\n")
        issue = person.post(
            "issues", {"title": first.lstrip("# ").strip()[:200] or "An idea", "body": rest.strip()}
        )
        person.post(f"issues/{issue['number']}/comments", {"body": "/dispatch-genesis"})
    else:
        issue = person.post("issues", {"title": "A new project", "body": "Asked for below."})
        person.post(f"issues/{issue['number']}/comments", {"body": f"/dispatch-genesis {stripped}"})
    return issue


def _wait(person: Person, number: int) -> bool:
    """Look at the issue until its labels say that Genesis is over, for better or worse."""
    until = time.monotonic() + PATIENCE
    shown: set[str] = set()
    while time.monotonic() < until:
        labels = {label["name"] for label in person.get(f"{person.repository}/issues/{number}")["labels"]}
        for label in sorted(labels - shown):
            click.echo(f"  + {label}")
        shown |= labels
        if {"stage:genesis", "status:review"} <= labels:
            return False
        if "stage:development" in labels and _told(person, number):
            return True
        time.sleep(0.3)
    return False


def _told(person: Person, number: int) -> bool:
    comments = person.get(f"{person.repository}/issues/{number}/comments")
    return any("**Scaffolded:**" in comment["body"] for comment in comments)


def _show_thread(person: Person, issue: dict[str, Any]) -> None:
    click.echo(f"\n── The thread of #{issue['number']} ──")
    for comment in person.get(f"{person.repository}/issues/{issue['number']}/comments"):
        body = "\n".join(line for line in comment["body"].splitlines() if not line.startswith("<!--"))
        click.echo(f"\n{comment['user']['login']}:\n{_indented(body)}")


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.strip().splitlines())


def _summary(
    person: Person,
    issue: dict[str, Any],
    hub: dict[str, Any],
    out: Path,
    seconds: float,
) -> dict[str, Any]:
    """What was made, read back from where it was made."""
    state = out / _TRACE / "repositories" / f"{hub['repository']}.git"
    files = _git(state, "ls-tree", "-r", "--name-only", "state").splitlines()
    status = next(name for name in files if name.endswith("/status.json"))
    project = json.loads(_git(state, "show", f"state:{status}"))
    repository = out / _TRACE / "repositories" / f"{project['repository']}.git"
    issues = [
        row
        for row in person.get(f"{project['repository']}/issues?state=all&per_page=100")
        if "dev-ready" in str(row["labels"])
    ]
    return {
        "project_id": project["id"],
        "issue_url": issue["html_url"],
        "repository": project["repository"],
        "repository_url": project["repository_url"],
        "repository_path": str(repository),
        "state_path": str(state),
        "state_branch": "state",
        "port": int(hub["url"].rpartition(":")[2]),
        "issues": [
            {"number": row["number"], "title": row["title"]}
            for row in sorted(issues, key=lambda row: row["number"])
        ],
        "state_files": files,
        "counts": {
            "issues": len(issues),
            "files": len(_git(repository, "ls-tree", "-r", "--name-only", "main").splitlines()),
            "commits": len(_git(repository, "log", "--format=%h", "main").splitlines()),
            "state_files": len(files),
            "state_commits": len(_git(state, "log", "--format=%h", "state").splitlines()),
            "seconds": round(seconds, 1),
        },
    }


def _git(repository: Path, *arguments: str) -> str:
    command = ["git", f"--git-dir={repository}", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _conclude(summary: dict[str, Any], out: Path) -> int:
    """Show what is there, keep the summary, and judge."""
    (out / "summary.json").write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    click.echo("\n── The state branch ──")
    click.echo(_indented("\n".join(summary["state_files"])))
    click.echo(_indented(_git(Path(summary["state_path"]), "log", "--format=%h %s", "state")))
    click.echo(f"\n── The repository {summary['repository']} ──")
    click.echo(_indented(_git(Path(summary["repository_path"]), "log", "--format=%h %s", "main")))
    click.echo(_indented(_git(Path(summary["repository_path"]), "ls-tree", "-r", "--name-only", "main")))
    click.echo("\n── Its issues ──")
    click.echo(_indented("\n".join(f"#{row['number']} {row['title']}" for row in summary["issues"])))
    counts = summary["counts"]
    click.echo(
        f"\nDone in {counts['seconds']} s: {counts['files']} files, {counts['commits']} commits and "
        f"{counts['issues']} issues in {summary['repository']}; all of it is in {out}/, see summary.json.\n"
        f"Open it again with: .venv/bin/orchestrator local --data {out / _TRACE} --port {summary['port']}"
    )
    return 0 if counts["issues"] and counts["files"] and counts["commits"] else 1
