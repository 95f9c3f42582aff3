"""What Python source offers to its users: options, addresses, functions. Read as syntax, never run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from bot.executors.gates.project import Project
from bot.executors.writing.facts import Fact, at
from bot.executors.writing.words import code, first_sentence, harmless

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_DECORATORS = frozenset({"argument", "option"})
_MOST = 60
"""Of each kind that are told."""


@dataclass(frozen=True, slots=True)
class Named:
    """One thing that the source offers, and what it says about it."""

    name: Fact
    about: str = ""


@dataclass(slots=True)
class Interface:
    """Everything that was found, in the order of files and lines."""

    options: list[Named]
    arguments: list[Named]
    endpoints: list[Named]
    functions: list[Named]
    modules: list[Fact]
    """Those that ``python -m`` runs."""


def interface(project: Project) -> Interface:
    """The interface of a project's Python source."""
    found = Interface([], [], [], [], [])
    for path in project.sources():
        if not path.endswith(".py") or path.startswith("scripts/"):
            continue
        try:
            _take(path, ast.parse(project.text(path)), found)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    for row in (found.options, found.arguments, found.endpoints, found.functions):
        del row[_MOST:]
    return found


def _take(path: str, tree: ast.Module, found: Interface) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            _call(path, node, found)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.endpoints += _new(_handled(path, node), found.endpoints)
    found.endpoints += _new(_routes(path, tree), found.endpoints)
    if path.endswith("/__main__.py"):
        name = path.removeprefix("src/").removesuffix("/__main__.py").replace("/", ".")
        found.modules.append(Fact(name, "module that can be run", at(path)))
    elif not path.rpartition("/")[2].startswith("_") or path.endswith("/__init__.py"):
        found.functions += _public(path, tree)


def _new(rows: Iterator[Named], known: list[Named]) -> list[Named]:
    texts = {row.name.text for row in known}
    fresh: dict[str, Named] = {}
    for row in rows:
        if row.name.text not in texts:
            fresh.setdefault(row.name.text, row)
    return list(fresh.values())


def _call(path: str, node: ast.Call, found: Interface) -> None:
    """An argparse argument, or a click option as a decorator."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    words = [word for word in map(_literal, node.args) if word]
    if not words or (name != "add_argument" and name not in _DECORATORS):
        return
    keywords = {key.arg: key.value for key in node.keywords if key.arg}
    about = first_sentence(_literal(keywords.get("help")) or "")
    option = words[-1].startswith("-")
    if option and (default := _shown(keywords.get("default"))):
        about = f"{about.rstrip('.')}; the default is {default}" if about else f"the default is {default}"
    if option and _literal(keywords.get("action")) == "version":
        about = about or "prints the version"
    kind = "option" if option else "argument"
    row = Named(Fact(code(", ".join(words)), kind, at(path, node.lineno)), about)
    (found.options if option else found.arguments).append(row)


def _shown(node: ast.expr | None) -> str:
    value = node.value if isinstance(node, ast.Constant) else None
    return code(str(value)) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _handled(path: str, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Named]:
    """Paths that a ``do_GET`` compares with, or that decorators such as ``@app.get("/x")`` name."""
    method = node.name.removeprefix("do_")
    if node.name.startswith("do_") and method in _METHODS:
        for inner in ast.walk(node):
            if isinstance(inner, ast.Compare):
                for literal in ast.walk(inner):
                    if (text := _literal(literal)) and text.startswith("/"):
                        yield _endpoint(path, literal, method, text, "")
    about = first_sentence(ast.get_docstring(node) or "")
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute):
            verb = decorator.func.attr.upper()
            text = _literal(decorator.args[0]) if decorator.args else ""
            if text and text.startswith("/") and (verb in _METHODS or verb == "ROUTE"):
                yield _endpoint(path, decorator, "GET" if verb == "ROUTE" else verb, text, about)


def _routes(path: str, tree: ast.Module) -> Iterator[Named]:
    """Pairs of a method and a path, as in a table of routes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Tuple) and len(node.elts) >= 2:
            method, text = (_literal(element) for element in node.elts[:2])
            if method in _METHODS and text and text.startswith("/"):
                yield _endpoint(path, node, method, text, "")


def _endpoint(path: str, node: ast.AST, method: str, text: str, about: str) -> Named:
    return Named(Fact(code(f"{method} {text}"), "address", at(path, getattr(node, "lineno", 0))), about)


def _public(path: str, tree: ast.Module) -> Iterator[Named]:
    """Functions and classes at the top of a module whose names do not begin with an underscore."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            shown = f"{node.name}({ast.unparse(node.args)})"
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            shown = node.name
        else:
            continue
        about = first_sentence(ast.get_docstring(node) or "")
        yield Named(Fact(code(shown), "public name", at(path, node.lineno)), about)


def version(project: Project) -> Fact | None:
    """``__version__`` of the package."""
    for path in project.sources():
        if not path.endswith("/__init__.py"):
            continue
        for number, line in enumerate(project.text(path).splitlines(), 1):
            name, _, value = line.partition("=")
            if name.strip() == "__version__" and (text := harmless(value.strip(" \"'"), 30)):
                return Fact(text, "version", at(path, number))
    return None


def _literal(node: ast.AST | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
