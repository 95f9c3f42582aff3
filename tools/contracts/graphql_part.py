"""The part of GitHub's GraphQL schema that the hub has too, as GitHub words it."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from graphql import (
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    NamedTypeNode,
    Node,
    ObjectTypeDefinitionNode,
    TypeDefinitionNode,
    TypeNode,
    UnionTypeDefinitionNode,
    parse,
    print_ast,
)

from bot.hub.graphql_schema import SDL

_BUILT_IN = {"Boolean", "Float", "ID", "Int", "String"}
_Fields = dict[str, set[str]]
_Node = TypeVar("_Node", bound=Node)


def part_of_schema(text: str) -> str:
    """GitHub's definitions of the types and fields that the hub has, and whatever those need to be whole."""
    theirs = _types(parse(text, no_location=True))
    wanted = {name: _field_names(node) for name, node in _types(parse(SDL, no_location=True)).items()}
    kept: dict[str, TypeDefinitionNode] = {}
    waiting = [name for name in wanted if name in theirs]
    while waiting:
        name = waiting.pop()
        if name in kept or name in _BUILT_IN:
            continue
        kept[name] = _cut(theirs[name], wanted)
        waiting += _named(kept[name])
    return "\n\n".join(print_ast(_within(kept[name], kept)) for name in sorted(kept)) + "\n"


def _types(document: DocumentNode) -> dict[str, TypeDefinitionNode]:
    return {node.name.value: node for node in document.definitions if isinstance(node, TypeDefinitionNode)}


def _field_names(node: TypeDefinitionNode) -> set[str]:
    return {field.name.value for field in getattr(node, "fields", None) or ()}


def _cut(node: TypeDefinitionNode, wanted: _Fields) -> TypeDefinitionNode:
    if isinstance(node, InputObjectTypeDefinitionNode):
        return _bare(node, fields=tuple(_bare(field) for field in node.fields or ()))
    if isinstance(node, EnumTypeDefinitionNode):
        return _bare(node, values=tuple(_bare(value) for value in node.values or ()))
    if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
        names = wanted.get(node.name.value)
        # A type that only the way leads through keeps what says nothing of further types.
        chosen = [
            field for field in node.fields or () if (field.name.value in names if names else _is_leaf(field))
        ]
        return _bare(node, fields=tuple(_bare_field(field) for field in chosen))
    return _bare(node)


def _bare(node: _Node, **changes: object) -> _Node:
    """Without what is only for readers."""
    return replace(node, description=None, directives=(), **changes)


def _bare_field(field: FieldDefinitionNode) -> FieldDefinitionNode:
    return _bare(field, arguments=tuple(_bare(argument) for argument in field.arguments or ()))


def _is_leaf(field: FieldDefinitionNode) -> bool:
    return not field.arguments and _innermost(field.type) in (*_BUILT_IN, "DateTime", "URI")


def _within(node: TypeDefinitionNode, kept: dict[str, TypeDefinitionNode]) -> TypeDefinitionNode:
    """Without the interfaces and members that were not taken, or that a type does not fulfil any more."""
    if isinstance(node, UnionTypeDefinitionNode):
        return replace(node, types=tuple(each for each in node.types or () if each.name.value in kept))
    if isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
        known = [each for each in node.interfaces or () if each.name.value in kept]
        own = _field_names(node)
        fulfilled = [each for each in known if _field_names(kept[each.name.value]) <= own]
        return replace(node, interfaces=tuple(fulfilled))
    return node


def _named(node: TypeDefinitionNode) -> list[str]:
    names: list[str] = []
    for field in getattr(node, "fields", None) or ():
        names.append(_innermost(field.type))
        names += [_innermost(argument.type) for argument in getattr(field, "arguments", None) or ()]
    return names


def _innermost(node: TypeNode) -> str:
    while not isinstance(node, NamedTypeNode):
        node = node.type  # type: ignore[attr-defined]
    return node.name.value
