"""The frame that draws diagrams, and the library in it: apart from the pages, because texts are anybody's."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from bot import assets

FRAME = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Draws diagrams</title>
<script src="/-/mermaid.js"></script><script src="/-/static/drawing.js"></script></head><body></body></html>
"""
_FRAME_HEADERS = {
    # The library writes style elements; nothing else is let in, and the frame has no origin of its own.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
        "frame-ancestors 'self'; sandbox allow-scripts"
    ),
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
}


def routes() -> list[BaseRoute]:
    """No owner's name starts with a hyphen, so these hide no repository."""
    return [Route("/-/diagrams.html", _frame), Route("/-/mermaid.js", _library)]


def _frame(request: Request) -> Response:
    return HTMLResponse(FRAME, headers=_FRAME_HEADERS)


def _library(request: Request) -> Response:
    """The library, packed for whoever takes it so: that is a quarter of it."""
    etag = f'"mermaid-{assets.version("mermaid")}"'
    headers = {"ETag": etag, "Cache-Control": "max-age=86400", "Vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        packed = {**headers, "Content-Encoding": "gzip"}
        return Response(assets.packed("mermaid"), media_type="text/javascript", headers=packed)
    return Response(assets.script("mermaid"), media_type="text/javascript", headers=headers)
