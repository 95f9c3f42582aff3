"""What the pages with forms share: who writes, what was refused, and how a change is carried out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.hub.data.records import Repository
from bot.hub.data.refusals import Clash, Invalid, NotAllowed, Refusal, Unmergeable
from bot.hub.pages.forms import read_form
from bot.hub.pages.site import COOKIE, Site

Form = Mapping[str, str]
Change = Callable[[Request, Form], str]


class WritingPages:
    """The base of pages on which people write."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._world = site.world

    def _writing(self, request: Request, repository: Repository) -> dict[str, Any]:
        refused = request.scope.get("hub.refused", {})
        return {
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
            except (Clash, Invalid, NotAllowed, Unmergeable) as refusal:
                login = (
                    form.get("as")
                    or form.get("by")
                    or self._site.chosen(request, self._site.repository(request))
                )
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
