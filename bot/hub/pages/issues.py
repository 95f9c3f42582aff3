"""The pages about issues: the list, one issue with its thread, and the forms that change them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.hub.data.issue_queries import IssueQuery
from bot.hub.data.records import Repository, Slice
from bot.hub.data.refusals import Invalid
from bot.hub.pages.queries import Thread
from bot.hub.pages.site import page_number, query_of
from bot.hub.pages.writing import Form, WritingPages

PER_PAGE = 50


class IssuePages(WritingPages):
    """Endpoints about issues."""

    def routes(self) -> list[BaseRoute]:
        """Reading and changing issues."""
        base, one, page = "/{owner}/{repo}/issues", "/{owner}/{repo}/issues/{number:int}", self._site.guarded
        return [
            Route(base, page(self.index)),
            Route(base, self._form(self.create, self.new), methods=["POST"]),
            Route(f"{base}/fragment", page(self.index_fragment)),
            Route(f"{base}/new", page(self.new)),
            Route(one, page(self.show)),
            Route(f"{one}/fragment", page(self.show_fragment)),
            Route(f"{one}/comments", self._form(self.comment, self.show), methods=["POST"]),
            Route(
                f"{one}/comments/{{comment:int}}/reactions",
                self._form(self.react, self.show),
                methods=["POST"],
            ),
            Route(f"{one}/labels", self._form(self.label, self.show), methods=["POST"]),
        ]

    def index(self, request: Request) -> Response:
        """The issues of a repository, one page of them."""
        repository = self._site.repository(request)
        live = f"/{repository.full_name}/issues/fragment?{request.url.query}"
        values = self._index_values(request, repository)
        return self._site.live_page("issues.html", "issues_list.html", repository, values, live=live)

    def index_fragment(self, request: Request) -> Response:
        """What of the list changes while somebody looks at it."""
        repository = self._site.repository(request)
        values = self._index_values(request, repository)
        return self._site.fragment(request, "issues_list.html", repository, values)

    def new(self, request: Request) -> Response:
        """The form for a new issue."""
        repository = self._site.repository(request)
        values = {**self._writing(request, repository), "tab": "issues"}
        return self._site.page("new_issue.html", repository, values, status=values["status"])

    def show(self, request: Request) -> Response:
        """One issue with its thread."""
        repository = self._site.repository(request)
        if self._world.issues.find(repository, request.path_params["number"]).pull_request:
            # GitHub numbers pull requests with the issues and shows them under another address.
            return RedirectResponse(f"/{repository.full_name}/pull/{request.path_params['number']}", 302)
        values = self._issue_values(request, repository)
        live = f"/{repository.full_name}/issues/{request.path_params['number']}/fragment"
        return self._site.live_page(
            "issue.html", "issue_thread.html", repository, values, live=live, status=values["status"]
        )

    def show_fragment(self, request: Request) -> Response:
        """What of an issue changes while somebody looks at it."""
        repository = self._site.repository(request)
        values = self._issue_values(request, repository)
        return self._site.fragment(request, "issue_thread.html", repository, values)

    def create(self, request: Request, form: Form) -> str:
        """File an issue; returns its address."""
        repository = self._site.repository(request)
        actor = self._site.actor(form.get("as", ""))
        issue = self._world.issues.create(repository, actor, form.get("title", ""), form.get("body", ""))
        return f"/{repository.full_name}/issues/{issue.number}"

    def comment(self, request: Request, form: Form) -> str:
        """Comment, close or reopen, or both; returns the address of what was added."""
        repository = self._site.repository(request)
        actor = self._site.actor(form.get("as", ""))
        number, state = request.path_params["number"], form.get("state", "")
        issue = self._world.issues.find(repository, number)
        address = f"/{repository.full_name}/issues/{number}"
        if not form.get("body", "").strip() and not state:
            raise Invalid("A comment needs some text. Write it and send it again.")
        if form.get("body", "").strip():
            comment = self._world.comments.create(issue, actor, form["body"])
            address += f"#issuecomment-{comment.id}"
        if state:
            self._world.issues.edit(repository, actor, number, {"state": state})
        return address

    def react(self, request: Request, form: Form) -> str:
        """Set or take back a thumb on a comment; returns the comment's address."""
        repository = self._site.repository(request)
        actor = self._site.actor(self._site.chosen(request, repository))
        comment = self._world.comments.find(repository, request.path_params["comment"])
        self._world.reactions.toggle(comment, actor, form.get("content"))
        return f"/{repository.full_name}/issues/{comment.issue_number}#issuecomment-{comment.id}"

    def label(self, request: Request, form: Form) -> str:
        """Put a label on or take one off; returns the issue's address."""
        repository = self._site.repository(request)
        actor = self._site.actor(self._site.chosen(request, repository))
        number = request.path_params["number"]
        if form.get("remove"):
            self._world.issues.remove_label(repository, actor, number, form["remove"])
        else:
            self._world.issues.add_labels(repository, actor, number, [form.get("add", "").strip()])
        return f"/{repository.full_name}/issues/{number}"

    def _index_values(self, request: Request, repository: Repository) -> dict[str, Any]:
        given = request.query_params
        state = "closed" if given.get("state") == "closed" else "open"
        label, author, page = given.get("label", ""), given.get("author", ""), page_number(request)
        labels = (label,) if label else ()
        query = IssueQuery(state, labels, author, pull_requests=False)
        issues, search = self._world.issues, (labels, author)
        count = issues.count(repository, query)
        return {
            "tab": "issues",
            "state": state,
            "label": label,
            "author": author,
            "page": page,
            "pages": -(-count // PER_PAGE),
            "issues": issues.search(repository, query, Slice(PER_PAGE, (page - 1) * PER_PAGE)),
            "pinned": [] if any(search) or page > 1 else issues.pinned(repository),
            **{
                f"{word}_shown": issues.count(repository, replace(query, state=word))
                for word in ("open", "closed")
            },
            "query": query_of(request),
        }

    def _issue_values(self, request: Request, repository: Repository) -> dict[str, Any]:
        issue = self._world.issues.find(repository, request.path_params["number"])
        thread = Thread(self._world, repository, issue)
        return {
            **self._writing(request, repository),
            "tab": "issues",
            "issue": issue,
            "opening": thread.opening(),
            "items": thread.items(),
            "participants": thread.participants(),
            "milestone": thread.milestone(),
            "known_labels": [label.name for label in self._world.labels.all(repository)],
        }
