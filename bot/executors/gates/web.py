"""The gate of links to elsewhere: asks each address once, without credentials and within narrow limits.

Nobody's private network is looked into: an address that is not public is not connected to, however it was
named or redirected to. The one exception is the host of the project's own deployment.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, urljoin, urlsplit

MOST_LINKS = 40
"""Different addresses of a task that are asked."""
MOST_SECONDS = 60.0
"""For all of them together."""
SECONDS = 8.0
"""For one of them, from the connection to the status line."""
REDIRECTS = 4
_REDIRECTING = frozenset({301, 302, 303, 307, 308})
_TRANSLATED = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "2002::/16", "2001::/32")))
"""IPv6 networks that lead to IPv4 addresses, private ones too (RFC 6052, 3056, 4380)."""
_AGENT = "orchestrator-link-check"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of asking for an address."""

    status: int = 0
    """The HTTP status in the end; 0 where there was none."""
    refused: str = ""
    """Why it was not asked at all, by our own rules."""
    error: str = ""
    """Why there is no status."""

    @property
    def reached(self) -> bool:
        """Whether a server answered."""
        return self.status > 0

    @property
    def resolves(self) -> bool:
        """Whether the link leads somewhere."""
        return 0 < self.status < 400


def ask(urls: Iterable[str], own: str = "", seconds: float = MOST_SECONDS) -> Mapping[str, Answer]:
    """What the addresses answer, as far as there is time; ``own`` is the deployment's address.

    Addresses beyond the limits are missing from what is returned.
    """
    ends, answers = time.monotonic() + seconds, dict[str, Answer]()
    silent: dict[str, Answer] = {}
    for url in list(dict.fromkeys(urls))[:MOST_LINKS]:
        if time.monotonic() >= ends:
            break
        host = urlsplit(url).netloc.casefold()
        answers[url] = silent.get(host) or _follow(url, _place(urlsplit(own)) if own else None)
        if answers[url].error:
            silent[host] = answers[url]  # a host that does not answer is waited for once
    return answers


class _NotAllowed(Exception):
    pass


def _follow(url: str, own: tuple[str, int] | None) -> Answer:
    try:
        for _ in range(REDIRECTS + 1):
            status, location = _get(urlsplit(url), own)
            if status not in _REDIRECTING or not location:
                return Answer(status=status)
            url = urljoin(url, location)
        return Answer(error=f"redirects more than {REDIRECTS} times")
    except _NotAllowed as error:
        return Answer(refused=str(error))
    except ssl.SSLError as error:
        return Answer(error=f"its TLS does not hold ({error.reason or 'unknown'})")
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Answer(error=str(error)[:200] or type(error).__name__)


def _place(parts: SplitResult) -> tuple[str, int]:
    return (parts.hostname or "").casefold(), parts.port or (443 if parts.scheme == "https" else 80)


def _get(parts: SplitResult, own: tuple[str, int] | None) -> tuple[int, str]:
    """(status, Location) of one request, whose body is not read. Raises what ``_follow`` catches."""
    if parts.scheme not in ("http", "https"):
        raise _NotAllowed(f"it redirects to {parts.scheme or 'no'} address, which is not followed")
    if parts.username is not None or parts.password is not None:
        raise _NotAllowed("it holds a user name or a password, which are never sent")
    host, port = _place(parts)
    address = _allowed(host, port, private=(host, port) == own)
    with socket.create_connection((address, port), timeout=SECONDS) as plain:
        watchdog = threading.Timer(SECONDS, _cut, [plain])
        watchdog.start()
        try:
            return _request(plain, parts, host, port)
        finally:
            watchdog.cancel()


def _request(plain: socket.socket, parts: SplitResult, host: str, port: int) -> tuple[int, str]:
    channel = plain
    if parts.scheme == "https":
        channel = ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    connection = http.client.HTTPConnection(host, port)
    connection.sock = channel  # the address was judged, so no other one is looked up
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._") + (f"?{parts.query}" if parts.query else "")
    connection.request("GET", path, headers={"User-Agent": _AGENT, "Accept": "*/*", "Connection": "close"})
    response = connection.getresponse()
    return response.status, response.getheader("Location", "")


def _cut(channel: socket.socket) -> None:
    """End a connection that drips: a socket's own time-out begins anew with every byte."""
    with contextlib.suppress(OSError):
        channel.shutdown(socket.SHUT_RDWR)


def _allowed(host: str, port: int, *, private: bool) -> str:
    """An address of the host that may be connected to. Raises _NotAllowed where one of them may not."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(row[4][0]) for row in found]
    for address in () if private else addresses:
        if not _public(address):
            raise _NotAllowed("its host is on a private network, which is not looked into")
    return addresses[0]


def _public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return _public(str(ip.ipv4_mapped))
        if any(ip in network for network in _TRANSLATED):
            return False
    return ip.is_global and not ip.is_multicast
