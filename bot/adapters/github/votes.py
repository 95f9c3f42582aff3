"""Thumbs on comments of one repository: one GraphQL question for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import Field

from bot.adapters.github.calls import RepositoryCalls, parsed
from bot.adapters.github.errors import Call
from bot.adapters.github.models import Tolerant
from bot.domain.errors import NotFound
from bot.ports.facts import Thumbs

MOST_AT_ONCE = 100
"""Nodes that GitHub looks up by their ids at once."""
# GitHub documents that every connection needs `first` or `last`, also where only its count is asked for.
# Of a group it is clear whose reaction ``viewerHasReacted`` means; of a connection it is not documented.
_THUMBS = """
query($ids: [ID!]!) {
  nodes(ids: $ids) { ... on IssueComment {
    id reactionGroups { content viewerHasReacted reactors(first: 1) { totalCount } }
  } }
}
"""


class _Count(Tolerant):
    count: int = Field(default=0, alias="totalCount")


class _Group(Tolerant):
    content: str
    mine: bool = Field(default=False, alias="viewerHasReacted")
    reactors: _Count = _Count()


class _Node(Tolerant):
    id: str = ""
    groups: list[_Group] = Field(default=[], alias="reactionGroups")

    def of(self, content: str) -> int:
        """How many others have reacted so."""
        return sum(one.reactors.count - one.mine for one in self.groups if one.content == content)


class _Named(Tolerant):
    node_id: str


class VoteCalls(RepositoryCalls):
    """The part of ``Forge`` about what people think of a comment."""

    def thumbs(self, comments: Mapping[int, str]) -> dict[int, Thumbs]:
        """Thumbs on comments, given with their node ids, by comment (GraphQL, 1 request for each 100).

        One more request for each whose node id is empty, because unknown. This account's own reactions
        do not count; what is gone is left out.
        """
        nodes = {comment: node or self._node(comment) for comment, node in comments.items()}
        wanted = [node for node in nodes.values() if node]
        found: dict[str, _Node] = {}
        for start in range(0, len(wanted), MOST_AT_ONCE):
            found |= self._looked_up(wanted[start : start + MOST_AT_ONCE])
        return {
            comment: Thumbs(node, found[node].of("THUMBS_UP"), found[node].of("THUMBS_DOWN"))
            for comment, node in nodes.items()
            if node in found
        }

    def _node(self, comment: int) -> str:
        call = self._get(f"/issues/comments/{comment}", f"read comment {comment}")
        try:
            return parsed(_Named, self.send(call).data, call).node_id
        except NotFound:
            return ""

    def _looked_up(self, ids: Sequence[str]) -> dict[str, _Node]:
        body = {"query": _THUMBS, "variables": {"ids": list(ids)}}
        call = Call("POST", "", "look at reactions", "issues: read", body=body, partly=True)
        answer, _ = self.graphql_partly(call)
        listed = answer.get("nodes")
        nodes = [parsed(_Node, one, call) for one in listed if one] if isinstance(listed, list) else []
        return {one.id: one for one in nodes if one.id}
