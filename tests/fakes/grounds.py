"""Two grounds for one contract: the hub behind the real adapter, and GitHub in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bot.adapters.github.forge import GitHub
from bot.hub.setup import PEOPLE
from bot.ports.projects import ProjectForge
from tests.commands.desk import Desk, opened
from tests.core.worlds import START
from tests.e2e.people import REPOSITORY
from tests.fakes.forge import MemoryForge
from tests.fakes.github import BOT, Moment, Site
from tests.fakes.pulls import Status, Verdict


class Ground(Protocol):
    """A GitHub with people on it: what they do outside of the bot."""

    def forge(self, login: str = BOT, name: str = REPOSITORY) -> ProjectForge:
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

    def react(self, login: str, comment: int, content: str) -> None:
        """Somebody reacts to a comment."""
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

    def commit(self, branch: str, path: str, text: str) -> str:
        """Somebody commits a file to a branch, which is made from main where there is none; its head."""
        ...

    def status(self, commit: str, state: str) -> None:
        """A check ``ci`` says how it is: ``pending``, ``success``, ``failure``."""
        ...

    def review(self, login: str, pull: int, verdict: Verdict, body: str) -> None:
        """A person reviews: ``APPROVED`` or ``CHANGES_REQUESTED``."""
        ...

    def close_pull(self, pull: int, *, closed: bool) -> None:
        """A person closes a pull request, or opens it again."""
        ...

    def protect(self, *, strict: bool, approvals: int) -> None:
        """What the default branch asks for before something is merged into it."""
        ...

    def text(self, branch: str, path: str) -> str | None:
        """A file of a branch; None where there is none."""
        ...


@dataclass
class HubGround:
    """The hub, over HTTP."""

    desk: Desk

    def forge(self, login: str = BOT, name: str = REPOSITORY) -> ProjectForge:
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

    def react(self, login: str, comment: int, content: str) -> None:
        """See ``Ground``."""
        path = f"/repos/{REPOSITORY}/issues/comments/{comment}/reactions"
        self.desk.call(login, "POST", path, {"content": content})

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

    def commit(self, branch: str, path: str, text: str) -> str:
        """See ``Ground``."""
        bare = self.desk.bare
        if not bare.head(branch):
            bare.git("update-ref", f"refs/heads/{branch}", bare.head("main"))
        bare.commit_file(branch, path, text)
        world, (owner, name) = self.desk.world, REPOSITORY.split("/")
        world.pulls.catch_up(world.repositories.find(owner, name), world.users.find("wendy"))
        return bare.head(branch)

    def status(self, commit: str, state: str) -> None:
        """See ``Ground``."""
        said = {"state": state, "context": "ci", "description": f"it is {state}"}
        body = {**said, "target_url": "https://ci.example/1"}
        self.desk.call("wendy", "POST", f"/repos/{REPOSITORY}/statuses/{commit}", body)

    def review(self, login: str, pull: int, verdict: Verdict, body: str) -> None:
        """See ``Ground``."""
        event = {"APPROVED": "APPROVE", "CHANGES_REQUESTED": "REQUEST_CHANGES"}[verdict]
        sent = {"event": event, "body": body}
        self.desk.call(login, "POST", f"/repos/{REPOSITORY}/pulls/{pull}/reviews", sent)

    def close_pull(self, pull: int, *, closed: bool) -> None:
        """See ``Ground``."""
        state = {"state": "closed" if closed else "open"}
        self.desk.call("wendy", "PATCH", f"/repos/{REPOSITORY}/pulls/{pull}", state)

    def protect(self, *, strict: bool, approvals: int) -> None:
        """See ``Ground``."""
        reviews = {"required_approving_review_count": approvals} if approvals else None
        rules = {
            "required_status_checks": {"strict": True, "contexts": []} if strict else None,
            "enforce_admins": True,
            "required_pull_request_reviews": reviews,
            "restrictions": None,
        }
        self.desk.call("ada", "PUT", f"/repos/{REPOSITORY}/branches/main/protection", rules)

    def text(self, branch: str, path: str) -> str | None:
        """See ``Ground``."""
        content = self.desk.bare.files(branch).get(path)
        return None if content is None else content.decode()


@dataclass
class MemoryGround:
    """GitHub in memory."""

    site: Site

    def forge(self, login: str = BOT, name: str = REPOSITORY) -> ProjectForge:
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

    def react(self, login: str, comment: int, content: str) -> None:
        """See ``Ground``."""
        self.site.place(REPOSITORY).react(login, comment, content)

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

    def commit(self, branch: str, path: str, text: str) -> str:
        """See ``Ground``."""
        place = self.site.place(REPOSITORY)
        place.branches.setdefault(branch, place.branches["main"])
        return place.commit(branch, {path: text}, "Edit")

    def status(self, commit: str, state: str) -> None:
        """See ``Ground``."""
        self.site.place(REPOSITORY).pulls.statuses[commit]["ci"] = Status.of(state)

    def review(self, login: str, pull: int, verdict: Verdict, body: str) -> None:
        """See ``Ground``."""
        self.site.place(REPOSITORY).pulls.review(login, pull, verdict, body)

    def close_pull(self, pull: int, *, closed: bool) -> None:
        """See ``Ground``."""
        pulls = self.site.place(REPOSITORY).pulls
        (pulls.close if closed else pulls.reopen)(pull)

    def protect(self, *, strict: bool, approvals: int) -> None:
        """See ``Ground``."""
        pulls = self.site.place(REPOSITORY).pulls
        pulls.strict, pulls.approvals = strict, approvals

    def text(self, branch: str, path: str) -> str | None:
        """See ``Ground``."""
        place = self.site.place(REPOSITORY)
        return place.git.files(place.branches[branch]).get(path)


def new_site(moment: Moment) -> Site:
    """GitHub in memory with the people of a new hub, who have the same roles."""
    site = Site(moment)
    place = site.create(REPOSITORY)
    place.roles = {login: role.name.lower() for login, role in PEOPLE.items()}
    place.branches["main"] = place.git.commit([], {"README.md": "Here"}, "Begin")
    return site


@contextmanager
def ground(kind: str, folder: Path) -> Iterator[Ground]:
    """``hub`` or ``memory``."""
    if kind == "memory":
        yield MemoryGround(new_site(Moment(START)))
        return
    with opened(folder) as desk:
        yield HubGround(desk)
