"""What a new hub starts with: an organisation, its repository, one person for each role, two bots."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.hub.data.records import Role
from bot.hub.data.world import APP, BOT, World

PEOPLE = {
    "ada": Role.ADMIN,
    "max": Role.MAINTAIN,
    "wendy": Role.WRITE,
    "tim": Role.TRIAGE,
    "rita": Role.READ,
    "stan": Role.NONE,
}
_README = """\
# {name}

The main repository of this local hub. Open an issue and comment on it with a command,
for example `/help`.
"""


@dataclass(frozen=True, slots=True)
class Account:
    """An account's token and its role in the main repository."""

    token: str = field(repr=False)
    role: str


@dataclass(frozen=True, slots=True)
class HubInfo:
    """Where a running hub answers, and the tokens to talk to it with."""

    url: str
    repository: str
    data: str
    users: dict[str, Account]
    bots: dict[str, Account]

    @property
    def api_url(self) -> str:
        """The REST API, as ``GITHUB_API_URL`` wants it."""
        return f"{self.url}/api/v3"

    @property
    def graphql_url(self) -> str:
        """The GraphQL API, as ``GITHUB_GRAPHQL_URL`` wants it."""
        return f"{self.url}/api/graphql"

    @property
    def state_remote(self) -> str:
        """The git remote that holds the state branch."""
        return f"{self.url}/{self.repository}.git"

    @property
    def bot_token(self) -> str:
        """The token of the account that workflows act as."""
        return self.bots[BOT].token

    @property
    def app_token(self) -> str:
        """The token of the app account that may create repositories."""
        return self.bots[APP].token

    def public(self) -> dict[str, Any]:
        """What ``--json`` prints; the bots' tokens are not in it."""
        return {
            "url": self.url,
            "api_url": self.api_url,
            "graphql_url": self.graphql_url,
            "repository": self.repository,
            "data": self.data,
            "state_remote": self.state_remote,
            "users": _accounts(self.users),
        }

    def private(self) -> dict[str, Any]:
        """What ``DATA/hub.json`` holds: the same and the bots."""
        return {**self.public(), "bots": _accounts(self.bots)}


def populate(world: World, full_name: str) -> None:
    """Create what is missing of the accounts and the main repository; quick where nothing is."""
    owner_login, _, name = full_name.partition("/")
    if world.repositories.get(owner_login, name) is not None:
        return
    with world.db.transaction():
        owner = world.users.create(owner_login, "Organization")
        people = [world.users.create(login, name=login.capitalize()) for login in PEOPLE]
        bot, app = world.users.create(BOT, "Bot"), world.users.create(APP, "Bot")
        for login in (people[0].login, app.login):
            world.users.join(owner_login, login)
        readme = _README.format(name=name)
        repository = world.repositories.create(owner, people[0], name, readme=readme)
        for login, role in PEOPLE.items():
            if role is not Role.NONE:
                world.users.set_role(repository, login, role)
        world.users.set_role(repository, bot.login, Role.WRITE)


def describe(world: World, full_name: str) -> HubInfo:
    """The hub's addresses and tokens. Raises Missing where ``populate`` has not run."""
    repository = world.repositories.find(*full_name.split("/", 1))
    accounts = {
        user.login: Account(world.users.token_of(user.login), world.users.role(repository, user).label)
        for user in world.users.all()
        if user.type != "Organization"
    }
    bots = {login: accounts.pop(login) for login in (BOT, APP)}
    return HubInfo(world.base_url, repository.full_name, str(world.data.resolve()), accounts, bots)


def _accounts(accounts: dict[str, Account]) -> dict[str, dict[str, str]]:
    return {login: {"token": each.token, "role": each.role} for login, each in accounts.items()}
