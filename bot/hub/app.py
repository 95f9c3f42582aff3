"""The hub's ASGI application: puts the API, git, the pages and the control surface together."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp

from bot.hub import graphql_api
from bot.hub.control import Control
from bot.hub.data.world import World
from bot.hub.exchanges import TellExchanges
from bot.hub.fault_injection import HangUp, InjectFaults
from bot.hub.faults import Faults
from bot.hub.git_http import GitHttp
from bot.hub.request_log import LogRequests, RequestLog
from bot.hub.rest import routes as rest_routes
from bot.hub.rest.gate import Gate
from bot.hub.rest.limits import RateLimits
from bot.hub.site_http import SiteHttp


def application(
    world: World, limits: RateLimits, log: RequestLog, faults: Faults, hang_up: HangUp
) -> ASGIApp:
    """The whole hub; ``hang_up`` closes the connection of a request (for faults that drop it)."""
    gate = Gate(world, limits)
    routes: list[BaseRoute] = [
        Mount("/api/v3", rest_routes.application(gate, log)),
        Route("/api/graphql", rest_routes.handler(gate, graphql_api.answer, "graphql"), methods=["POST"]),
        Control(world, log, faults).mount(),
        *GitHttp(world).routes(),
        *SiteHttp(world).routes(),
        *_pages(world),
    ]
    app: ASGIApp = InjectFaults(Starlette(routes=routes), faults, hang_up, world.clock.http_date)
    # A foreign name that resolves to this machine must not make a browser talk to the hub.
    return TrustedHostMiddleware(
        LogRequests(TellExchanges(app), log), allowed_hosts=["127.0.0.1", "localhost"]
    )


def _pages(world: World) -> list[BaseRoute]:
    # The pages bring their own libraries; a hub that is only driven by programs does without.
    from bot.hub.pages.routes import routes

    return routes(world)
