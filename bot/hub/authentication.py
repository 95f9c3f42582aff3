"""Who a request comes from: ``Authorization`` with a token, or Basic with the token as the password."""

from __future__ import annotations

import base64
import binascii

from starlette.types import Scope

from bot.hub.data.records import User
from bot.hub.data.refusals import Unauthenticated
from bot.hub.data.world import World
from bot.hub.request_log import note_login


def authenticate(world: World, scope: Scope) -> User | None:
    """The account of a request, None without credentials. Raises Unauthenticated for bad ones."""
    tokens = _tokens(scope)
    if not tokens:
        return None
    for token in tokens:
        user = world.users.by_token(token)
        if user is not None:
            note_login(scope, user.login)
            return user
    raise Unauthenticated("Bad credentials")


def scopes(world: World, scope: Scope) -> str | None:
    """The scopes of the request's token where it is one of the classic kind."""
    found = (world.users.scopes_of(token) for token in _tokens(scope))
    return next((each for each in found if each is not None), None)


def _tokens(scope: Scope) -> list[str]:
    """The texts that may be the token, most likely first; git may send it as the user name."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            kind, _, rest = value.decode("latin-1").partition(" ")
            if kind.lower() in ("token", "bearer"):
                return [rest.strip()]
            return _basic(rest) if kind.lower() == "basic" else [""]
    return []


def _basic(encoded: str) -> list[str]:
    try:
        user, _, password = base64.b64decode(encoded).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return [""]
    return [password, user]
