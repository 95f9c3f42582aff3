"""Routes about the reviews of pull requests and their remarks."""

from __future__ import annotations

from bot.hub.data.pull_records import Review
from bot.hub.rest.call import Answer, Call
from bot.hub.rest.pulls import pull_of


def all_of_pull(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/pulls/{number}/reviews``: oldest first."""
    repository, pull, part = call.repository(), pull_of(call), call.part()
    found = call.world.reviews.of(pull, call.actor)
    chosen = found[part.offset : part.offset + (part.limit or 0)]
    shown = [call.world.show.review(review, pull, repository) for review in chosen]
    return Answer(shown, total=len(found))


def create(call: Call) -> Answer:
    """``POST /repos/{owner}/{repo}/pulls/{number}/reviews``; 200, as GitHub."""
    given = call.fields()
    review = call.world.reviews.create(
        call.repository(),
        call.actor,
        pull_of(call),
        event=given.get("event"),
        body=given.get("body"),
        comments=given.get("comments") or [],
        commit=given.get("commit_id"),
    )
    return _review(call, review)


def show(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/pulls/{number}/reviews/{review}``."""
    return _review(call, call.world.reviews.find(pull_of(call), call.actor, call.path["review"]))


def submit(call: Call) -> Answer:
    """``POST /repos/{owner}/{repo}/pulls/{number}/reviews/{review}/events``."""
    given, pull = call.fields(), pull_of(call)
    words = given.get("event"), given.get("body")
    repository, number = call.repository(), call.path["review"]
    return _review(call, call.world.reviews.submit(repository, call.actor, pull, number, *words))


def dismiss(call: Call) -> Answer:
    """``PUT /repos/{owner}/{repo}/pulls/{number}/reviews/{review}/dismissals``."""
    message, pull = call.fields().get("message"), pull_of(call)
    repository, number = call.repository(), call.path["review"]
    return _review(call, call.world.reviews.dismiss(repository, call.actor, pull, number, message))


def remarks_of_review(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/pulls/{number}/reviews/{review}/comments``."""
    repository, pull = call.repository(), pull_of(call)
    review = call.world.reviews.find(pull, call.actor, call.path["review"])
    found = call.world.reviews.remarks_of(review)
    return Answer([call.world.show.remark(remark, pull, repository) for remark in found], total=len(found))


def remarks_of_pull(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/pulls/{number}/comments``: oldest first, unless ``direction`` says else."""
    repository, pull, part, since = call.repository(), pull_of(call), call.part(), call.since()
    found = [each for each in call.world.reviews.remarks(pull) if since is None or each.created_at >= since]
    if call.choice("direction", "asc", "desc") == "desc":
        found.reverse()
    chosen = found[part.offset : part.offset + (part.limit or 0)]
    return Answer([call.world.show.remark(remark, pull, repository) for remark in chosen], total=len(found))


def _review(call: Call, review: Review) -> Answer:
    return Answer(call.world.show.review(review, pull_of(call), call.repository()))
