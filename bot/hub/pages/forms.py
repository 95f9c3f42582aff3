"""Takes in the pages' forms: only from the hub's own pages, of a sane size, with plain line ends."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request

from bot.hub.data.refusals import NotAllowed, Refusal

LIMIT = 1_000_000
"""Bytes of a form; an issue's text may have 65,536 characters, which are percent-encoded here."""

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class TooLarge(Refusal):
    """The form is larger than ``LIMIT``."""

    status = 413


async def read_form(request: Request, own_host: str) -> dict[str, str]:
    """A form's fields; of a name that comes twice the last one counts.

    ``own_host`` is the host name that the hub is served under. Raises NotAllowed for a form that
    another site's page sent, TooLarge for one that is too large.
    """
    check_origin(request, own_host)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LIMIT:
            raise TooLarge("This is more text than a form may carry; split it up.")
    pairs = parse_qsl(bytes(body).decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=50)
    return {name: value.replace("\r\n", "\n").replace("\r", "\n") for name, value in pairs}


def check_origin(request: Request, own_host: str) -> None:
    """Raise NotAllowed unless the request comes from a page of this hub.

    There is no login, so any page in the same browser could otherwise command the fleet. Comparing
    Origin with Host is not enough: a foreign name that resolves to this machine passes that (DNS
    rebinding), therefore the host has to be a name that is ours.
    """
    host = request.headers.get("host", "")
    origin = urlsplit(request.headers.get("origin", ""))
    ours = urlsplit(f"//{host}").hostname in _LOOPBACK | {own_host}
    if not ours or not origin.netloc or origin.netloc != host or origin.scheme not in ("http", "https"):
        raise NotAllowed(
            "This form did not come from a page of this hub. Open the page here and send it again; "
            "programs use the API under /api/v3."
        )
