"""How GitHub shows accounts and repositories: every field that its API description requires."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from bot.hub.data.records import Repository, Role, User, to_text

if TYPE_CHECKING:
    from bot.hub.data.world import World

Json = dict[str, Any]

_USER_LINKS = {
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
    "organizations_url": "/orgs",
    "repos_url": "/repos",
    "events_url": "/events{/privacy}",
    "received_events_url": "/received_events",
}
_REPOSITORY_LINKS = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}


class RepositoryViews:
    """Accounts and repositories as JSON."""

    def __init__(self, world: World) -> None:
        self.world = world

    @property
    def api(self) -> str:
        """Where the REST API starts, without a final slash."""
        return f"{self.world.base_url}/api/v3"

    def api_of(self, repository: Repository) -> str:
        """A repository's address in the REST API."""
        return f"{self.api}/repos/{repository.full_name}"

    def page_of(self, repository: Repository) -> str:
        """A repository's page for people."""
        return f"{self.world.base_url}/{repository.full_name}"

    def user(self, user: User) -> Json:
        """GitHub's "simple user"."""
        name = quote(user.login)  # a bot's ends in "[bot]"
        address = f"{self.api}/users/{name}"
        return {
            "login": user.login,
            "id": user.id,
            "node_id": f"{user.type[0]}_{user.id}",
            "avatar_url": f"{self.world.base_url}/avatars/{name}",
            "gravatar_id": "",
            "url": address,
            "html_url": f"{self.world.base_url}/{name}",
            **{link: address + rest for link, rest in _USER_LINKS.items()},
            "type": user.type,
            "user_view_type": "public",
            "site_admin": False,
        }

    def login(self, login: str | None) -> Json | None:
        """The simple user with this login; None for nobody."""
        user = self.world.users.get(login) if login else None
        return self.user(user) if user else None

    def profile(self, user: User, *, own: bool = False) -> Json:
        """An account in full; ``own`` adds what only the account itself is shown."""
        time = to_text(user.created_at)
        absent = dict.fromkeys(
            ("company", "blog", "location", "email", "hireable", "bio", "twitter_username")
        )
        counts = ("public_repos", "public_gists", "followers", "following")
        private = (
            "private_gists",
            "total_private_repos",
            "owned_private_repos",
            "disk_usage",
            "collaborators",
        )
        return {
            **self.user(user),
            "name": user.name,
            **absent,
            **dict.fromkeys(counts, 0),
            "created_at": time,
            "updated_at": time,
            **({**dict.fromkeys(private, 0), "two_factor_authentication": False} if own else {}),
        }

    def organization(self, user: User) -> Json:
        """An organisation in full."""
        address = f"{self.api}/orgs/{user.login}"
        links = ("repos", "events", "hooks", "issues")
        members = {
            "members_url": f"{address}/members{{/member}}",
            "public_members_url": f"{address}/public_members{{/member}}",
        }
        counts = ("public_repos", "public_gists", "followers", "following")
        time = to_text(user.created_at)
        return {
            "login": user.login,
            "id": user.id,
            "node_id": f"O_{user.id}",
            "url": address,
            **{f"{name}_url": f"{address}/{name}" for name in links},
            **members,
            "avatar_url": f"{self.world.base_url}/avatars/{user.login}",
            "html_url": f"{self.world.base_url}/{user.login}",
            "description": None,
            "name": user.name,
            "type": "Organization",
            "has_organization_projects": False,
            "has_repository_projects": False,
            **dict.fromkeys(counts, 0),
            "created_at": time,
            "updated_at": time,
            "archived_at": None,
        }

    def minimal_repository(self, repository: Repository) -> Json:
        """GitHub's "minimal repository"."""
        address, page = self.api_of(repository), self.page_of(repository)
        return {
            "id": repository.id,
            "node_id": f"R_{repository.id}",
            "name": repository.name,
            "full_name": repository.full_name,
            "private": repository.private,
            "owner": self.login(repository.owner),
            "html_url": page,
            "description": repository.description or None,
            "fork": False,
            "url": address,
            **{name: address + rest for name, rest in _REPOSITORY_LINKS.items()},
        }

    def repository(self, repository: Repository, viewer: User | None = None) -> Json:
        """A repository in full; with a viewer also what the viewer may do there."""
        counts = dict.fromkeys(("network_count", "subscribers_count"), 0)
        shown = self.plain_repository(repository) | counts
        if viewer is not None:
            shown["permissions"] = permissions(self.world.users.role(repository, viewer))
        owner = self.world.users.get(repository.owner)
        if owner is not None and owner.type == "Organization":
            shown["organization"] = self.user(owner)
        return shown

    def plain_repository(self, repository: Repository) -> Json:
        """A repository as what belongs to it shows it: GitHub's "repository"."""
        page = self.page_of(repository)
        host = self.world.base_url.partition("://")[2]
        return {
            **self.minimal_repository(repository),
            "git_url": f"git://{host}/{repository.full_name}.git",
            "ssh_url": f"git@{host}:{repository.full_name}.git",
            "clone_url": f"{page}.git",
            "svn_url": page,
            "mirror_url": None,
            "homepage": repository.homepage or None,
            "language": None,
            "license": None,
            "default_branch": repository.default_branch,
            "visibility": "private" if repository.private else "public",
            "topics": [],
            "created_at": to_text(repository.created_at),
            "updated_at": to_text(repository.updated_at),
            "pushed_at": to_text(repository.pushed_at),
            **self._figures(repository),
            **self._features(repository),
        }

    def permission(self, repository: Repository, user: User) -> Json:
        """What an account may do in a repository: GitHub's "collaborator permission"."""
        role = self.world.users.role(repository, user)
        held = {"permissions": permissions(role), "role_name": role.label}
        return {
            "permission": role.permission,
            "role_name": role.label,
            "user": {**self.user(user), **held},
        }

    def _figures(self, repository: Repository) -> Json:
        nothing = ("forks", "forks_count", "stargazers_count", "watchers", "watchers_count", "size")
        issues = self.world.issues.count(repository)
        return {
            **dict.fromkeys(nothing, 0),
            "open_issues": issues,
            "open_issues_count": issues,
        }

    def _features(self, repository: Repository) -> Json:
        off = (
            "has_projects", "has_wiki", "has_discussions", "has_downloads", "archived",
            "disabled", "is_template", "allow_auto_merge", "allow_forking", "delete_branch_on_merge",
            "web_commit_signoff_required",
        )  # fmt: skip
        on = ("has_issues", "allow_merge_commit", "allow_squash_merge", "allow_rebase_merge")
        pages = self.world.sites.get(repository) is not None
        switched = self.world.settings.features(repository)
        return {**dict.fromkeys(off, False), **dict.fromkeys(on, True), **switched, "has_pages": pages}


def permissions(role: Role) -> dict[str, bool]:
    """GitHub's five flags for a role."""
    return {
        "admin": role >= Role.ADMIN,
        "maintain": role >= Role.MAINTAIN,
        "push": role >= Role.WRITE,
        "triage": role >= Role.TRIAGE,
        "pull": role >= Role.READ,
    }
