"""The pages about issues: the list, one issue with its thread, and the forms that change them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.hub.data.issue_queries import IssueQuery
from bot.hub.data.records import Repository, Slice
from bot.hub.data.refusals import Invalid, NotAllowed, Refusal
from bot.hub.pages.forms import read_form
from bot.hub.pages.queries import Thread
from bot.hub.pages.site import COOKIE, Site, page_number, query_of

PER_PAGE = 50

Form = Mapping[str, str]
Change = Callable[[Request, Form], str]


class IssuePages:
    """Endpoints about issues."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._world = site.world

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
            Route(f"{one}/labels", self._form(self.label, self.show), methods=["POST"]),
            # GitHub numbers pull requests with the issues and shows them under another address.
            Route("/{owner}/{repo}/pull/{number:int}", page(self.show)),
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
        values = self._writing(request, repository)
        return self._site.page("new_issue.html", repository, values, status=values["status"])

    def show(self, request: Request) -> Response:
        """One issue with its thread."""
        repository = self._site.repository(request)
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
        query = IssueQuery(state=state, labels=labels, creator=author)
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
            "open_shown": issues.count(repository, IssueQuery("open", labels, author)),
            "closed_shown": issues.count(repository, IssueQuery("closed", labels, author)),
            "query": query_of(request),
        }

    def _issue_values(self, request: Request, repository: Repository) -> dict[str, Any]:
        issue = self._world.issues.find(repository, request.path_params["number"])
        thread = Thread(self._world, repository, issue)
        return {
            **self._writing(request, repository),
            "issue": issue,
            "opening": thread.opening(),
            "items": thread.items(),
            "participants": thread.participants(),
            "milestone": thread.milestone(),
            "known_labels": [label.name for label in self._world.labels.all(repository)],
        }

    def _writing(self, request: Request, repository: Repository) -> dict[str, Any]:
        refused = request.scope.get("hub.refused", {})
        return {
            "tab": "issues",
            "people": self._site.people(repository),
            "chosen": refused.get("as") or self._site.chosen(request, repository),
            "typed": refused.get("typed", {}),
            "problem": refused.get("problem", ""),
            "status": refused.get("status", 200),
        }

    def _form(self, change: Change, page: Callable[[Request], Response]) -> Callable[[Request], Any]:
        """An endpoint that makes a change and leads on, or shows the page again with what is wrong."""

        async def endpoint(request: Request) -> Response:
            own_host = urlsplit(self._world.base_url).hostname or ""
            try:
                form = await read_form(request, own_host)
            except Refusal as refusal:
                return self._site.refused(refusal.status, refusal.message, "/")
            return await run_in_threadpool(self._site.guarded(lambda asked: answer(asked, form)), request)

        def answer(request: Request, form: Form) -> Response:
            try:
                response: Response = RedirectResponse(change(request, form), 303)
            except (Invalid, NotAllowed) as refusal:
                login = form.get("as") or self._site.chosen(request, self._site.repository(request))
                problem = self._explained(request, refusal, login)
                request.scope["hub.refused"] = {
                    "as": login, "typed": form, "problem": problem, "status": refusal.status,
                }  # fmt: skip
                return page(request)
            if "as" in form:
                response.set_cookie(COOKIE, quote(form["as"]), max_age=31_536_000, samesite="strict")
            return response

        return endpoint

    def _explained(self, request: Request, refusal: Refusal, login: str) -> str:
        if isinstance(refusal, NotAllowed):
            role = self._world.users.role(self._site.repository(request), self._world.users.get(login))
            return (
                f"{login} has the role {role.label} here and may not do this. Choose another account below."
            )
        return "; ".join(map(_told, refusal.errors)) or refusal.message


def _told(error: Mapping[str, str] | str) -> str:
    if isinstance(error, str):
        return error
    return error.get("message") or f"{error['field']} is missing"
