"""Routes about pull requests: lists, single ones, their commits and files, merging."""

from __future__ import annotations

from bot.hub.data.pull_merge import METHODS, Wish
from bot.hub.data.pull_queries import PullQuery
from bot.hub.data.pull_records import Pull
from bot.hub.data.refusals import Malformed, Missing
from bot.hub.rest.call import Answer, Call


def all_of_repository(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/pulls``."""
    repository, query = call.repository(), _query(call)
    found = call.world.pulls.search(repository, query, call.part())
    shown = [call.world.show.pull(pull, repository) for pull in found]
    return Answer(shown, total=call.world.pulls.count(repository, query))


def create(call: Call) -> Answer:
    """``POST /repos/{owner}/{repo}/pulls``."""
    repository, given = call.repository(), call.fields()
    pull = call.world.pulls.create(
        repository,
        call.actor,
        given.get("title"),
        head=given.get("head"),
        base=given.get("base"),
        body=given.get("body"),
        draft=given.get("draft") is True,
    )
    shown = call.world.show.pull_in_full(pull, repository)
    return Answer(shown, 201, {"Location": shown["url"]})


def show(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/pulls/{number}``."""
    return _pull(call, pull_of(call))


def edit(call: Call) -> Answer:
    """``PATCH /repos/{owner}/{repo}/pulls/{number}``."""
    pull_of(call)
    changed = call.world.pulls.edit(call.repository(), call.actor, call.path["number"], call.fields())
    return _pull(call, changed)


def files(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/pulls/{number}/files``."""
    repository, pull, part = call.repository(), pull_of(call), call.part()
    found = call.world.pulls.files(pull)
    chosen = found[part.offset : part.offset + (part.limit or 0)]
    shown = [call.world.show.change(change, pull.head_sha, repository) for change in chosen]
    return Answer(shown, total=len(found))


def commits(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/pulls/{number}/commits``: oldest first."""
    repository, part = call.repository(), call.part()
    found = call.world.pulls.commits(pull_of(call))
    chosen = found[part.offset : part.offset + (part.limit or 0)]
    return Answer([call.world.show.commit(commit, repository) for commit in chosen], total=len(found))


def is_merged(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/pulls/{number}/merge``: 204 where it is merged, else 404."""
    if not pull_of(call).merged:
        raise Missing
    return Answer(status=204)


def merge(call: Call) -> Answer:
    """``PUT /repos/{owner}/{repo}/pulls/{number}/merge``."""
    given = call.fields()
    method = given.get("merge_method") or METHODS[0]
    texts = {name: given.get(name) for name in ("sha", "commit_title", "commit_message")}
    if not all(value is None or isinstance(value, str) for value in (method, *texts.values())):
        raise Malformed("merge_method, sha, commit_title and commit_message are texts")
    pull_of(call)
    wish = Wish(method, texts["sha"], texts["commit_title"], texts["commit_message"])
    sha = call.world.merging.merge(call.repository(), call.actor, call.path["number"], wish)
    return Answer({"sha": sha, "merged": True, "message": "Pull Request successfully merged"})


def update_branch(call: Call) -> Answer:
    """``PUT /repos/{owner}/{repo}/pulls/{number}/update-branch``."""
    repository, pull = call.repository(), pull_of(call)
    call.world.merging.update(repository, call.actor, pull.number, call.fields().get("expected_head_sha"))
    page = call.world.show.pull_page(pull, repository)
    return Answer({"message": "Updating pull request branch.", "url": page}, 202)


def pull_of(call: Call) -> Pull:
    """The pull request that the path names. Raises Missing."""
    return call.world.pulls.find(call.repository(), call.path["number"])


def _query(call: Call) -> PullQuery:
    repository = call.repository()
    owner, _, branch = call.query.get("head", "").rpartition(":")
    if owner.lower() not in ("", repository.owner.lower()):
        branch = ":"  # another owner's branch: no pull request comes from a fork here
    elif branch and not owner:
        branch = ""  # GitHub looks at ``owner:branch`` only
    sort = call.choice("sort", "created", "updated", "popularity", "long-running")
    return PullQuery(
        state=call.choice("state", "open", "closed", "all"),
        head=branch,
        base=call.query.get("base", ""),
        sort=sort,
        direction=call.choice("direction", "desc" if sort == "created" else "asc", "asc", "desc"),
    )


def _pull(call: Call, pull: Pull) -> Answer:
    return Answer(call.world.show.pull_in_full(pull, call.repository()))
