"""The table of the REST API's routes, and the application that answers them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.hub.data.refusals import Missing
from bot.hub.request_log import RequestLog
from bot.hub.rest import (
    actions,
    apps,
    branches,
    comments,
    commits,
    git_objects,
    issues,
    labels,
    people,
    pulls,
    repositories,
    reviews,
    secrets,
    settings,
    sites,
)
from bot.hub.rest.call import Answer, Call, Endpoint
from bot.hub.rest.gate import Gate, refused

_REPOSITORY = "/repos/{owner}/{repo}"
_ISSUE = f"{_REPOSITORY}/issues/{{number:int}}"
_COMMENT = f"{_REPOSITORY}/issues/comments/{{comment:int}}"
_PULL = f"{_REPOSITORY}/pulls/{{number:int}}"
_REVIEW = f"{_PULL}/reviews/{{review:int}}"
_BRANCH = f"{_REPOSITORY}/branches/{{branch:path}}"
_WORKFLOW = f"{_REPOSITORY}/actions/workflows/{{workflow}}"
_PERMISSIONS = f"{_REPOSITORY}/actions/permissions"
_SECRETS = f"{_REPOSITORY}/actions/secrets"
_VARIABLES = f"{_REPOSITORY}/actions/variables"

Handler = Callable[[Request], Awaitable[Response]]

ROUTES: tuple[tuple[str, str, Endpoint], ...] = (
    ("GET", "/meta", people.meta),
    ("GET", "/rate_limit", people.rate_limit),
    ("GET", "/user", people.own_account),
    ("GET", "/users/{login}", people.account),
    ("GET", "/orgs/{org}", people.organization),
    ("POST", "/app-manifests/{code}/conversions", apps.convert),
    ("POST", "/user/repos", repositories.create_own),
    ("POST", "/orgs/{org}/repos", repositories.create_in_organization),
    ("GET", _REPOSITORY, repositories.show),
    ("PATCH", _REPOSITORY, repositories.edit),
    ("DELETE", _REPOSITORY, repositories.delete),
    ("GET", f"{_REPOSITORY}/collaborators/{{login}}/permission", people.permission),
    ("GET", f"{_REPOSITORY}/branches", branches.branches),
    ("GET", f"{_BRANCH}/protection", branches.protection),
    ("PUT", f"{_BRANCH}/protection", branches.protect),
    ("DELETE", f"{_BRANCH}/protection", branches.unprotect),
    ("GET", _BRANCH, branches.branch),
    ("GET", f"{_REPOSITORY}/git/ref/{{ref:path}}", branches.ref),
    ("GET", f"{_REPOSITORY}/git/refs/{{ref:path}}", branches.ref),
    ("POST", f"{_REPOSITORY}/git/refs", branches.create_ref),
    ("PATCH", f"{_REPOSITORY}/git/refs/{{ref:path}}", branches.edit_ref),
    ("DELETE", f"{_REPOSITORY}/git/refs/{{ref:path}}", branches.delete_ref),
    ("GET", f"{_REPOSITORY}/git/matching-refs/{{ref:path}}", branches.matching_refs),
    ("GET", f"{_REPOSITORY}/commits", repositories.commits),
    ("GET", f"{_REPOSITORY}/commits/{{ref:path}}/status", commits.combined_status),
    ("GET", f"{_REPOSITORY}/commits/{{ref:path}}/statuses", commits.statuses),
    ("GET", f"{_REPOSITORY}/commits/{{ref:path}}/check-runs", commits.check_runs),
    ("GET", f"{_REPOSITORY}/commits/{{ref:path}}", commits.show),
    ("GET", f"{_REPOSITORY}/statuses/{{ref:path}}", commits.statuses),
    ("POST", f"{_REPOSITORY}/statuses/{{sha}}", commits.create_status),
    ("GET", f"{_REPOSITORY}/compare/{{range:path}}", commits.compare),
    ("GET", f"{_REPOSITORY}/contents", repositories.contents),
    ("GET", f"{_REPOSITORY}/contents/{{path:path}}", repositories.contents),
    ("PUT", f"{_REPOSITORY}/contents/{{path:path}}", git_objects.put_file),
    ("POST", f"{_REPOSITORY}/git/trees", git_objects.create_tree),
    ("GET", f"{_REPOSITORY}/git/trees/{{tree:path}}", git_objects.tree),
    ("POST", f"{_REPOSITORY}/git/commits", git_objects.create_commit),
    ("GET", f"{_REPOSITORY}/git/commits/{{sha}}", git_objects.commit),
    ("POST", f"{_REPOSITORY}/rulesets", settings.create_ruleset),
    ("GET", f"{_REPOSITORY}/rules/branches/{{branch:path}}", settings.rules_of_branch),
    ("GET", f"{_REPOSITORY}/issues", issues.all_of_repository),
    ("POST", f"{_REPOSITORY}/issues", issues.create),
    ("GET", f"{_REPOSITORY}/issues/events", issues.events_of_repository),
    ("GET", f"{_REPOSITORY}/issues/events/{{event:int}}", issues.event),
    ("GET", f"{_REPOSITORY}/issues/comments", comments.all_of_repository),
    ("GET", _COMMENT, comments.show),
    ("PATCH", _COMMENT, comments.edit),
    ("DELETE", _COMMENT, comments.delete),
    ("GET", f"{_COMMENT}/reactions", comments.reactions),
    ("POST", f"{_COMMENT}/reactions", comments.react),
    ("DELETE", f"{_COMMENT}/reactions/{{reaction:int}}", comments.unreact),
    ("GET", _ISSUE, issues.show),
    ("PATCH", _ISSUE, issues.edit),
    ("GET", f"{_ISSUE}/comments", comments.all_of_issue),
    ("POST", f"{_ISSUE}/comments", comments.create),
    ("GET", f"{_ISSUE}/events", issues.events_of_issue),
    ("GET", f"{_ISSUE}/labels", issues.labels),
    ("POST", f"{_ISSUE}/labels", issues.add_labels),
    ("PUT", f"{_ISSUE}/labels", issues.set_labels),
    ("DELETE", f"{_ISSUE}/labels", issues.clear_labels),
    ("DELETE", f"{_ISSUE}/labels/{{name:path}}", issues.remove_label),
    ("GET", f"{_ISSUE}/reactions", comments.reactions),
    ("POST", f"{_ISSUE}/reactions", comments.react),
    ("DELETE", f"{_ISSUE}/reactions/{{reaction:int}}", comments.unreact),
    ("GET", f"{_REPOSITORY}/pulls", pulls.all_of_repository),
    ("POST", f"{_REPOSITORY}/pulls", pulls.create),
    ("GET", _PULL, pulls.show),
    ("PATCH", _PULL, pulls.edit),
    ("GET", f"{_PULL}/files", pulls.files),
    ("GET", f"{_PULL}/commits", pulls.commits),
    ("GET", f"{_PULL}/merge", pulls.is_merged),
    ("PUT", f"{_PULL}/merge", pulls.merge),
    ("PUT", f"{_PULL}/update-branch", pulls.update_branch),
    ("GET", f"{_PULL}/comments", reviews.remarks_of_pull),
    ("GET", f"{_PULL}/reviews", reviews.all_of_pull),
    ("POST", f"{_PULL}/reviews", reviews.create),
    ("GET", _REVIEW, reviews.show),
    ("GET", f"{_REVIEW}/comments", reviews.remarks_of_review),
    ("POST", f"{_REVIEW}/events", reviews.submit),
    ("PUT", f"{_REVIEW}/dismissals", reviews.dismiss),
    ("GET", f"{_REPOSITORY}/pages", sites.show),
    ("POST", f"{_REPOSITORY}/pages", sites.create),
    ("PUT", f"{_REPOSITORY}/pages", sites.edit),
    ("DELETE", f"{_REPOSITORY}/pages", sites.delete),
    ("GET", f"{_REPOSITORY}/pages/builds/latest", sites.latest_build),
    ("POST", f"{_REPOSITORY}/pages/builds", sites.build),
    ("GET", f"{_REPOSITORY}/labels", labels.labels),
    ("POST", f"{_REPOSITORY}/labels", labels.create_label),
    ("GET", f"{_REPOSITORY}/labels/{{name:path}}", labels.show_label),
    ("PATCH", f"{_REPOSITORY}/labels/{{name:path}}", labels.edit_label),
    ("DELETE", f"{_REPOSITORY}/labels/{{name:path}}", labels.delete_label),
    ("GET", f"{_REPOSITORY}/milestones", labels.milestones),
    ("POST", f"{_REPOSITORY}/milestones", labels.create_milestone),
    ("GET", f"{_REPOSITORY}/milestones/{{number:int}}", labels.show_milestone),
    ("PATCH", f"{_REPOSITORY}/milestones/{{number:int}}", labels.edit_milestone),
    ("GET", f"{_REPOSITORY}/actions/runs", actions.runs),
    ("GET", f"{_REPOSITORY}/actions/runs/{{run:int}}", actions.run),
    ("POST", f"{_REPOSITORY}/actions/runs/{{run:int}}/cancel", actions.cancel),
    ("GET", _PERMISSIONS, settings.permissions),
    ("PUT", _PERMISSIONS, settings.set_permissions),
    ("GET", f"{_PERMISSIONS}/selected-actions", settings.selected_actions),
    ("PUT", f"{_PERMISSIONS}/selected-actions", settings.set_selected_actions),
    ("GET", f"{_PERMISSIONS}/workflow", settings.workflow_permissions),
    ("PUT", f"{_PERMISSIONS}/workflow", settings.set_workflow_permissions),
    ("GET", f"{_REPOSITORY}/actions/runners", settings.runners),
    ("GET", _SECRETS, secrets.secrets),
    ("GET", f"{_REPOSITORY}/actions/organization-secrets", secrets.organization_secrets),
    ("GET", f"{_SECRETS}/public-key", secrets.public_key),
    ("PUT", f"{_SECRETS}/{{name}}", secrets.put_secret),
    ("DELETE", f"{_SECRETS}/{{name}}", secrets.delete_secret),
    ("GET", _VARIABLES, secrets.variables),
    ("GET", f"{_REPOSITORY}/actions/organization-variables", secrets.organization_variables),
    ("POST", _VARIABLES, secrets.create_variable),
    ("GET", f"{_VARIABLES}/{{name}}", secrets.variable),
    ("PATCH", f"{_VARIABLES}/{{name}}", secrets.edit_variable),
    ("DELETE", f"{_VARIABLES}/{{name}}", secrets.delete_variable),
    ("GET", f"{_REPOSITORY}/actions/workflows", settings.workflows),
    ("GET", _WORKFLOW, actions.workflow),
    ("PUT", f"{_WORKFLOW}/enable", settings.enable_workflow),
    ("PUT", f"{_WORKFLOW}/disable", settings.disable_workflow),
    ("GET", f"{_WORKFLOW}/runs", actions.runs),
    ("POST", f"{_WORKFLOW}/dispatches", actions.dispatch),
)


def application(gate: Gate, log: RequestLog) -> Starlette:
    """The REST API as an ASGI application, to be mounted at ``/api/v3``."""

    async def unknown(request: Request, error: Exception) -> Response:
        log.count_unknown(request.method, request.url.path)
        return await gate.answer(request, _missing)

    routes = [
        Route(path, handler(gate, endpoint), methods=[method], name=f"{method} {path}")
        for method, path, endpoint in ROUTES
    ]
    # GitHub answers a method that a path does not have with 404 too.
    return Starlette(routes=routes, exception_handlers={404: unknown, 405: unknown})


def handler(gate: Gate, endpoint: Endpoint, resource: str = "core") -> Handler:
    """A route function as Starlette calls it; ``resource`` names the rate limit that it uses up."""

    async def handle(request: Request) -> Response:
        return await gate.answer(request, endpoint, resource)

    return handle


def _missing(call: Call) -> Answer:
    return refused(Missing())
