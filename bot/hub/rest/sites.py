"""Routes about Pages; the sites themselves are served by ``bot.hub.site_http``."""

from __future__ import annotations

from bot.hub.rest.call import Answer, Call


def show(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/pages``."""
    repository = call.repository()
    return Answer(call.world.show.site(call.world.sites.find(repository), repository))


def create(call: Call) -> Answer:
    """``POST /repos/{owner}/{repo}/pages``; without ``path`` the branch's root."""
    repository = call.repository()
    source = call.world.sites.create(repository, call.actor, *_source(call))
    return Answer(call.world.show.site(source, repository), 201)


def edit(call: Call) -> Answer:
    """``PUT /repos/{owner}/{repo}/pages``."""
    repository = call.repository()
    if call.fields().get("source") is not None:
        call.world.sites.edit(repository, call.actor, *_source(call))
    return Answer(status=204)


def delete(call: Call) -> Answer:
    """``DELETE /repos/{owner}/{repo}/pages``."""
    call.world.sites.delete(call.repository(), call.actor)
    return Answer(status=204)


def latest_build(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/pages/builds/latest``."""
    repository = call.repository()
    return Answer(call.world.show.site_build(call.world.sites.find(repository), repository))


def build(call: Call) -> Answer:
    """``POST /repos/{owner}/{repo}/pages/builds``."""
    repository = call.repository()
    call.world.sites.build(repository, call.actor)
    address = f"{call.world.show.api_of(repository)}/pages/builds/latest"
    return Answer({"url": address, "status": "queued"}, 201)


def _source(call: Call) -> tuple[object, object]:
    """The branch and the folder; the source is an object, or in the short form of ``PUT`` a text."""
    source = call.fields().get("source")
    if isinstance(source, str):
        branch, _, folder = source.partition(" ")
        return branch, folder or "/"
    given = source if isinstance(source, dict) else {}
    return given.get("branch"), given.get("path") or "/"
