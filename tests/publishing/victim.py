"""A process to be killed: publishes a change, then a site, with a fixed outcome."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from bot.adapters.publisher import GitPublisher
from tests.publishing.projects import TASK


def main(change: str, site: str, url: str) -> None:
    """The token comes as a variable."""
    publisher = GitPublisher(os.environ["VICTIM_TOKEN"], "http://127.0.0.1:1", sleep=lambda _: None)
    with publisher.change(Path(change), url, TASK, "main") as work:
        work.push()
    publisher.site(Path(site), url)


if __name__ == "__main__":
    main(*sys.argv[1:])
