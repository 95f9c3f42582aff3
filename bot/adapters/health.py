"""Asks whether a deployment answers: over HTTP, without any credential, until it does or the time is over."""

from __future__ import annotations

import ipaddress
import time
from http import HTTPStatus
from urllib.parse import urlsplit

import requests
from requests.structures import CaseInsensitiveDict
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from bot.domain.deploying import HealthCheck
from bot.ports.outside import Seen

INTERVAL = 3.0
"""Seconds between two questions."""
MOST_READ = 1_000_000
"""Bytes of an answer that are looked at."""
_PATIENCE = 10.0
"""Seconds for an answer to begin, and as many to be read."""
_REDIRECTS = 5
_NO_PROXY = {"http": "", "https": ""}
_AGENT = "orchestrator health check"


def ask(url: str, wanted: HealthCheck, *, interval: float = INTERVAL) -> Seen:
    """Implements ``bot.ports.Health``; ``interval`` is the pause between two questions in seconds."""
    address = joined(url, wanted.path)
    if problem := _unusable(address):
        return Seen(False, problem)
    began = time.monotonic()
    retrying = Retrying(
        stop=stop_after_delay(wanted.seconds),
        wait=wait_fixed(interval),
        retry=retry_if_result(lambda seen: not seen.ok),
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else _NOTHING,
    )
    seen = retrying(_once, address, wanted)
    seconds = round(time.monotonic() - began)
    return seen if seen.ok or not seconds else Seen(False, f"{seen.says} after {seconds} s")


_NOTHING = Seen(False, "no answer: it was not asked")


def joined(url: str, path: str) -> str:
    """The address with a path added behind it."""
    return url if not path else f"{url.rstrip('/')}{'' if path[0] in '?#' else '/'}{path.lstrip('/')}"


def _unusable(address: str) -> str:
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        usable = False
    else:
        if usable and (parts.username is not None or parts.password is not None):
            return "not asked: the address holds credentials; give one without"
    return "" if usable else "not asked: that is no http or https address"


def _once(address: str, wanted: HealthCheck) -> Seen:
    """One question."""
    with _Anonymous() as session:
        proxies = _NO_PROXY if _local(address) else None  # no proxy knows this machine's loopback
        session.max_redirects = _REDIRECTS
        try:
            with session.get(
                address, timeout=_PATIENCE, stream=True, auth=_no_credentials, proxies=proxies
            ) as answer:
                return _judged(answer, wanted)
        except requests.RequestException as error:
            return Seen(False, f"no answer: {_why(error)}")
        except (OSError, ValueError) as error:  # a connection that breaks while it is read, a bad redirect
            return Seen(False, f"no answer: {_known(error)}")


class _Anonymous(requests.Session):
    """Sends no credentials, wherever it is redirected to and whatever the user's ``.netrc`` says."""

    def __init__(self) -> None:
        super().__init__()
        self.headers = CaseInsensitiveDict({"User-Agent": _AGENT, "Accept": "*/*"})

    def rebuild_auth(self, prepared_request: requests.PreparedRequest, response: requests.Response) -> None:
        """In place of looking credentials up for the address that an answer names."""
        prepared_request.headers.pop("Authorization", None)


def _no_credentials(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """An authentication of one's own keeps requests from looking for another."""
    return request


def _local(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _judged(answer: requests.Response, wanted: HealthCheck) -> Seen:
    says = f"{answer.status_code} {_reason(answer)}".strip()
    if answer.status_code != wanted.status:
        return Seen(False, says if wanted.status == 200 else f"{says}, expected {wanted.status}")
    if wanted.contains and wanted.contains not in _text(answer):
        return Seen(False, f"{says}, without the expected text")
    return Seen(True, says)


def _reason(answer: requests.Response) -> str:
    """The usual words for a status, never the server's own."""
    try:
        return HTTPStatus(answer.status_code).phrase
    except ValueError:
        return ""


def _text(answer: requests.Response) -> str:
    """The answer's beginning; one that trickles in is read no longer than the patience lasts."""
    until = time.monotonic() + _PATIENCE
    read = bytearray()
    while len(read) < MOST_READ and time.monotonic() < until:
        block = answer.raw.read1(65_536, decode_content=True)
        if not block:
            break
        read += block
    return read[:MOST_READ].decode("utf-8", "replace")


def _why(error: requests.RequestException) -> str:
    """In a few words of our own; the library's message repeats the address and shows addresses in memory."""
    match error:
        case requests.TooManyRedirects():
            return f"more than {_REDIRECTS} redirects"
        case requests.Timeout():
            return f"nothing within {_PATIENCE:.0f} s"
        case requests.exceptions.SSLError():
            return "its certificate is not valid"
        case requests.exceptions.ProxyError():
            return "the proxy does not let it through"
    return _known(error)


def _known(error: BaseException) -> str:
    """The system's reason, where one is inside."""
    text = str(error).casefold()
    return next((reason for sign, reason in _SIGNS.items() if sign in text), "the connection broke")


_SIGNS = {
    "refused": "connection refused",
    "resol": "its name is not known",
    "reset": "the connection was reset",
    "unreachable": "the host cannot be reached",
    "adapter": "a redirect leads to no http or https address",
}
"""What the system's and the library's messages hold → what is told."""
