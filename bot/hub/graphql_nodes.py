"""Small pieces that all of the GraphQL API is made of: nodes, pages of them, errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphql import GraphQLError

Json = dict[str, Any]
REACTIONS = {
    "+1": "THUMBS_UP", "-1": "THUMBS_DOWN", "laugh": "LAUGH", "hooray": "HOORAY", "confused": "CONFUSED",
    "heart": "HEART", "rocket": "ROCKET", "eyes": "EYES",
}  # fmt: skip
"""What REST calls a reaction → what GraphQL does, in GitHub's order."""
MOST_NODES = 100
"""Nodes of one page, as GitHub allows."""


def node_fields(shown: Json) -> Json:
    """What every node has."""
    return {"id": shown["node_id"], "databaseId": shown["id"]}


def connection(nodes: Sequence[Json], part: Json) -> Json:
    """A page of nodes, from the beginning (``first``, ``after``) or the end (``last``, ``before``).

    Cursors are positions, counted from 1.
    """
    begin, end = _position(part.get("after"), 0), _position(part.get("before"), len(nodes) + 1) - 1
    begin, end = min(begin, len(nodes)), min(end, len(nodes))
    first, last = part.get("first"), part.get("last")
    if first is None and last is not None:
        begin = max(begin, end - min(last, MOST_NODES))
    else:
        end = min(end, begin + min(MOST_NODES if first is None else first, MOST_NODES))
    chosen = list(nodes[begin:end])
    info = {
        "hasNextPage": end < len(nodes),
        "hasPreviousPage": begin > 0,
        "startCursor": str(begin + 1) if chosen else None,
        "endCursor": str(begin + len(chosen)) if chosen else None,
    }
    return {"nodes": chosen, "totalCount": len(nodes), "pageInfo": info}


def _position(cursor: object, otherwise: int) -> int:
    text = str(cursor)
    return int(text) if cursor and text.isdigit() else otherwise


def failure(kind: str, message: str) -> GraphQLError:
    """An error with GitHub's word for its kind."""
    return GraphQLError(message, extensions={"type": kind})
