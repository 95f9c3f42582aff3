"""The hub's GraphQL is a part of GitHub's: it has GitHub's types, and what GitHub demands, it demands."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    is_required_argument,
)
from graphql.type import GraphQLField, is_introspection_type, is_specified_scalar_type

from bot.hub.graphql_schema import SDL
from tests.contracts.graphql import GraphQL

GITHUB = GraphQL().schema
HUB = build_schema(SDL)
OWN = sorted(
    name
    for name, kind in HUB.type_map.items()
    if not (is_introspection_type(kind) or is_specified_scalar_type(kind))
)


@pytest.mark.parametrize("name", OWN)
def test_each_type_of_the_hub_is_githubs(name: str) -> None:
    assert list(_differences(HUB.type_map[name], GITHUB)) == []


def _differences(ours: GraphQLNamedType, github: GraphQLSchema) -> Iterator[str]:
    theirs = github.type_map.get(ours.name)
    if theirs is None or type(theirs) is not type(ours):
        yield f"GitHub has {theirs!r} by this name"
    elif isinstance(ours, GraphQLEnumType) and isinstance(theirs, GraphQLEnumType):
        if set(ours.values) != set(theirs.values):
            yield f"values: {set(ours.values) ^ set(theirs.values)}"
    elif isinstance(ours, GraphQLUnionType) and isinstance(theirs, GraphQLUnionType):
        if unknown := {str(each) for each in ours.types} - {str(each) for each in theirs.types}:
            yield f"members: {unknown}"
    elif isinstance(ours, GraphQLInputObjectType) and isinstance(theirs, GraphQLInputObjectType):
        for name, field in ours.fields.items():
            if name not in theirs.fields or str(field.type) != str(theirs.fields[name].type):
                yield f"{name}: {field.type}"
    elif isinstance(ours, GraphQLObjectType | GraphQLInterfaceType):
        assert isinstance(theirs, GraphQLObjectType | GraphQLInterfaceType)
        for name, field in ours.fields.items():
            yield from _of_field(name, field, theirs.fields.get(name))


def _of_field(name: str, ours: GraphQLField, theirs: GraphQLField | None) -> Iterator[str]:
    if theirs is None:
        yield f"GitHub has no field {name}"
        return
    # What GitHub may leave empty, the hub may always fill.
    if str(ours.type).removesuffix("!") != str(theirs.type).removesuffix("!") or (
        str(theirs.type).endswith("!") and not str(ours.type).endswith("!")
    ):
        yield f"{name}: {ours.type}, GitHub's is {theirs.type}"
    for argument, given in ours.args.items():
        if argument not in theirs.args or str(theirs.args[argument].type) != str(given.type):
            yield f"{name}({argument}: {given.type})"
    demanded = {each for each, given in theirs.args.items() if is_required_argument(given)}
    if demanded - set(ours.args):
        yield f"{name} does without {demanded - set(ours.args)}"
