"""What every REST request passes: token, rate limit, JSON, errors in GitHub's form, ETag, headers."""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from bot.hub.authentication import authenticate, scopes
from bot.hub.data.records import User
from bot.hub.data.refusals import Malformed, Refusal, Unauthenticated
from bot.hub.data.world import World
from bot.hub.rest.call import Answer, Call, Endpoint, link_header
from bot.hub.rest.limits import RateLimits, Standing

DOCUMENTATION = "https://docs.github.com/rest"
BODY_LIMIT = 10 * 1024 * 1024
_FREE = ("/rate_limit",)
_log = logging.getLogger("bot.hub")


class Gate:
    """Turns route functions into HTTP answers."""

    def __init__(self, world: World, limits: RateLimits) -> None:
        self._world = world
        self._limits = limits

    async def answer(self, request: Request, endpoint: Endpoint, resource: str = "core") -> Response:
        """Answer one request; whatever is refused on the way is answered in GitHub's form."""
        try:
            user = authenticate(self._world, request.scope)
        except Unauthenticated as refusal:
            return self._respond(request, refused(refusal), None, self._limits.look(None, resource))
        free = request.url.path.endswith(_FREE)
        standing = self._limits.look(user, resource) if free else self._limits.spend(user, resource)
        if standing is None:
            return self._respond(request, _exhausted(user), user, self._limits.look(user, resource))
        return self._respond(request, await self._call(request, endpoint, user), user, standing)

    async def _call(self, request: Request, endpoint: Endpoint, user: User | None) -> Answer:
        try:
            body = await _body(request)
            call = Call(
                self._world, self._limits, user, request.path_params, dict(request.query_params), body
            )
            return await run_in_threadpool(endpoint, call)
        except Refusal as refusal:
            return refused(refusal)
        except ClientDisconnect:
            return Answer(status=499)
        except Exception:
            _log.exception("%s %s failed", request.method, request.url.path)
            return Answer({"message": "Server Error"}, 500)

    def _respond(self, request: Request, answer: Answer, user: User | None, standing: Standing) -> Response:
        content = b"" if answer.status == 204 else json.dumps(answer.body, ensure_ascii=False).encode()
        headers = {
            **standing.headers(),
            **answer.headers,
            "Date": self._world.clock.http_date(),
            "X-GitHub-Request-Id": secrets.token_hex(8).upper(),
            "X-GitHub-Media-Type": "github.v3; format=json",
        }
        if answer.status == 201 and isinstance(answer.body, dict) and "url" in answer.body:
            headers.setdefault("Location", answer.body["url"])
        if (scoped := scopes(self._world, request.scope)) is not None:
            headers["X-OAuth-Scopes"] = scoped
        if answer.total is not None:
            headers |= self._link(request, answer.total)
        if request.method in ("GET", "HEAD") and answer.status == 200:
            headers |= _cache_headers(content, user)
            if _matches(request.headers.get("if-none-match", ""), headers["ETag"]):
                resource = standing.resource
                headers |= self._limits.refund(user, resource).headers()
                return Response(status_code=304, headers=headers)
        if answer.status == 204:
            return Response(status_code=204, headers=headers)
        headers["Content-Type"] = "application/json; charset=utf-8"
        return Response(content, answer.status, headers)

    def _link(self, request: Request, total: int) -> Mapping[str, str]:
        query = dict(request.query_params)
        part = Call(self._world, self._limits, None, {}, query, {}).part()
        link = link_header(f"{self._world.base_url}{request.url.path}", query, part, total)
        return {"Link": link} if link else {}


def refused(refusal: Refusal) -> Answer:
    """A refusal in the form of GitHub's errors."""
    body: dict[str, Any] = {"message": refusal.message}
    if refusal.errors:
        body["errors"] = list(refusal.errors)
    return Answer({**body, "documentation_url": DOCUMENTATION, "status": str(refusal.status)}, refusal.status)


def _exhausted(user: User | None) -> Answer:
    who = f"user ID {user.id}" if user else "127.0.0.1"
    body = {"message": f"API rate limit exceeded for {who}.", "documentation_url": DOCUMENTATION}
    return Answer({**body, "status": "403"}, 403)


async def _body(request: Request) -> object:
    if request.method in ("GET", "HEAD"):
        return {}
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > BODY_LIMIT:
            raise Malformed(f"The body is larger than {BODY_LIMIT} bytes")
    if not content.strip():
        return {}
    try:
        return json.loads(content.decode())
    except ValueError as error:
        raise Malformed from error


def _cache_headers(content: bytes, user: User | None) -> dict[str, str]:
    # GitHub's ETags differ from token to token, though the answer may be the same.
    seed = (user.login if user else "").encode() + b"\0" + content
    return {
        "ETag": f'W/"{hashlib.sha256(seed).hexdigest()}"',
        "Cache-Control": f"{'private' if user else 'public'}, max-age=60, s-maxage=60",
        "Vary": "Accept, Authorization, Cookie, X-GitHub-OTP, Accept-Encoding",
    }


def _matches(condition: str, etag: str) -> bool:
    strong = etag.removeprefix("W/")
    return any(tag.strip().removeprefix("W/") in (strong, "*") for tag in condition.split(","))
