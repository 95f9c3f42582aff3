"""Routes about Actions' settings, workflows, runners, and rulesets."""

from __future__ import annotations

from typing import Any

from bot.hub.data.actions_settings import (
    PERMISSIONS,
    SELECTED,
    WORKFLOW,
    Ruleset,
    boolean,
    known,
    word,
)
from bot.hub.rest.call import Answer, Call

_READ_ONLY = ("self-hosted", "Linux", "X64", "macOS", "ARM64")


def permissions(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/actions/permissions``."""
    repository = call.repository()
    kept = call.world.settings.read(repository, call.actor, "permissions", PERMISSIONS)
    address = f"{call.world.show.api_of(repository)}/actions/permissions/selected-actions"
    shown = {"enabled": kept["enabled"], "sha_pinning_required": False}
    if kept["enabled"]:
        shown |= {"allowed_actions": kept["allowed_actions"], "selected_actions_url": address}
    return Answer(shown)


def set_permissions(call: Call) -> Answer:
    """``PUT /repos/{owner}/{repo}/actions/permissions``."""
    given = call.fields()
    changes = {
        "enabled": boolean(given, "enabled"),
        "allowed_actions": word(given, "allowed_actions", "all", "local_only", "selected"),
    }
    call.world.settings.write(call.repository(), call.actor, "permissions", **changes)
    return Answer(status=204)


def selected_actions(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/actions/permissions/selected-actions``."""
    return Answer(call.world.settings.selected(call.repository(), call.actor))


def set_selected_actions(call: Call) -> Answer:
    """``PUT /repos/{owner}/{repo}/actions/permissions/selected-actions``."""
    given = call.fields()
    patterns = given.get("patterns_allowed")
    changes = {name: boolean(given, name) for name in SELECTED if name != "patterns_allowed"}
    call.world.settings.selected(call.repository(), call.actor)
    call.world.settings.write(call.repository(), call.actor, "selected", patterns_allowed=patterns, **changes)
    return Answer(status=204)


def workflow_permissions(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/actions/permissions/workflow``."""
    return Answer(call.world.settings.read(call.repository(), call.actor, "workflow", WORKFLOW))


def set_workflow_permissions(call: Call) -> Answer:
    """``PUT /repos/{owner}/{repo}/actions/permissions/workflow``."""
    given, names = call.fields(), ("default_workflow_permissions", "can_approve_pull_request_reviews")
    changes = {names[0]: word(given, names[0], "read", "write"), names[1]: boolean(given, names[1])}
    call.world.settings.write(call.repository(), call.actor, "workflow", **changes)
    return Answer(status=204)


def workflows(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/actions/workflows``: the files of the default branch."""
    repository, part = call.repository(), call.part()
    files = call.world.settings.workflows(repository)
    chosen = files[part.offset : part.offset + (part.limit or 0)]
    shown = [call.world.show.workflow(file, repository) for file in chosen]
    return Answer({"total_count": len(files), "workflows": shown}, total=len(files))


def enable_workflow(call: Call) -> Answer:
    """``PUT /repos/{owner}/{repo}/actions/workflows/{workflow}/enable``."""
    return _set_state(call, "active")


def disable_workflow(call: Call) -> Answer:
    """``PUT /repos/{owner}/{repo}/actions/workflows/{workflow}/disable``."""
    return _set_state(call, "disabled_manually")


def _set_state(call: Call, state: str) -> Answer:
    repository = call.repository()
    file = call.world.runs.workflow_file(repository, call.path["workflow"])
    file = known(file, call.world.settings.workflows(repository))
    call.world.settings.set_workflow_state(repository, call.actor, file, state)
    return Answer(status=204)


def runners(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/actions/runners``."""
    found, part = call.world.settings.runners(call.repository(), call.actor), call.part()
    shown = [
        {
            "id": runner.id,
            "name": runner.name,
            "os": "linux",
            "status": runner.status,
            "busy": False,
            "labels": [
                {"id": at, "name": label, "type": "read-only" if label in _READ_ONLY else "custom"}
                for at, label in enumerate(runner.labels, 1)
            ],
        }
        for runner in found[part.offset : part.offset + (part.limit or 0)]
    ]
    return Answer({"total_count": len(found), "runners": shown}, total=len(found))


def create_ruleset(call: Call) -> Answer:
    """``POST /repos/{owner}/{repo}/rulesets``."""
    repository = call.repository()
    made = call.world.settings.create_ruleset(repository, call.actor, call.fields())
    return Answer(_ruleset(made, repository.full_name), 201)


def rules_of_branch(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/rules/branches/{branch}``: the active rules, also of no branch yet."""
    repository = call.repository()
    found = call.world.settings.rules_of(repository, call.path["branch"])
    return Answer(
        [
            {
                **rule,
                "ruleset_source_type": "Repository",
                "ruleset_source": repository.full_name,
                "ruleset_id": ruleset.id,
            }
            for ruleset, rule in found
        ],
        total=len(found),
    )


def _ruleset(ruleset: Ruleset, source: str) -> dict[str, Any]:
    return {
        "id": ruleset.id,
        "name": ruleset.name,
        "target": "branch",
        "source_type": "Repository",
        "source": source,
        "enforcement": ruleset.enforcement,
        "conditions": {"ref_name": {"include": list(ruleset.include), "exclude": list(ruleset.exclude)}},
        "rules": list(ruleset.rules),
    }
