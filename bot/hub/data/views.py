"""How GitHub shows git data and workflow runs; ``Views`` is everything that the hub shows as JSON."""

from __future__ import annotations

import base64
from pathlib import Path
from urllib.parse import quote

from bot.hub.data import git_changes, git_data
from bot.hub.data.records import Repository, Run, to_text
from bot.hub.data.runs import workflow_name
from bot.hub.data.views_pulls import PullViews
from bot.hub.data.views_repositories import Json

_UNSIGNED = {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None}
_KINDS = {"blob": "file", "tree": "dir", "commit": "submodule"}


class Views(PullViews):
    """Everything that the API shows, as JSON."""

    def commit(self, commit: git_data.CommitRecord, repository: Repository) -> Json:
        """A commit without its files."""
        address = f"{self.api_of(repository)}/commits/{commit.sha}"
        page = self.page_of(repository)
        return {
            "sha": commit.sha,
            "node_id": f"C_{commit.sha}",
            "url": address,
            "html_url": f"{page}/commit/{commit.sha}",
            "comments_url": f"{address}/comments",
            "commit": self._git_commit(commit, repository),
            "author": None,
            "committer": None,
            "parents": [
                {
                    "sha": sha,
                    "url": f"{self.api_of(repository)}/commits/{sha}",
                    "html_url": f"{page}/commit/{sha}",
                }
                for sha in commit.parents
            ],
        }

    def commit_in_full(self, commit: git_data.CommitRecord, repository: Repository) -> Json:
        """A commit with its files, compared with its first parent."""
        path = self.world.repositories.path(repository)
        files = git_changes.files(path, commit.parents[0] if commit.parents else None, commit.sha)
        added, removed = sum(each.additions for each in files), sum(each.deletions for each in files)
        return {
            **self.commit(commit, repository),
            "stats": {"total": added + removed, "additions": added, "deletions": removed},
            "files": [self.change(change, commit.sha, repository) for change in files],
        }

    def change(self, change: git_changes.FileChange, sha: str, repository: Repository) -> Json:
        """A changed file: GitHub's "diff entry"."""
        page, name = self.page_of(repository), quote(change.path)
        shown: Json = {
            "sha": change.sha,
            "filename": change.path,
            "status": change.status,
            "additions": change.additions,
            "deletions": change.deletions,
            "changes": change.additions + change.deletions,
            "blob_url": f"{page}/blob/{sha}/{name}",
            "raw_url": f"{page}/raw/{sha}/{name}",
            "contents_url": f"{self.api_of(repository)}/contents/{name}?ref={sha}",
        }
        optional = {"patch": change.patch, "previous_filename": change.previous}
        return shown | {name: value for name, value in optional.items() if value is not None}

    def ref(self, found: tuple[str, str, str], repository: Repository) -> Json:
        """A git ref: (full name, object id, object type)."""
        name, sha, kind = found
        address = f"{self.api_of(repository)}/git"
        return {
            "ref": name,
            "node_id": f"REF_{repository.id}_{name}",
            "url": f"{address}/{name}",
            "object": {"type": kind, "sha": sha, "url": f"{address}/{kind}s/{sha}"},
        }

    def branch(self, name: str, sha: str, repository: Repository) -> Json:
        """A branch in a list."""
        commit = {"sha": sha, "url": f"{self.api_of(repository)}/commits/{sha}"}
        protected = self.world.protections.rules(repository, name).protected
        return {"name": name, "commit": commit, "protected": protected}

    def branch_in_full(self, name: str, commit: git_data.CommitRecord, repository: Repository) -> Json:
        """One branch with its commit."""
        address = f"{self.api_of(repository)}/branches/{name}"
        rules = self.world.protections.rules(repository, name)
        checks = {
            "enforcement_level": ("everyone" if rules.enforce_admins else "non_admins")
            if rules.contexts
            else "off",
            "contexts": list(rules.contexts),
            "checks": [{"context": context, "app_id": None} for context in rules.contexts],
        }
        return {
            "name": name,
            "commit": self.commit(commit, repository),
            "_links": {"self": address, "html": f"{self.page_of(repository)}/tree/{name}"},
            "protected": rules.protected,
            "protection": {"enabled": rules.protected, "required_status_checks": checks},
            "protection_url": f"{address}/protection",
        }

    def entry(self, entry: git_data.Entry, ref: str, repository: Repository) -> Json:
        """A file or directory, without its content."""
        kind = "symlink" if entry.mode == "120000" else _KINDS[entry.kind]
        path, at = quote(entry.path), quote(ref)
        address = f"{self.api_of(repository)}/contents/{path}?ref={at}"
        object_url = f"{self.api_of(repository)}/git/{'trees' if kind == 'dir' else 'blobs'}/{entry.sha}"
        view = "tree" if kind == "dir" else "blob"
        page = f"{self.page_of(repository)}/{view}/{at}/{path}"
        raw = f"{self.page_of(repository)}/raw/{at}/{path}" if kind == "file" else None
        return {
            "type": kind,
            "name": Path(entry.path).name,
            "path": entry.path,
            "sha": entry.sha,
            "size": entry.size,
            "url": address,
            "git_url": object_url,
            "html_url": page,
            "download_url": raw,
            "_links": {"self": address, "git": object_url, "html": page},
        }

    def file(self, entry: git_data.Entry, content: bytes, ref: str, repository: Repository) -> Json:
        """A file with its content in base64; over 1 MB without it, as GitHub does."""
        small = entry.size <= 1024 * 1024
        return {
            **self.entry(entry, ref, repository),
            "encoding": "base64" if small else "none",
            "content": base64.encodebytes(content).decode() if small else "",
        }

    def workflow(self, file: str, repository: Repository) -> Json:
        """A workflow."""
        workflow_id = self.world.runs.workflow_id(repository, file)
        page, time = self.page_of(repository), to_text(repository.created_at)
        return {
            "id": workflow_id,
            "node_id": f"W_{workflow_id}",
            "name": workflow_name(file),
            "path": f".github/workflows/{file}",
            "state": self.world.settings.workflow_state(repository, file),
            "created_at": time,
            "updated_at": time,
            "url": f"{self.api_of(repository)}/actions/workflows/{workflow_id}",
            "html_url": f"{page}/blob/{repository.default_branch}/.github/workflows/{file}",
            "badge_url": f"{page}/actions/workflows/{file}/badge.svg",
        }

    def run(self, run: Run, repository: Repository) -> Json:
        """A workflow run."""
        address = f"{self.api_of(repository)}/actions/runs/{run.id}"
        suite = f"{self.api_of(repository)}/check-suites/{run.id}"
        shown_repository = self.minimal_repository(repository)
        actor = self.login(run.actor)
        links = ("jobs", "logs", "artifacts", "cancel", "rerun")
        return {
            "id": run.id,
            "node_id": f"WFR_{run.id}",
            "name": workflow_name(run.workflow),
            "display_title": run.title,
            "head_branch": run.branch,
            "head_sha": run.head_sha,
            "path": f".github/workflows/{run.workflow}",
            "run_number": run.number,
            "run_attempt": 1,
            "event": run.event,
            "status": run.status,
            "conclusion": run.conclusion,
            "workflow_id": run.workflow_id,
            "check_suite_id": run.id,
            "check_suite_node_id": f"CS_{run.id}",
            "check_suite_url": suite,
            "url": address,
            "html_url": f"{self.page_of(repository)}/actions/runs/{run.id}",
            "workflow_url": f"{self.api_of(repository)}/actions/workflows/{run.workflow_id}",
            **{f"{name}_url": f"{address}/{name}" for name in links},
            "previous_attempt_url": None,
            "pull_requests": [],
            "referenced_workflows": [],
            "created_at": to_text(run.created_at),
            "updated_at": to_text(run.updated_at),
            "run_started_at": to_text(run.started_at or run.created_at),
            "actor": actor,
            "triggering_actor": actor,
            "head_commit": None,
            "repository": shown_repository,
            "head_repository": shown_repository,
        }

    def _git_commit(self, commit: git_data.CommitRecord, repository: Repository) -> Json:
        address = f"{self.api_of(repository)}/git"
        return {
            "author": _signature(commit.author),
            "committer": _signature(commit.committer),
            "message": commit.message,
            "tree": {"sha": commit.tree, "url": f"{address}/trees/{commit.tree}"},
            "url": f"{address}/commits/{commit.sha}",
            "comment_count": 0,
            "verification": _UNSIGNED,
        }


def _signature(signature: git_data.Signature) -> Json:
    return {"name": signature.name, "email": signature.email, "date": to_text(signature.date)}
