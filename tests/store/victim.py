"""A process to be killed: goes once through everything that the store does, with a fixed outcome."""

from __future__ import annotations

import sys

from bot.adapters.git.store import GitStore
from tests.store.repositories import minutes


def main(remote: str, token: str | None = None) -> None:
    """Publish an event, settle it with a change, discard another, load again."""
    with GitStore(remote, nonce="victim", token=token) as store:
        store.publish("mine.1", "published by the victim")
        look = store.load()
        look = store.save(look, {"step": b"1", "only/one": b"1"}, "One", at=minutes(1), settled=["first"])
        look = store.save(look, {"step": b"2", "only/one": None, "two": b"2"}, "Two", at=minutes(2))
        store.discard(look, ["second"])
        store.load()


if __name__ == "__main__":
    main(*sys.argv[1:])
