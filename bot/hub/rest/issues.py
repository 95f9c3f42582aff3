"""Routes about issues, the labels that they carry, and issue events."""

from __future__ import annotations

from bot.hub.data.issue_queries import IssueQuery
from bot.hub.data.records import Issue, Repository
from bot.hub.data.refusals import Invalid
from bot.hub.rest.call import Answer, Call


def all_of_repository(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/issues``."""
    repository, query = call.repository(), _query(call)
    found = call.world.issues.search(repository, query, call.part())
    shown = [call.world.show.issue(issue, repository) for issue in found]
    return Answer(shown, total=call.world.issues.count(repository, query))


def create(call: Call) -> Answer:
    """``POST /repos/{owner}/{repo}/issues``."""
    repository, given = call.repository(), call.fields()
    assignees = given.get("assignees") or ([given["assignee"]] if given.get("assignee") else [])
    issue = call.world.issues.create(
        repository,
        call.actor,
        given.get("title"),
        given.get("body"),
        labels=given.get("labels") or [],
        milestone=given.get("milestone"),
        assignees=assignees,
    )
    shown = call.world.show.issue(issue, repository)
    return Answer(shown, 201, {"Location": shown["url"]})


def show(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/issues/{number}``."""
    return _issue(call, call.repository(), call.issue())


def edit(call: Call) -> Answer:
    """``PATCH /repos/{owner}/{repo}/issues/{number}``."""
    repository = call.repository()
    return _issue(
        call, repository, call.world.issues.edit(repository, call.actor, call.path["number"], call.fields())
    )


def labels(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/issues/{number}/labels``."""
    return _labels(call, call.repository(), call.issue())


def add_labels(call: Call) -> Answer:
    """``POST /repos/{owner}/{repo}/issues/{number}/labels``."""
    repository = call.repository()
    number, names = call.path["number"], _names(call)
    return _labels(call, repository, call.world.issues.add_labels(repository, call.actor, number, names))


def set_labels(call: Call) -> Answer:
    """``PUT /repos/{owner}/{repo}/issues/{number}/labels``."""
    repository = call.repository()
    number, names = call.path["number"], _names(call)
    return _labels(call, repository, call.world.issues.set_labels(repository, call.actor, number, names))


def clear_labels(call: Call) -> Answer:
    """``DELETE /repos/{owner}/{repo}/issues/{number}/labels``."""
    call.world.issues.set_labels(call.repository(), call.actor, call.path["number"], [])
    return Answer(status=204)


def remove_label(call: Call) -> Answer:
    """``DELETE /repos/{owner}/{repo}/issues/{number}/labels/{name}``."""
    repository = call.repository()
    number, name = call.path["number"], call.path["name"]
    return _labels(call, repository, call.world.issues.remove_label(repository, call.actor, number, name))


def events_of_repository(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/issues/events``: newest first."""
    repository, timeline = call.repository(), call.world.timeline
    found = timeline.of_repository(repository, call.part())
    shown = [call.world.show.event(event, repository, with_issue=True) for event in found]
    return Answer(shown, total=timeline.count_of_repository(repository))


def events_of_issue(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/issues/{number}/events``: oldest first."""
    repository, issue, timeline = call.repository(), call.issue(), call.world.timeline
    found = timeline.of_issue(issue, call.part())
    shown = [call.world.show.event(event, repository) for event in found]
    return Answer(shown, total=timeline.count_of_issue(issue))


def event(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/issues/events/{event}``."""
    repository = call.repository()
    found = call.world.timeline.find(repository, call.path["event"])
    return Answer(call.world.show.event(found, repository, with_issue=True))


def _query(call: Call) -> IssueQuery:
    milestone = call.query.get("milestone", "")
    if milestone not in ("", "*", "none") and not milestone.isdigit():
        raise Invalid(f"milestone is {milestone!r}: expected a number, '*' or 'none'")
    return IssueQuery(
        state=call.choice("state", "open", "closed", "all"),
        labels=tuple(name.strip() for name in call.query.get("labels", "").split(",") if name.strip()),
        creator=call.query.get("creator", ""),
        assignee=call.query.get("assignee", ""),
        milestone=milestone,
        since=call.since(),
        sort=call.choice("sort", "created", "updated", "comments"),
        direction=call.choice("direction", "desc", "asc"),
    )


def _names(call: Call) -> object:
    """Labels come as ``{"labels": […]}`` or as the bare list."""
    return call.body if isinstance(call.body, list) else call.fields().get("labels", [])


def _issue(call: Call, repository: Repository, issue: Issue) -> Answer:
    return Answer(call.world.show.issue(issue, repository))


def _labels(call: Call, repository: Repository, issue: Issue) -> Answer:
    return Answer([call.world.show.label(label, repository) for label in issue.labels])
