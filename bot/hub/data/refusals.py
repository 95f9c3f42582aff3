"""What the hub refuses, with the status and the words that GitHub answers."""

from __future__ import annotations

from collections.abc import Mapping


class Refusal(Exception):
    """The base of all refusals; ``status`` is the HTTP status that a REST caller sees."""

    status = 500

    def __init__(self, message: str, errors: tuple[Mapping[str, str] | str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.errors = errors


class Unauthenticated(Refusal):
    """No token, or one that nobody was given."""

    status = 401

    def __init__(self, message: str = "Requires authentication") -> None:
        super().__init__(message)


class NotAllowed(Refusal):
    """The account is known and its role is too low."""

    status = 403

    def __init__(self, message: str = "Must have admin rights to Repository.") -> None:
        super().__init__(message)


class Missing(Refusal):
    """It does not exist, or the account must not learn that it does."""

    status = 404

    def __init__(self, message: str = "Not Found") -> None:
        super().__init__(message)


class Clash(Refusal):
    """The state of the thing forbids it, for example cancelling a run that has ended."""

    status = 409


class Malformed(Refusal):
    """The body is not JSON, or not the kind of JSON that was expected."""

    status = 400

    def __init__(self, message: str = "Problems parsing JSON") -> None:
        super().__init__(message)


class Unmergeable(Refusal):
    """A pull request that cannot be merged as it is; the message says what it lacks."""

    status = 405


class Invalid(Refusal):
    """The request was understood and breaks a rule; ``errors`` names the field as GitHub does."""

    status = 422


def invalid(resource: str, field: str, code: str, message: str = "") -> Invalid:
    """GitHub's "Validation Failed" for one field; ``code`` is for example ``missing_field``."""
    error = {"resource": resource, "field": field, "code": code}
    if message:
        error["message"] = message
    return Invalid("Validation Failed", (error,))
