"""What GitHub says of the requests that a token has made."""

from __future__ import annotations

from pydantic import Field

from bot.domain.base import Frozen, Time


class Quota(Frozen):
    """What GitHub says of the token's requests in the present hour (its ``x-ratelimit-`` headers)."""

    limit: int = Field(ge=0)
    used: int = Field(ge=0)
    resets_at: Time
