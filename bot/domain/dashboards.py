"""What the dashboard may show to whoever can read it."""

from __future__ import annotations

from pydantic import Field

from bot.domain.base import Frozen


class Dashboard(Frozen):
    """A site of GitHub Pages is often public where its repository is not, so little is shown by itself."""

    texts: bool = Field(
        default=False,
        description="whether the dashboard shows what people wrote and what failed work printed: ideas, "
        "reasons, details of alerts and incidents, errors with their output, reviews",
    )
    people: bool = Field(
        default=False, description="whether it shows logins: who asked, approved, stopped, took an alert on"
    )
    titles: bool = Field(
        default=True,
        description="whether it shows the titles of projects and tasks; else their ids stand alone",
    )
