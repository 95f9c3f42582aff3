"""The survey of a project: everything that the templates may say, each as a fact with its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.domain.work import WorkOrder
from bot.executors.gates import tools
from bot.executors.gates.project import Feature, Project
from bot.executors.scaffold import names_for
from bot.executors.writing.commands import Command, commands_of
from bot.executors.writing.facts import Fact, at
from bot.executors.writing.page_source import Page, pages
from bot.executors.writing.python_source import Interface, interface, version
from bot.executors.writing.words import code, harmless

_KINDS = {
    "web": "a web page",
    "service": "an HTTP service",
    "python": "a command-line tool",
    "library": "a Python library",
    "pipeline": "a data pipeline",
}
_NOUNS = {
    "web": ("page", "site", "website", "app"),
    "service": ("service", "api", "server"),
    "python": ("tool", "command", "program", "script"),
    "library": ("library", "package", "module"),
    "pipeline": ("pipeline", "job"),
}
"""What such a program is called in an idea."""
_LOCAL = re.compile(r"http://(?:127\.0\.0\.1|localhost):\d{2,5}\b")
_FOUNDATION = "foundation"
"""The issue of every scaffold that is about the repository itself, not about what it offers."""
_LEADING = re.compile(r"^(?:Add|Build|Implement:?|Ensure that)\s+(?:with\s+)?", re.IGNORECASE)
_DOCUMENTS = (
    ("README.md", "Read me"),
    ("docs/requirements.md", "Requirements"),
    ("docs/architecture.md", "Architecture"),
    ("docs/development.md", "Development"),
    ("CONTRIBUTING.md", "Contributing"),
    ("CHANGELOG.md", "Changelog"),
)
_OWN = tuple(f"docs/{name}.md" for name in ("user-guide", "installation", "reference", "faq"))
"""What Content itself writes."""
_MOST_DOCUMENTS = 20
_LONGEST_NAME, _LONGEST_FEATURE = 80, 160


@dataclass(frozen=True, slots=True)
class Paper:
    """A document of the repository."""

    path: Fact
    label: str


@dataclass(frozen=True, slots=True)
class Survey:
    """A project as it was read."""

    kind: str
    name: Fact
    what: Fact
    version: Fact | None
    licence: Fact | None
    needs: tuple[Fact, ...]
    commands: tuple[Command, ...]
    local: Fact | None
    """Where it answers on the reader's own machine."""
    address: Fact | None
    """Where it is deployed."""
    repository: Fact | None
    """What is cloned."""
    branch: Fact | None
    """Of a repository that holds others, too."""
    home: Fact | None
    """Where its files are looked at."""
    done: tuple[Fact, ...]
    listed: tuple[Fact, ...]
    """Those of them that ``what`` does not say already."""
    planned: tuple[Fact, ...]
    documents: tuple[Paper, ...]
    pages: tuple[Page, ...]
    interface: Interface
    installs: Fact | None
    """The file by which pip installs it."""
    program: Fact | None
    """How its command is called."""
    package: Fact | None
    """What is imported."""

    def command(self, key: str) -> Command | None:
        """The project's command of that purpose."""
        return next((command for command in self.commands if command.key == key), None)


def survey(order: WorkOrder, project: Project) -> Survey:
    """Read a project that is checked out."""
    genesis = order.outputs.get("genesis")
    genesis = genesis if isinstance(genesis, Mapping) else {}
    found = interface(project)
    kind, what = _kind(genesis, project, found)
    told = [feature for feature in project.features if _is_told(feature, genesis)]
    done = tuple(_features(feature for feature in told if feature.done))
    lead = next((fact for fact in done if _leads(fact.text, kind)), None)
    shown = pages(project)
    address, repository = project.deployment_url, project.repository_url.removesuffix(".git")
    branch = order.default_branch if genesis.get("branch") == order.default_branch else ""
    home = f"{repository}/tree/{branch}" if branch else repository
    return Survey(
        kind=kind,
        name=_name(order, kind, shown),
        what=what if lead is None else replace(lead, text=lead.text[:1].lower() + lead.text[1:]),
        version=version(project),
        licence=_licence(project),
        needs=tuple(_needs(project)),
        commands=tuple(commands_of(genesis, project)),
        local=_local(project),
        address=Fact(address, "address", "development-progress.json, deployment") if address else None,
        repository=Fact(repository, "repository", "genesis-output.json") if repository else None,
        branch=Fact(branch, "branch", "genesis-output.json") if branch else None,
        home=Fact(home, "repository", "genesis-output.json") if repository else None,
        done=done,
        listed=tuple(fact for fact in done if fact is not lead) or done,
        planned=tuple(_features(feature for feature in told if not feature.done)),
        documents=tuple(_documents(project)),
        pages=shown,
        interface=found,
        installs=Fact("`pyproject.toml`", "installed by", at("pyproject.toml"))
        if "[build-system]" in project.text("pyproject.toml")
        else None,
        program=_program(project, found),
        package=_package(project),
    )


def _name(order: WorkOrder, kind: str, shown: Sequence[Page]) -> Fact:
    """The project's title; of a page its own, where the project's says no more than that it is about it."""
    own = next((page.title for page in shown if page.title is not None), None)
    if kind == "web" and own is not None:
        text = own.text.strip("“”")
        if len(text) < len(order.title) and text.casefold() in order.title.casefold():
            return replace(own, text=text)
    if words := harmless(order.title, _LONGEST_NAME).rstrip(".:,; "):
        return Fact(words, "name", "the project's title")
    return Fact(names_for(order.project).display, "name", "the project's id")


