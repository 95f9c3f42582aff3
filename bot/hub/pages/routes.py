"""The hub in the browser: what a person would look at on GitHub, for this machine's own world.

The pages read the world and post forms to it; whatever is posted passes the same checks as the API.
"""

from __future__ import annotations

from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from bot.hub.data.world import World
from bot.hub.pages import drawing
from bot.hub.pages.code import CodePages
from bot.hub.pages.dashboards import DashboardPages
from bot.hub.pages.issues import IssuePages
from bot.hub.pages.pulls import PullPages
from bot.hub.pages.runs import RunPages
from bot.hub.pages.site import STATIC, Site


def routes(world: World, main: str = "") -> list[BaseRoute]:
    """All routes of the pages; ``main`` (``owner/name``) is where ``/`` leads.

    Without ``main`` it leads to the oldest repository. The routes match any ``/{owner}/{repo}``, so an
    application puts its API and its git routes before them.
    """
    site = Site(world)
    return [
        # No owner's name starts with a hyphen, so this hides no repository.
        Mount("/-/static", StaticFiles(directory=STATIC)),
        *drawing.routes(),
        *IssuePages(site).routes(),
        *PullPages(site).routes(),
        *RunPages(site).routes(),
        *DashboardPages(site).routes(),
        *CodePages(site, main).routes(),
    ]
