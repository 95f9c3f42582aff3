"""GitHub Pages and branch protection of one repository."""

from __future__ import annotations

from bot.adapters.github.calls import RepositoryCalls, parsed, segment
from bot.adapters.github.models import Text, Tolerant
from bot.adapters.github.transport import Refused
from bot.domain.errors import Forbidden, NotFound, Rejected


class _Source(Tolerant):
    branch: Text = ""
    path: Text = "/"


class _Pages(Tolerant):
    html_url: Text = ""
    source: _Source | None = None


class PagesCalls(RepositoryCalls):
    """The part of ``ProjectForge`` about where a project answers."""

    def site_address(self, branch: str) -> str:
        """Have a branch served as this repository's site; returns its address (1 to 3 requests).

        Raises Rejected where the repository serves another branch already: that is somebody's choice.
        """
        needs = "pages: write"
        get = self._get("/pages", "look for the site", needs="pages: read")
        try:
            found = parsed(_Pages, self.send(get).data, get)
        except NotFound:
            source = {"source": {"branch": branch, "path": "/"}, "build_type": "legacy"}
            make = self._change("POST", "/pages", "make the site", source, needs=needs, kind="single write")
            try:
                found = parsed(_Pages, self.send(make).data, make)
            except Refused as error:
                if error.status != 409:
                    raise
                found = parsed(_Pages, self.send(get).data, get)
        if found.source is None or found.source.branch != branch:
            other = found.source.branch if found.source and found.source.branch else "GitHub Actions"
            raise Rejected(
                f"{self._name} serves its site from {other} already; set `deployment.kind: workflow` for it, "
                f"or let its Pages be served from {branch}"
            )
        return found.html_url

    def build_site(self) -> None:
        """Ask for this repository's site to be built anew (1 request)."""
        self.send(self._change("POST", "/pages/builds", "have the site built", needs="pages: write"))

    def protect(self, branch: str) -> bool:
        """Let nobody force-push or delete a branch (1 request); False where that is not allowed."""
        rule = {
            "required_status_checks": None,
            "enforce_admins": False,
            "required_pull_request_reviews": None,
            "restrictions": None,
            "allow_force_pushes": False,
            "allow_deletions": False,
        }
        path = f"/branches/{segment(branch)}/protection"
        call = self._change("PUT", path, f"protect {branch}", rule, needs="administration: write")
        try:
            self.send(call)
        except (Forbidden, Refused, NotFound):
            return False
        return True
