"""GitHub's command-line client, as far as the pages use it, for the hub in GitHub's place."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

import requests


def main(words: Sequence[str], environ: Mapping[str, str]) -> int:
    """Do what the words say with the reader's token; anything else than success is an exception."""
    call = _parser().parse_args(words)
    token = environ["READERS_TOKEN"]
    if call.command == "auth token":
        print(token)  # noqa: T201 - what it is called for
        return 0
    hub = _Hub(f"{environ['GITHUB_SERVER_URL']}/api/v3/repos/{call.repo}", token)
    match call.command:
        case "pr merge":
            owner = call.repo.partition("/")[0]
            (pull,) = hub.ask("GET", f"/pulls?state=open&head={owner}:{call.branch}")
            hub.ask("PUT", f"/pulls/{pull['number']}/merge")
        case "issue create":
            hub.ask("POST", "/issues", {"title": call.title, "body": call.body})
        case "issue comment":
            hub.ask("POST", f"/issues/{call.number}/comments", {"body": call.body})
        case "variable set":
            known = {one["name"] for one in hub.ask("GET", "/actions/variables")["variables"]}
            there = call.name in known
            place = f"/actions/variables/{call.name}" if there else "/actions/variables"
            hub.ask("PATCH" if there else "POST", place, {"name": call.name, "value": call.body})
    return 0


class _Hub:
    def __init__(self, address: str, token: str) -> None:
        self._address, self._headers = address, {"Authorization": f"Bearer {token}"}

    def ask(self, method: str, path: str, body: object = None) -> Any:
        answer = requests.request(method, self._address + path, json=body, headers=self._headers, timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("gh")
    groups = parser.add_subparsers(required=True)
    auth = groups.add_parser("auth").add_subparsers(required=True)
    auth.add_parser("token").set_defaults(command="auth token")
    merge = groups.add_parser("pr").add_subparsers(required=True).add_parser("merge")
    merge.set_defaults(command="pr merge")
    merge.add_argument("branch")
    merge.add_argument("--merge", action="store_true", required=True)
    issue = groups.add_parser("issue").add_subparsers(required=True)
    create, comment = issue.add_parser("create"), issue.add_parser("comment")
    create.set_defaults(command="issue create")
    create.add_argument("--title", required=True)
    comment.set_defaults(command="issue comment")
    comment.add_argument("number")
    variable = groups.add_parser("variable").add_subparsers(required=True).add_parser("set")
    variable.set_defaults(command="variable set")
    variable.add_argument("name")
    for one in (create, comment, variable):
        one.add_argument("--body", required=True)
    for one in (merge, create, comment, variable):
        one.add_argument("--repo", required=True)
    return parser
