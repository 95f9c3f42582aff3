"""``init --app``: a page that registers a GitHub App from its manifest, and what follows from its code."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

import click

from bot.adapters.actions import ActionsContext
from bot.adapters.github.admin import GitHubAdmin
from bot.domain.errors import NotFound, UsageError
from bot.setup import reading, writing
from bot.setup.permissions import PROJECTS
from bot.setup.plan import APP_ID, APP_KEY
from bot.setup.rights import check

_HOME = "https://github.com"


def manifest(server_url: str = _HOME, repository: str = "OWNER/NAME") -> dict[str, Any]:
    """The App as GitHub is to register it: no webhook, for its owner alone, with least permissions."""
    page = f"{server_url}/{repository}"
    return {
        "name": f"orchestrator {repository.replace('/', ' ')}"[:34],
        "url": page,
        "redirect_url": page,
        "hook_attributes": {"url": page, "active": False},
        "public": False,
        "default_events": [],
        "default_permissions": {grant.name: grant.level for grant in PROJECTS},
        "description": "Makes the repositories of projects, and works in them.",
    }


def page(server_url: str, repository: str, owner_type: str) -> str:
    """The page: what the App may do and why, and one button for each place that may own it."""
    owner = repository.partition("/")[0]
    mine, theirs = f"{server_url}/settings/apps/new", f"{server_url}/organizations/{owner}/settings/apps/new"
    target = theirs if owner_type == "Organization" else mine
    content = html.escape(json.dumps(manifest(server_url, repository)), quote=True)
    rows = "\n".join(
        f"<tr><td>{html.escape(grant.title)}</td><td>{grant.level}</td><td>{html.escape(grant.why)}</td></tr>"
        for grant in PROJECTS
    )
    return _PAGE.format(
        owner=html.escape(owner),
        repository=html.escape(repository),
        target=html.escape(target, quote=True),
        manifest=content,
        rows=rows,
    )


def write_page(context: ActionsContext, path: Path) -> None:
    """Write the page, and say what to do with it."""
    admin = GitHubAdmin(context.repository, context.token, context.api_url)
    about = reading.about(admin)
    path.write_text(page(context.server_url, about.full_name, about.owner_type), encoding="utf-8")
    click.echo(f"Open {path.absolute()} in your browser and follow its three steps.")


def finish(context: ActionsContext, code: str) -> None:
    """Turn the code into the App's number and key, and keep them as variable and secret.

    The key goes sealed to GitHub and nowhere else. Raises UsageError for a code that is used or too old.
    """
    admin = GitHubAdmin(context.repository, context.token, context.api_url)
    check(reading.about(admin))
    try:
        made = admin.ask_elsewhere("register the App", "apps.create_from_manifest", code=code).json
    except NotFound:
        raise UsageError(
            "GitHub does not know this code (any more): each counts once, for an hour. Register the App "
            f"again: orchestrator init {context.repository} --app app.html"
        ) from None
    writing.set_secret(admin, APP_KEY, made["pem"])
    writing.set_variable(admin, APP_ID, str(made["id"]))
    click.echo(f"The App {made['slug']} is registered; its number and key are kept here as {APP_ID} and")
    click.echo(f"{APP_KEY}. Last step: install it on all repositories: {made['html_url']}/installations/new")


_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>A GitHub App for orchestrator</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }}
table {{ border-collapse: collapse; }}
td, th {{ border-bottom: 1px solid #8884; padding: .25rem .75rem .25rem 0; text-align: left; }}
button {{ font: inherit; padding: .5rem 1rem; }}
code {{ overflow-wrap: anywhere; }}
</style>
</head>
<body>
<h1>A GitHub App for {repository}</h1>
<p>It makes a repository for each project under {owner} and works there. It has no webhook, and nobody
else can install it.</p>
<ol>
<li><form action="{target}" method="post">
<input type="hidden" name="manifest" value="{manifest}">
<button type="submit">Register the App under {owner}</button>
</form></li>
<li>GitHub leads you to a page whose address ends in <code>?code=…</code>. Within an hour:
<code>orchestrator init {repository} --app-code …</code> keeps the App's number and key.</li>
<li>Install the App on <em>all</em> repositories, at the address that this command tells.</li>
</ol>
<table>
<caption>What it may do, and why</caption>
<thead><tr><th scope="col">permission</th><th scope="col">level</th><th scope="col">what for</th></tr></thead>
<tbody>
{rows}
</tbody>
</table>
</body>
</html>
"""
