"""Routes about comments, and about reactions to comments and issues."""

from __future__ import annotations

from bot.hub.data.comments import CommentQuery
from bot.hub.data.records import Comment, Issue
from bot.hub.rest.call import Answer, Call


def all_of_repository(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/issues/comments``."""
    # GitHub ignores the direction here where it is not told what to sort by.
    direction = call.choice("direction", "asc", "desc") if "sort" in call.query else "asc"
    sort = call.choice("sort", "created", "updated")
    return _search(call, CommentQuery(since=call.since(), sort=sort, direction=direction))


def all_of_issue(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/issues/{number}/comments``: oldest first."""
    return _search(call, CommentQuery(issue=call.issue().number, since=call.since()))


def create(call: Call) -> Answer:
    """``POST /repos/{owner}/{repo}/issues/{number}/comments``."""
    comment = call.world.comments.create(call.issue(), call.actor, call.fields().get("body"))
    shown = call.world.show.comment(comment, call.repository())
    return Answer(shown, 201, {"Location": shown["url"]})


def show(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/issues/comments/{comment}``."""
    return Answer(call.world.show.comment(_comment(call), call.repository()))


def edit(call: Call) -> Answer:
    """``PATCH /repos/{owner}/{repo}/issues/comments/{comment}``."""
    repository, body = call.repository(), call.fields().get("body")
    comment = call.world.comments.edit(repository, call.actor, call.path["comment"], body)
    return Answer(call.world.show.comment(comment, repository))


def delete(call: Call) -> Answer:
    """``DELETE /repos/{owner}/{repo}/issues/comments/{comment}``."""
    call.world.comments.delete(call.repository(), call.actor, call.path["comment"])
    return Answer(status=204)


def reactions(call: Call) -> Answer:
    """``GET …/reactions`` of a comment or an issue."""
    wanted, part = call.query.get("content", ""), call.part()
    found = [item for item in call.world.reactions.of(_subject(call)) if wanted in ("", item.content)]
    shown = found[part.offset : part.offset + (part.limit or 0)]
    return Answer([call.world.show.reaction(reaction) for reaction in shown], total=len(found))


def react(call: Call) -> Answer:
    """``POST …/reactions``: 201, or 200 where the same account has reacted in the same way."""
    reaction, fresh = call.world.reactions.add(_subject(call), call.actor, call.fields().get("content"))
    return Answer(call.world.show.reaction(reaction), 201 if fresh else 200)


def unreact(call: Call) -> Answer:
    """``DELETE …/reactions/{reaction}``."""
    call.world.reactions.remove(_subject(call), call.actor, call.path["reaction"])
    return Answer(status=204)


def _search(call: Call, query: CommentQuery) -> Answer:
    repository = call.repository()
    found = call.world.comments.search(repository, query, call.part())
    shown = [call.world.show.comment(comment, repository) for comment in found]
    return Answer(shown, total=call.world.comments.count(repository, query))


def _comment(call: Call) -> Comment:
    return call.world.comments.find(call.repository(), call.path["comment"])


def _subject(call: Call) -> Issue | Comment:
    return _comment(call) if "comment" in call.path else call.issue()
