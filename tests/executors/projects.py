"""Projects of five kinds, scaffolded by the real executor, with what Development would say of them."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.domain.outputs import ContentOutput
from bot.executors.template import TemplateExecutor
from bot.ports.executor import Finished
from tests.executors.conftest import WORKED_EXAMPLE, Attempt, attempt, order_content

IDEAS = {
    "web": ("Hello World", WORKED_EXAMPLE),
    "service": (
        "Short links",
        "An HTTP service that stores short links: create a link, redirect to its target, count the visits.",
    ),
    "python": (
        "Photo renamer",
        "A command line tool that renames photos by their date, with a dry run and an undo.",
    ),
    "library": ("Date parser", "A Python library to parse dates, with a strict mode and helpful errors."),
    "pipeline": (
        "Sales reports",
        "A data pipeline that reads CSV files of sales, drops broken rows, and writes one report per region.",
    ),
}
SPECIALTIES = ("documentation", "marketing", "social")
REPOSITORY = "https://github.com/alice/project"
DEPLOYMENT = "https://alice.invalid/project/"
"""Resolves nowhere, on no machine (RFC 2606): what is told of it does not depend on a network."""


def scaffold(folder: Path, stack: str) -> Attempt:
    """A finished scaffold."""
    title, idea = IDEAS[stack]
    return attempt(
        folder, TemplateExecutor(), idea=idea, title=title, stack=stack, project=f"{title_id(stack)}-7"
    )


def title_id(stack: str) -> str:
    return IDEAS[stack][0].lower().replace(" ", "-")


@dataclass
class Content:
    """A project whose content is to be written."""

    folder: Path
    bundle: Path
    genesis: dict[str, Any]
    development: dict[str, Any]
    title: str
    changes: dict[str, Any] = field(default_factory=dict)

    @property
    def result(self) -> Path:
        return self.folder / "result"

    @property
    def output(self) -> ContentOutput:
        return ContentOutput.model_validate_json((self.result / "content-output.json").read_bytes())

    def write(self, specialty: str) -> Finished:
        """Let the executor write the pieces of a specialty."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not (self.folder / "repository.bundle").exists():
            shutil.copyfile(self.bundle, self.folder / "repository.bundle")
        outputs = {"genesis": self.genesis, "development": self.development}
        order = order_content(
            workflow="content", specialty=specialty, item=specialty, task=f"project-7.{specialty}",
            title=self.title, outputs=outputs,
        )  # fmt: skip
        (self.folder / "assignment.json").write_text(json.dumps(order | self.changes), encoding="utf-8")
        return TemplateExecutor().run(self.folder / "assignment.json", self.result)

    def check(self) -> Finished:
        return TemplateExecutor().check(self.folder / "assignment.json", self.result)

    def texts(self, branch: str) -> dict[str, str]:
        """What the pieces say, by their files, as a clone with the change has them."""
        target = self.folder / "clone"
        shutil.rmtree(target, ignore_errors=True)
        git("clone", "--quiet", str(self.folder / "repository.bundle"), str(target))
        git("-C", str(target), "fetch", "--quiet", str(self.result / "change.bundle"), f"{branch}:new")
        git("-C", str(target), "checkout", "--quiet", "new")
        return {piece.file: (target / piece.file).read_text("utf-8") for piece in self.output.pieces}


def git(*words: str) -> str:
    identity = ("-c", "user.name=t", "-c", "user.email=t")
    done = subprocess.run(["git", *identity, *words], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def content(folder: Path, stack: str, made: Attempt, finished: int = 2) -> Content:
    """The project with its first features finished, published and deployed."""
    genesis = json.loads((made.result / "genesis-output.json").read_text("utf-8"))
    genesis |= {"repository": "alice/project", "repository_url": REPOSITORY}
    for number, issue in enumerate(genesis["issues"], 1):
        issue["number"] = number
    features = [issue for issue in genesis["issues"] if issue["specialty"] == "feature"]
    rows = [
        {"key": issue["key"], "number": issue["number"], "state": "approved" if place <= finished else "open"}
        for place, issue in enumerate(features)
    ]
    deployment = {"kind": "pages", "url": DEPLOYMENT, "health": "200 OK"}
    development = {"schema": 1, "features": rows, "deployment": deployment}
    bundle = made.result / "repository.bundle"
    return Content(folder, bundle, genesis, development, IDEAS[stack][0])


ScaffoldIdea = Callable[[str], Attempt]
