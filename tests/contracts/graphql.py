"""GraphQL held against GitHub's public schema: each document and its variables, and the hub's own schema."""

from __future__ import annotations

import json

from graphql import (
    FieldNode,
    GraphQLSchema,
    IntValueNode,
    OperationDefinitionNode,
    ValidationRule,
    build_schema,
    parse,
    specified_rules,
    validate,
)
from graphql.error import GraphQLError
from graphql.execution.values import get_variable_values

from bot.hub.exchanges import Exchange
from tests.contracts.published import AGAIN, text

PATH = "/api/graphql"


class GraphQL:
    """Judges exchanges."""

    def __init__(self) -> None:
        self.schema: GraphQLSchema = build_schema(text("schema.graphql"))

    def request(self, exchange: Exchange) -> list[str]:
        """What is wrong with a request."""
        if exchange.request is None:
            return []
        given = json.loads(exchange.request)
        try:
            parsed = parse(given["query"])
        except GraphQLError as error:
            return [error.message]
        wrong = [error.message for error in validate(self.schema, parsed, [*specified_rules, Pages])]
        if wrong:
            return [f"{each} (if GitHub has it: {AGAIN})" for each in wrong]
        return [
            error
            for node in parsed.definitions
            if isinstance(node, OperationDefinitionNode)
            for error in self._variables(node, given.get("variables") or {})
        ]

    def _variables(self, node: OperationDefinitionNode, given: dict[str, object]) -> list[str]:
        known = {each.variable.name.value for each in node.variable_definitions or ()}
        unknown = [f"${name} is given and not declared" for name in given if name not in known]
        values = get_variable_values(self.schema, node.variable_definitions or (), given)
        return unknown + ([error.message for error in values] if isinstance(values, list) else [])


class Pages(ValidationRule):
    """GitHub answers no list whose length is not asked for, and none of more than 100."""

    def enter_field(self, node: FieldNode, *_: object) -> None:
        """Look at one field."""
        kind = self.context.get_type()
        if kind is None or not str(kind).rstrip("!").endswith("Connection"):
            return
        given = {each.name.value: each.value for each in node.arguments or ()}
        sizes = [given[name] for name in ("first", "last") if name in given]
        if not sizes:
            self.report_error(GraphQLError(f"{node.name.value} has neither first nor last", node))
        if any(isinstance(size, IntValueNode) and not 1 <= int(size.value) <= 100 for size in sizes):
            self.report_error(GraphQLError(f"{node.name.value}: pages have 1 to 100 nodes", node))


def answer(exchange: Exchange) -> list[str]:
    """What is wrong with the form of an answer; what is in it, the hub's own schema keeps right."""
    if exchange.status != 200:
        return (
            []
            if exchange.status in (400, 401, 403, 429)
            else [f"GitHub does not answer GraphQL with {exchange.status}"]
        )
    value = json.loads(exchange.answer)
    if not isinstance(value, dict) or not ("data" in value or value.get("errors")):
        return ["it has neither data nor errors"]
    wrong = [
        f"{name} is no part of an answer" for name in value if name not in ("data", "errors", "extensions")
    ]
    return wrong + ["an error has no message" for each in value.get("errors", ()) if "message" not in each]
