"""GitHub as the port ``Forge`` describes it: each method is the requests that its docstring counts.

Issues and comments are in ``github_issues``, what happened to issues in ``github_issue_events``; how a
request is carried is ``github_transport``, what a failure means ``github_errors``, what an answer holds
``github_models``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot.adapters.github.calls import graph, parsed, segment
from bot.adapters.github.errors import Call
from bot.adapters.github.files import text_of
from bot.adapters.github.issue_events import IssueEventCalls
from bot.adapters.github.issues import IssueCalls
from bot.adapters.github.models import Dispatched, Permission, Repository, Run, Viewer
from bot.adapters.github.pages import PagesCalls
from bot.adapters.github.pulls import PullCalls
from bot.adapters.github.transport import Refused
from bot.adapters.github.votes import VoteCalls
from bot.domain.base import stamp
from bot.domain.errors import NotFound
from bot.ports.facts import RepositoryFacts, RunFacts


class GitHub(IssueCalls, IssueEventCalls, VoteCalls, PullCalls, PagesCalls):
    """One repository on github.com or GitHub Enterprise, through one token (``Forge``, ``ProjectForge``)."""

    _login = ""
    _asks_run_details = True

    def whoami(self) -> str:
        """The login that this token acts as (GraphQL ``viewer``: 1 request, remembered)."""
        if not self._login:
            query = graph("{ viewer { login } }")
            call = Call("POST", "", "tell whose token this is", "metadata: read", body=query)
            self._login = parsed(Viewer, self.graphql(call), call).viewer.login
        return self._login

    def role(self, login: str) -> str:
        """``role_name`` of a user here, ``none`` for an unknown one (1 request).

        A custom role of an organisation comes as the strongest standard role that it includes.
        """
        path = f"/collaborators/{segment(login)}/permission"
        call = self._get(path, f"look {login} up among the collaborators", needs="metadata: read")
        try:
            return parsed(Permission, self.send(call).data, call).role
        except NotFound:
            return "none"

    def file_text(self, path: str) -> str:
        """A text file of the default branch, at most 1 MB (1 request).

        Raises Rejected for directories, for what is no UTF-8 text, and for paths that lead out.
        """
        parts = "/".join(segment(part) for part in path.split("/"))
        call = self._get(f"/contents/{parts}", f"read the file {path}", needs="contents: read")
        return text_of(path, self.send(call).data, call)

    def dispatch(self, workflow: str, inputs: Mapping[str, str]) -> int | None:
        """Start a workflow on the default branch; returns the run's id where GitHub tells it (1 request).

        The first dispatch of an object that does not know the default branch asks for it (1 more). A
        server that refuses ``return_run_details`` costs 1 more, once.
        """
        ref = self._default_branch or self.repository().default_branch
        body: dict[str, object] = {"ref": ref, "inputs": dict(inputs)}
        asks = self._asks_run_details
        call = self._change(
            "POST",
            f"/actions/workflows/{segment(workflow)}/dispatches",
            f"start the workflow {workflow}",
            {**body, "return_run_details": True} if asks else body,
            needs="actions: write",
            kind="single write",
        )
        try:
            data = self.send(call).data
        except Refused as error:
            if not asks or "return_run_details" not in str(error):
                raise
            self._asks_run_details = False  # an older GitHub Enterprise
            return self.dispatch(workflow, inputs)
        return None if data is None else parsed(Dispatched, data, call).workflow_run_id

    def runs(self, workflow: str, since: datetime) -> list[RunFacts]:
        """Runs of a workflow created since then, newest first, at most 1,000 (1 request a page)."""
        path = f"/actions/workflows/{segment(workflow)}/runs"
        query = {"created": f">={stamp(since)}"}
        call = self._get(path, f"list the runs of {workflow}", query, needs="actions: read")
        return [run.facts() for run in self._all(Run, call, "workflow_runs")]

    def run(self, run: int) -> RunFacts:
        """One run (1 request)."""
        call = self._get(f"/actions/runs/{run}", f"read run {run}", needs="actions: read")
        return parsed(Run, self.send(call).data, call).facts()

    def cancel_run(self, run: int) -> None:
        """Ask GitHub to cancel a run; one that has ended is fine (1 request)."""
        call = self._change(
            "POST", f"/actions/runs/{run}/cancel", f"cancel run {run}", needs="actions: write"
        )
        try:
            self.send(call)
        except Refused as error:
            if error.status != 409:
                raise

    def repository(self) -> RepositoryFacts:
        """This repository's own facts (1 request)."""
        call = self._get("", "read the details", needs="metadata: read")
        return self._remembered(self.send(call).data, call)

    def create_repository(self, description: str, *, private: bool = False) -> RepositoryFacts:
        """Create this repository, empty, under its owner, organisation or person (1 to 2 requests).

        For a person ``whoami`` is 1 more where it is not remembered: GitHub makes such a repository
        under the token's own account, whatever owner is meant. Raises Rejected where it exists, and
        NotFound where the owner is neither an organisation nor the token's account.
        """
        owner, _, name = self._name.partition("/")
        body = {
            "name": name,
            "description": description,
            "private": private,
            "auto_init": False,
            "delete_branch_on_merge": True,
        }
        call = Call(
            "POST",
            f"/orgs/{owner}/repos",
            f"create the repository {self._name}",
            "administration: write",
            body=body,
            kind="single write",
        )
        try:
            data = self.send(call).data
        except NotFound:
            if self.whoami().lower() != owner.lower():
                raise
            data = self.send(replace(call, path="/user/repos")).data
        return self._remembered(data, call)

    def _remembered(self, data: object, call: Call) -> RepositoryFacts:
        facts = parsed(Repository, data, call).facts()
        self._default_branch = facts.default_branch
        return facts