def _kind(genesis: Mapping[str, Any], project: Project, found: Interface) -> tuple[str, Fact]:
    """By the stack that Genesis names where it is one of the known ones, else by what the files are."""
    stack = genesis.get("stack")
    if isinstance(stack, str) and stack in _KINDS:
        return stack, Fact(_KINDS[stack], "what it is", f"genesis-output.json, stack {stack}")
    page = next((path for path in sorted(project.files) if path.endswith("index.html")), "")
    if found.endpoints:
        return "service", Fact(_KINDS["service"], "what it is", found.endpoints[0].name.place)
    if page:
        return "web", Fact(_KINDS["web"], "what it is", at(page))
    if tools.scripts(project) or found.options:
        place = found.options[0].name.place if found.options else "pyproject.toml"
        return "python", Fact(_KINDS["python"], "what it is", place)
    if found.functions:
        return "library", Fact(_KINDS["library"], "what it is", found.functions[0].name.place)
    return "program", Fact("a program", "what it is", "the repository")


def _is_told(feature: Feature, genesis: Mapping[str, Any]) -> bool:
    """Whether an issue is about something that users get."""
    rows = genesis.get("issues")
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, Mapping) and row.get("key") == feature.key:
            return row.get("specialty") == "feature" and feature.key != _FOUNDATION
    return False


def _features(features: Iterable[Feature]) -> Iterator[Fact]:
    """Each issue's title as the thing that it asks for: "Add a counter" → "A counter"."""
    for feature in features:
        title = harmless(feature.title, _LONGEST_FEATURE).rstrip(".")
        thing = harmless(_LEADING.sub("", title), _LONGEST_FEATURE) or title
        number = f", issue {feature.number}" if feature.number else ""
        says = "finished feature" if feature.done else "planned feature"
        place = "development-progress.json" if feature.done else "genesis-output.json"
        if thing:
            yield Fact(thing[:1].upper() + thing[1:], says, f"{place}, {feature.key}{number}")


def _leads(text: str, kind: str) -> bool:
    """Whether a feature says what the whole is: "A web page that shows …" of a web page."""
    head = re.match(r"An? (?P<thing>.{1,40}?)\s(?:that|which|to|for|with)\s", text)
    return bool(head and any(re.search(rf"\b{word}$", head["thing"], re.I) for word in _NOUNS.get(kind, ())))


def _documents(project: Project) -> Iterator[Paper]:
    """The usual documents, then others below ``docs/`` by their first heading."""
    known = dict(_DOCUMENTS) | dict.fromkeys(_OWN, "")
    others = (
        path
        for path in sorted(project.files)
        if re.fullmatch(r"docs/[\w./-]+\.md", path) and path not in dict(_DOCUMENTS)
    )
    for path in [*(path for path, _ in _DOCUMENTS if path in project.files), *others][:_MOST_DOCUMENTS]:
        heading = re.match(r"#\s+([^\n]+)", project.text(path).lstrip())
        if label := known.get(path, harmless(heading[1], 80) if heading else ""):
            yield Paper(Fact(path, "document", at(path)), label)


def _licence(project: Project) -> Fact | None:
    for path in ("LICENSE", "LICENSE.md", "LICENSE.txt", "COPYING"):
        lines = project.text(path).splitlines()
        for number, line in enumerate(lines[:5], 1):
            if words := harmless(line, 60):
                return Fact(words, "licence", at(path, number))
    return None


def _needs(project: Project) -> Iterator[Fact]:
    """What has to be on a machine that runs the project's commands."""
    for number, line in enumerate(project.text("pyproject.toml").splitlines(), 1):
        if match := re.match(r'requires-python\s*=\s*">=\s*(\d+(?:\.\d+)*)"', line):
            yield Fact(f"Python {match[1]} or newer", "needs", at("pyproject.toml", number))
            break
    else:
        for name in tools.MAKEFILES:
            if re.search(r"\bpython3?\b", project.text(name), re.IGNORECASE):
                yield Fact("Python 3", "needs", at(name))
                break
    if "package.json" in project.files:
        yield Fact("Node.js", "needs", at("package.json"))
    for name in tools.MAKEFILES:
        if name in project.files:
            yield Fact("make", "needs", at(name))
            break


def _local(project: Project) -> Fact | None:
    for path in ("README.md", "docs/development.md"):
        for number, line in enumerate(project.text(path).splitlines(), 1):
            if match := _LOCAL.search(line):
                return Fact(f"`{match.group()}`", "address on one's own machine", at(path, number))
    return None


def _program(project: Project, found: Interface) -> Fact | None:
    """Its console script, or the module that Python runs."""
    if named := sorted(name for name in tools.scripts(project) if re.fullmatch(r"[\w.-]+", name)):
        return Fact(f"`{named[0]}`", "command", at("pyproject.toml"))
    if found.modules:
        module = found.modules[0]
        return Fact(f"`python3 -m {module.text}`", "command", module.place)
    return None


def _package(project: Project) -> Fact | None:
    for path in project.sources():
        parts = path.removeprefix("src/").split("/")
        if path.endswith("/__init__.py") and len(parts) == 2 and parts[0].isidentifier():
            return Fact(code(parts[0]), "package", at(path))
    return None
