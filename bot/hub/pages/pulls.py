"""The pages about pull requests: the list, the conversation, commits and files, and their forms."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.hub.data import git_changes, git_data
from bot.hub.data.pull_merge import METHODS, Wish
from bot.hub.data.pull_queries import PullQuery
from bot.hub.data.pull_records import Pull
from bot.hub.data.records import Repository, Slice
from bot.hub.data.refusals import Invalid
from bot.hub.pages.diffs import file_diff
from bot.hub.pages.pull_views import PullThread, commit_views, may_merge, outlook
from bot.hub.pages.site import page_number, query_of
from bot.hub.pages.writing import Form, WritingPages

PER_PAGE = 50
MOST_FILES = 200
"""Files of one pull request whose diffs are shown."""


class PullPages(WritingPages):
    """Endpoints about pull requests."""

    def routes(self) -> list[BaseRoute]:
        """Reading, reviewing, merging."""
        base, one, page = "/{owner}/{repo}/pulls", "/{owner}/{repo}/pull/{number:int}", self._site.guarded
        return [
            Route(base, page(self.index)),
            Route(f"{base}/fragment", page(self.index_fragment)),
            Route(f"{one}.diff", page(self.diff)),
            Route(f"{one}.patch", page(self.patch)),
            Route(one, page(self.show)),
            Route(f"{one}/fragment", page(self.show_fragment)),
            Route(f"{one}/commits", page(self.commits)),
            Route(f"{one}/files", page(self.files)),
            Route(f"{one}/comments", self._form(self.answer, self.show), methods=["POST"]),
            Route(f"{one}/merge", self._form(self.merge, self.show), methods=["POST"]),
            Route(f"{one}/update", self._form(self.update, self.show), methods=["POST"]),
        ]

    def index(self, request: Request) -> Response:
        """The pull requests of a repository, one page of them."""
        repository = self._site.repository(request)
        live = f"/{repository.full_name}/pulls/fragment?{request.url.query}"
        values = self._index_values(request, repository)
        return self._site.live_page("pulls.html", "pulls_list.html", repository, values, live=live)

    def index_fragment(self, request: Request) -> Response:
        """What of the list changes while somebody looks at it."""
        repository = self._site.repository(request)
        values = self._index_values(request, repository)
        return self._site.fragment(request, "pulls_list.html", repository, values)

    def show(self, request: Request) -> Response:
        """One pull request with its conversation."""
        repository = self._site.repository(request)
        if not self._world.issues.find(repository, request.path_params["number"]).pull_request:
            return RedirectResponse(f"/{repository.full_name}/issues/{request.path_params['number']}", 302)
        values = self._pull_values(request, repository)
        live = f"/{repository.full_name}/pull/{request.path_params['number']}/fragment"
        return self._site.live_page(
            "pull.html", "pull_thread.html", repository, values, live=live, status=values["status"]
        )

    def show_fragment(self, request: Request) -> Response:
        """What of a pull request changes while somebody looks at it."""
        repository = self._site.repository(request)
        values = self._pull_values(request, repository)
        return self._site.fragment(request, "pull_thread.html", repository, values)

    def commits(self, request: Request) -> Response:
        """Its commits, oldest first."""
        repository, pull = self._found(request)
        values = {
            **self._head_values(repository, pull, "commits"),
            "rows": commit_views(self._world.pulls.commits(pull)),
        }
        return self._site.page("pull_commits.html", repository, values)

    def files(self, request: Request) -> Response:
        """The files that it changes, with the remarks on them."""
        repository, pull = self._found(request)
        remarks = [each for each in self._world.reviews.remarks(pull) if each.commit_sha == pull.head_sha]
        thread, changes = PullThread(self._world, repository, pull), self._world.pulls.files(pull)
        values = {
            **self._head_values(repository, pull, "files"),
            "diffs": [file_diff(change, remarks) for change in changes[:MOST_FILES]],
            "left_out": max(len(changes) - MOST_FILES, 0),
            "shown_remark": thread.remark,
        }
        return self._site.page("pull_files.html", repository, values)

    def diff(self, request: Request) -> Response:
        """Its changes as one diff."""
        repository, pull = self._found(request)
        path = self._world.repositories.path(repository)
        base = git_changes.merge_base(path, pull.base_sha, pull.head_sha) or pull.base_sha
        return _text(git_data.run(path, "diff", "--no-ext-diff", base, pull.head_sha))

    def patch(self, request: Request) -> Response:
        """Its commits as mails for ``git am``."""
        repository, pull = self._found(request)
        path = self._world.repositories.path(repository)
        between = f"{pull.base_sha}..{pull.head_sha}"
        return _text(git_data.run(path, "format-patch", "--stdout", "--no-ext-diff", between))

    def answer(self, request: Request, form: Form) -> str:
        """Comment, judge, close or reopen; returns the address of what was added."""
        repository, pull = self._found(request)
        actor = self._site.actor(form.get("as", ""))
        act, body = form.get("act", "comment"), form.get("body", "")
        address = f"/{repository.full_name}/pull/{pull.number}"
        if act in ("APPROVE", "REQUEST_CHANGES"):
            if act == "REQUEST_CHANGES" and not body.strip():
                raise Invalid("Who asks for changes has to say which. Write it and send it again.")
            review = self._world.reviews.create(repository, actor, pull, event=act, body=body)
            return f"{address}#pullrequestreview-{review.id}"
        if act == "comment" and not body.strip():
            raise Invalid("A comment needs some text. Write it and send it again.")
        if body.strip():
            comment = self._world.comments.create(pull.issue, actor, body)
            address += f"#issuecomment-{comment.id}"
        if act in ("open", "closed"):
            self._world.pulls.edit(repository, actor, pull.number, {"state": act})
        return address

    def merge(self, request: Request, form: Form) -> str:
        """Merge what was looked at; returns the pull request's address."""
        repository, pull = self._found(request)
        actor = self._site.actor(form.get("by", ""))
        wish = Wish(form.get("method", METHODS[0]), form.get("sha") or None)
        self._world.merging.merge(repository, actor, pull.number, wish)
        return f"/{repository.full_name}/pull/{pull.number}"

    def update(self, request: Request, form: Form) -> str:
        """Merge the base branch into it; returns the pull request's address."""
        repository, pull = self._found(request)
        actor = self._site.actor(form.get("by", ""))
        self._world.merging.update(repository, actor, pull.number, form.get("sha") or None)
        return f"/{repository.full_name}/pull/{pull.number}"

    def _found(self, request: Request) -> tuple[Repository, Pull]:
        repository = self._site.repository(request)
        return repository, self._world.pulls.find(repository, request.path_params["number"])

    def _index_values(self, request: Request, repository: Repository) -> dict[str, Any]:
        state = "closed" if request.query_params.get("state") == "closed" else "open"
        query, page = PullQuery(state), page_number(request)
        found = self._world.pulls.search(repository, query, Slice(PER_PAGE, (page - 1) * PER_PAGE))
        counts = {
            word: self._world.pulls.count(repository, replace(query, state=word))
            for word in ("open", "closed")
        }
        return {
            "tab": "pulls",
            "state": state,
            "page": page,
            "pages": -(-counts[state] // PER_PAGE),
            "counts": counts,
            "pulls": found,
            "query": query_of(request),
        }

    def _pull_values(self, request: Request, repository: Repository) -> dict[str, Any]:
        pull = self._world.pulls.find(repository, request.path_params["number"])
        thread = PullThread(self._world, repository, pull)
        writing = self._writing(request, repository)
        return {
            **writing,
            **self._head_values(repository, pull, "conversation"),
            "issue": pull.issue,
            "opening": thread.opening(),
            "items": thread.conversation(),
            "participants": thread.participants(),
            "outlook": outlook(self._world, repository, pull),
            "methods": METHODS,
            "may_merge": may_merge(self._world, repository, self._world.users.get(writing["chosen"])),
        }

    def _head_values(self, repository: Repository, pull: Pull, view: str) -> dict[str, Any]:
        return {
            "tab": "pulls",
            "pull": pull,
            "view": view,
            "known_branches": set(self._world.pulls.heads(repository)),
            "commit_count": len(self._world.pulls.commits(pull)),
            "file_count": len(self._world.pulls.files(pull)),
        }


def _text(found: bytes | None) -> Response:
    # A stranger's text under the hub's own address: shown, never run.
    headers = {"Content-Security-Policy": "default-src 'none'; sandbox", "X-Content-Type-Options": "nosniff"}
    return PlainTextResponse(found or b"", headers=headers)
