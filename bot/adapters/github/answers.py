"""Lists that were read before: asked again with their ETag, GitHub says in a few bytes that they still hold.

Such an answer, 304, is free of the primary rate limit. ETags differ from token to token, so that this
helps only within one process that looks again and again.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace

from bot.adapters.github.errors import Answer, Call

UNCHANGED = 304
MOST = 32
"""Pages that are kept; of those beyond it the one that was asked for longest ago goes."""

_Key = tuple[str, tuple[tuple[str, str], ...]]


class Answers:
    """The latest answer to each page of a list, with its links to the other pages, which a 304 leaves out."""

    def __init__(self) -> None:
        self._kept: OrderedDict[_Key, Answer] = OrderedDict()

    def condition(self, call: Call) -> dict[str, str]:
        """The header that makes a request conditional; none for a page that is not known."""
        known = self._kept.get(_key(call)) if call.is_list else None
        return {"If-None-Match": known.headers["etag"]} if known else {}

    def completed(self, call: Call, answer: Answer) -> Answer:
        """The answer with what a 304 leaves out; one that can be asked for conditionally is kept."""
        if not call.is_list:
            return answer
        key = _key(call)
        known = self._kept.get(key)
        if answer.status == UNCHANGED and known is not None:
            self._kept.move_to_end(key)
            return replace(known, headers={**known.headers, **answer.headers})
        if answer.status == 200 and answer.is_json and "etag" in answer.headers:
            self._kept[key] = answer
            self._kept.move_to_end(key)
            if len(self._kept) > MOST:
                self._kept.popitem(last=False)
        return answer


def _key(call: Call) -> _Key:
    return call.path, tuple(sorted((name, str(value)) for name, value in call.query.items()))
