"""Routes about accounts and about the API itself."""

from __future__ import annotations

from bot.hub.data.refusals import Missing, Unauthenticated
from bot.hub.rest.call import Answer, Call


def own_account(call: Call) -> Answer:
    """``GET /user``."""
    if call.actor is None:
        raise Unauthenticated
    return Answer(call.world.show.profile(call.actor, own=True))


def account(call: Call) -> Answer:
    """``GET /users/{login}``."""
    return Answer(call.world.show.profile(call.world.users.find(call.path["login"])))


def organization(call: Call) -> Answer:
    """``GET /orgs/{org}``."""
    user = call.world.users.find(call.path["org"])
    if user.type != "Organization":
        raise Missing
    return Answer(call.world.show.organization(user))


def permission(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/collaborators/{login}/permission``."""
    repository = call.repository()
    if call.actor is None:
        raise Unauthenticated
    return Answer(call.world.show.permission(repository, call.world.users.find(call.path["login"])))


def rate_limit(call: Call) -> Answer:
    """``GET /rate_limit``; costs nothing."""
    resources = {name: call.limits.look(call.actor, name).json() for name in ("core", "graphql", "search")}
    return Answer({"resources": resources, "rate": resources["core"]})


def meta(call: Call) -> Answer:
    """``GET /meta``."""
    return Answer({"verifiable_password_authentication": False, "installed_version": "3.19.0"})
