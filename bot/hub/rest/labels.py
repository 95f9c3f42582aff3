"""Routes about label definitions and milestones."""

from __future__ import annotations

from bot.hub.data.records import Label, Milestone
from bot.hub.rest.call import Answer, Call


def labels(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/labels``."""
    repository = call.repository()
    found = call.world.labels.all(repository, call.part())
    shown = [call.world.show.label(label, repository) for label in found]
    return Answer(shown, total=call.world.labels.count(repository))


def create_label(call: Call) -> Answer:
    """``POST /repos/{owner}/{repo}/labels``."""
    given = call.fields()
    label = call.world.labels.create(
        call.repository(), call.actor, given.get("name"), given.get("color"), given.get("description")
    )
    return _label(call, label, 201)


def show_label(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/labels/{name}``."""
    return _label(call, call.world.labels.find(call.repository(), call.path["name"]))


def edit_label(call: Call) -> Answer:
    """``PATCH /repos/{owner}/{repo}/labels/{name}``."""
    given = call.fields()
    changes = {key: given.get(key) for key in ("new_name", "color", "description")}
    label = call.world.labels.edit(call.repository(), call.actor, call.path["name"], **changes)
    return _label(call, label)


def delete_label(call: Call) -> Answer:
    """``DELETE /repos/{owner}/{repo}/labels/{name}``."""
    call.world.labels.delete(call.repository(), call.actor, call.path["name"])
    return Answer(status=204)


def milestones(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/milestones``."""
    repository, state = call.repository(), call.choice("state", "open", "closed", "all")
    found = call.world.milestones.all(repository, state, call.part())
    shown = [call.world.show.milestone(milestone, repository) for milestone in found]
    return Answer(shown, total=call.world.milestones.count(repository, state))


def create_milestone(call: Call) -> Answer:
    """``POST /repos/{owner}/{repo}/milestones``."""
    given = dict(call.fields())
    options = {key: given[key] for key in ("description", "state", "due_on") if key in given}
    milestone = call.world.milestones.create(call.repository(), call.actor, given.get("title"), **options)
    return _milestone(call, milestone, 201)


def show_milestone(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/milestones/{number}``."""
    return _milestone(call, call.world.milestones.find(call.repository(), call.path["number"]))


def edit_milestone(call: Call) -> Answer:
    """``PATCH /repos/{owner}/{repo}/milestones/{number}``."""
    given = call.fields()
    changes = {key: given[key] for key in ("title", "description", "state", "due_on") if key in given}
    milestone = call.world.milestones.edit(call.repository(), call.actor, call.path["number"], **changes)
    return _milestone(call, milestone)


def _label(call: Call, label: Label, status: int = 200) -> Answer:
    return Answer(call.world.show.label(label, call.repository()), status)


def _milestone(call: Call, milestone: Milestone, status: int = 200) -> Answer:
    return Answer(call.world.show.milestone(milestone, call.repository()), status)
