"""Two grounds for one contract: the hub behind the real adapter, and GitHub in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.adapters.github import GitHub
from bot.hub.setup import PEOPLE
from bot.ports import Forge
from tests.commands.desk import Desk, opened
from tests.core.worlds import START
from tests.e2e.people import REPOSITORY
from tests.fakes.forge import MemoryForge
from tests.fakes.github import BOT, Moment, Site


class Ground(Protocol):
    """A GitHub with people on it: what they do outside of the bot."""

    def forge(self, login: str = BOT, name: str = REPOSITORY) -> Forge:
        """A repository, through an account's token."""
        ...

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        ...

    def open_issue(self, login: str, title: str, body: str) -> int:
        """Open an issue; its number."""
        ...

    def comment(self, login: str, issue: int, body: str) -> int:
        """Comment; its id."""
        ...

    def edit_comment(self, login: str, comment: int, body: str) -> None:
        """Change a comment."""
        ...

    def label(self, login: str, issue: int, name: str) -> None:
        """Label an issue."""
        ...

    def unlabel(self, login: str, issue: int, name: str) -> None:
        """Take a label off."""
        ...

    def close(self, login: str, issue: int, *, closed: bool) -> None:
        """Close an issue, or reopen it."""
        ...

    def reactions(self, comment: int) -> list[tuple[str, str]]:
        """(login, content) of a comment's reactions."""
        ...

    def write_file(self, path: str, text: str) -> None:
        """Commit a file to the default branch."""
        ...

    def start_run(self, run: int) -> None:
        """A runner takes a run."""
        ...

    def end_run(self, run: int, conclusion: str) -> None:
        """A run ends."""
        ...


@dataclass
class HubGround:
    """The hub, over HTTP."""

    desk: Desk

    def forge(self, login: str = BOT, name: str = REPOSITORY) -> Forge:
        """See ``Ground``."""
        moment = self.desk.moment
        return GitHub(
            name,
            self.desk.token(login),
            self.desk.info.api_url,
            sleep=lambda seconds: None,
            monotonic=moment.seconds,
        )

    def wait(self, seconds: float) -> None:
        """See ``Ground``."""
        self.desk.wait(seconds=seconds)

    def open_issue(self, login: str, title: str, body: str) -> int:
        """See ``Ground``."""
        return self.desk.issue(title, body, login)

    def comment(self, login: str, issue: int, body: str) -> int:
        """See ``Ground``."""
        id_: int = self.desk.comment(issue, body, login)["comment"]["id"]
        return id_

    def edit_comment(self, login: str, comment: int, body: str) -> None:
        """See ``Ground``."""
        self.desk.call(login, "PATCH", f"/repos/{REPOSITORY}/issues/comments/{comment}", {"body": body})

    def label(self, login: str, issue: int, name: str) -> None:
        """See ``Ground``."""
        self.desk.label(issue, name, login)

    def unlabel(self, login: str, issue: int, name: str) -> None:
        """See ``Ground``."""
        self.desk.unlabel(issue, name, login)

    def close(self, login: str, issue: int, *, closed: bool) -> None:
        """See ``Ground``."""
        (self.desk.close_issue if closed else self.desk.reopen_issue)(issue, login)

    def reactions(self, comment: int) -> list[tuple[str, str]]:
        """See ``Ground``."""
        rows = self.desk.every(f"/repos/{REPOSITORY}/issues/comments/{comment}/reactions")
        return [(row["user"]["login"], row["content"]) for row in rows]

    def write_file(self, path: str, text: str) -> None:
        """See ``Ground``."""
        self.desk.bare.commit_file("main", path, text)

    def start_run(self, run: int) -> None:
        """See ``Ground``."""
        self.desk.world.runs.start(run)

    def end_run(self, run: int, conclusion: str) -> None:
        """See ``Ground``."""
        self.desk.world.runs.finish(run, conclusion)


@dataclass
class MemoryGround:
    """GitHub in memory."""

    site: Site

    def forge(self, login: str = BOT, name: str = REPOSITORY) -> Forge:
        """See ``Ground``."""
        return MemoryForge(self.site, name, login)

    def wait(self, seconds: float) -> None:
        """See ``Ground``."""
        self.site.moment.wait(seconds)

    def open_issue(self, login: str, title: str, body: str) -> int:
        """See ``Ground``."""
        return self.site.place(REPOSITORY).open_issue(login, title, body).number

    def comment(self, login: str, issue: int, body: str) -> int:
        """See ``Ground``."""
        return self.site.place(REPOSITORY).comment(login, issue, body).id

    def edit_comment(self, login: str, comment: int, body: str) -> None:
        """See ``Ground``."""
        self.site.place(REPOSITORY).edit_comment(comment, body)

    def label(self, login: str, issue: int, name: str) -> None:
        """See ``Ground``."""
        self.site.place(REPOSITORY).add_labels(login, issue, [name])

    def unlabel(self, login: str, issue: int, name: str) -> None:
        """See ``Ground``."""
        self.site.place(REPOSITORY).remove_label(login, issue, name)

    def close(self, login: str, issue: int, *, closed: bool) -> None:
        """See ``Ground``."""
        self.site.place(REPOSITORY).set_closed(login, issue, closed=closed)

    def reactions(self, comment: int) -> list[tuple[str, str]]:
        """See ``Ground``."""
        return self.site.place(REPOSITORY).reactions.get(comment, [])

    def write_file(self, path: str, text: str) -> None:
        """See ``Ground``."""
        self.site.place(REPOSITORY).files[path] = text

    def start_run(self, run: int) -> None:
        """See ``Ground``."""
        self.site.place(REPOSITORY).start_run(run)

    def end_run(self, run: int, conclusion: str) -> None:
        """See ``Ground``."""
        self.site.place(REPOSITORY).end_run(run, conclusion)


def new_site(moment: Moment) -> Site:
    """GitHub in memory with the people of a new hub, who have the same roles."""
    site = Site(moment)
    site.create(REPOSITORY).roles = {login: role.name.lower() for login, role in PEOPLE.items()}
    return site


@contextmanager
def ground(kind: str, folder: Path) -> Iterator[Ground]:
    """``hub`` or ``memory``."""
    if kind == "memory":
        yield MemoryGround(new_site(Moment(START)))
        return
    with opened(folder) as desk:
        yield HubGround(desk)
