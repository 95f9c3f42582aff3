"""Named failures. Each message tells a person what was wrong, what was expected and what to do next."""

from __future__ import annotations


class OrchestratorError(Exception):
    """Anything that this program foresees going wrong; never shown as a traceback."""

    exit_code = 1


class UsageError(OrchestratorError):
    """A call or its environment is wrong; repeating it as it is cannot help."""

    exit_code = 2


class ConfigInvalid(UsageError):
    """``.github/orchestrator.yml`` does not validate; names the key and the line."""


class StateInvalid(OrchestratorError):
    """The state branch holds something that does not validate; names the file and the key."""

    exit_code = 2


class SchemaTooNew(StateInvalid):
    """The state was written by a newer version of this program."""


class StateMissing(StateInvalid):
    """The state branch is gone although the repository was in use before."""


class StoreUnavailable(OrchestratorError):
    """The state's git remote does not answer or refuses us for now."""

    exit_code = 75


class Conflict(OrchestratorError):
    """A compare-and-swap lost its race: the head is no longer the one that was read."""

    exit_code = 75


class ForgeError(OrchestratorError):
    """GitHub's API refused or failed; the subclasses say how."""


class NotFound(ForgeError):
    """404 or 410: it does not exist, or the token may not see it."""


class Forbidden(ForgeError):
    """401, or 403 that is no rate limit: the token may not do this."""

    exit_code = 2


class ArchiveRefused(Forbidden):
    """A push that was to change the archive branch too was turned away; without that it may succeed."""


class Rejected(ForgeError):
    """409 or 422: GitHub understood the request and refuses it as it is."""


class RateLimited(ForgeError):
    """The primary or a secondary rate limit is used up for longer than this run waits."""

    exit_code = 75

    def __init__(self, message: str, wait: float | None = None) -> None:
        """``wait``: seconds from now on in which no request makes sense; None where nobody told."""
        super().__init__(message)
        self.wait = wait


class Unavailable(ForgeError):
    """5xx, time-outs, dropped connections, answers that are no JSON: after the retries."""

    exit_code = 75


class OutputRefused(UsageError):
    """What a worker handed over may not be published; publishing it again cannot help."""


class PlaceTaken(OrchestratorError):
    """Where a project was to go is something else: a person has to make room."""


class TooLarge(OrchestratorError):
    """A repository is larger than what may be handed to a worker."""

    exit_code = 2


class BranchMoved(OrchestratorError):
    """The remote's branch holds other commits than those that the work stands on."""

    exit_code = 75

    def __init__(self, message: str, head: str) -> None:
        """``head``: the commit that is there now; empty where the branch is gone."""
        super().__init__(message)
        self.head = head


class Overdue(BaseException):
    """What is under way has used its time up and is broken off wherever it is.

    No ``Exception``, so that nothing that recovers from failures takes it for one and goes on.
    """


class NoAccess(Unavailable):
    """This run has no token for GitHub's API; what it would deliver is left to one that has."""
