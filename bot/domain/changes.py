"""What the configuration changes of agents' profiles.

Apart from the profiles' own models, which no command needs: they are imported where there are changes.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, JsonValue, ValidationError


def _known(changes: dict[str, Any]) -> dict[str, Any]:
    """Changes of a profile, each valid by itself; whether they fit their profile shows when it is used."""
    from bot.domain.profiles import Profile

    complete = {"command": ["{prompt}", "{prompt_file}"], **changes}
    complete.pop("like", None)
    try:
        Profile.model_validate(complete)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise ValueError(f"{place}: {first['msg']}" if place else str(first["msg"])) from None
    return changes


Changes = Annotated[dict[str, JsonValue], AfterValidator(_known)]
"""What the configuration says of an executor: keys of ``Profile``, and ``like``, the one to start from."""
