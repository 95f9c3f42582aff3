"""Recorded solutions as data: which project one fits, and its steps; see ``recordings/README.md``."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from bot.domain.base import Frozen
from bot.domain.work import WorkOrder
from bot.executors.area import Refused
from bot.executors.workspace import Workspace

RECORDINGS = Path(__file__).parent / "recordings"
_ELSE = "Name an agent in `pools.development.executor` of .github/orchestrator.yml, or do the task by hand"


class About(Frozen):
    """What a project must be for a recording to fit."""

    about: str
    scaffold: str = Field(description="the executor that made the scaffold")
    stack: str
    issues: tuple[str, ...] = Field(min_length=1, description="the keys of its issues")


class RecordedRemark(Frozen):
    """One remark; its line is where ``at`` stands in the file."""

    path: str
    at: str
    text: str


class RecordedReview(Frozen):
    """What a review said."""

    summary: str
    remarks: tuple[RecordedRemark, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """What one task added: new files, and a patch of files that others change too."""

    files: Path
    patch: Path

    def exists(self) -> bool:
        """Whether there is such a step."""
        return self.files.is_dir() or self.patch.is_file()

    def applied(self, project: Workspace) -> bool:
        """Whether the checkout holds all of it already."""
        whole = all(
            _inside(project.root, target) and target.is_file() and target.read_bytes() == path.read_bytes()
            for path, target in self._files(project.root)
        )
        return whole and (not self.patch.is_file() or self._git_apply(project, "--reverse", "--check"))

    def apply(self, project: Workspace) -> None:
        """Put it into the checkout. Raises Refused where it does not fit."""
        for path, target in self._files(project.root):
            if not _inside(project.root, target):
                raise Refused(f"{path.relative_to(self.files)} would be written outside of it", retry=False)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        if self.patch.is_file() and not self._git_apply(project):
            name = f"{self.patch.parent.name}/{self.patch.name}"
            raise Refused(
                f"the recorded change {name} does not fit: the project was changed by other hands. {_ELSE}",
                retry=False,
            )

    def _files(self, root: Path) -> Iterator[tuple[Path, Path]]:
        for path in sorted(self.files.rglob("*")) if self.files.is_dir() else ():
            if path.is_file() and path.suffix != ".pyc":
                yield path, root / path.relative_to(self.files)

    def _git_apply(self, project: Workspace, *how: str) -> bool:
        command = ("git", "apply", "-C1", "--whitespace=nowarn", *how, "--", str(self.patch.resolve()))
        return project.attempt(command).exit_code == 0


def _inside(root: Path, target: Path) -> bool:
    """Whether nothing on the way to a file leads out of the checkout."""
    return target.parent.resolve().is_relative_to(root.resolve()) and not target.is_symlink()


@dataclass(frozen=True, slots=True)
class Recording:
    """One recorded solution."""

    folder: Path
    about: About

    @property
    def name(self) -> str:
        """What it is called."""
        return self.folder.name

    def step(self, issue: str, specialty: str) -> Step:
        """What a task of that specialty added for an issue."""
        folder = self.folder / issue
        return Step(folder / specialty, folder / f"{specialty}.patch")

    def review(self, issue: str) -> RecordedReview:
        """What the review of an issue said. Raises Refused where there was none."""
        try:
            return RecordedReview.model_validate_json((self.folder / issue / "review.json").read_bytes())
        except OSError:
            raise Refused(f"nothing was recorded of a review of {issue}", retry=False) from None

    def fits(self, order: WorkOrder) -> bool:
        """Whether the order's project is the recorded one."""
        genesis = order.outputs.get("genesis")
        if not isinstance(genesis, Mapping):
            return False
        found = genesis.get("issues")
        issues = found if isinstance(found, list) else []
        keys = {str(issue.get("key")) for issue in issues if isinstance(issue, Mapping)}
        made = (genesis.get("executor"), genesis.get("stack"))
        return made == (self.about.scaffold, self.about.stack) and keys == set(self.about.issues)


def find(order: WorkOrder, folder: Path = RECORDINGS) -> Recording:
    """The recording of the order's project. Raises Refused where it is none that was recorded."""
    for path in sorted(folder.glob("*/recording.json")):
        recording = Recording(path.parent, About.model_validate_json(path.read_bytes()))
        if recording.fits(order) and (not order.item or order.item in recording.about.issues):
            return recording
    raise Refused(
        "the executor scripted only replays the recorded solution of the worked example, on the scaffold "
        f"that template makes for it, and this is another project. {_ELSE}",
        retry=False,
    )
