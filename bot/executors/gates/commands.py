"""The gate of commands: what a piece tells the reader to run has to exist in the project.

A command is looked for in code, and nowhere else:

- in a code block without a language or of ``sh``, ``bash``, ``shell``, ``zsh``: every line; of ``console``
  or ``text``: lines that begin with ``$``. Blocks of other languages are not read.
- in a code span, where its first word is one of those below.

Only these first words name a command of the project; any other is somebody else's program and not judged:

- ``make``: every target has to be defined in the makefile (``-C`` names its folder);
- ``python``, ``python3``: ``-m module`` has to be the project's, the standard library's or a dependency's,
  a script has to be a file or made by the project; ``node``, ``bash``, ``sh``: the script likewise;
- ``npm``, ``pnpm``, ``yarn``: the script has to be in ``package.json``;
- ``pip install``: ``.`` needs a ``pyproject.toml`` or ``setup.py``, ``-r`` a file;
- ``./name``: the same;
- ``git clone``: an address that ends in the project's name has to be the project's;
- a console script of the project: its ``--options``, as those after ``python -m`` of its own modules, have
  to occur in its source.
"""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterator, Sequence
from itertools import pairwise

from bot.executors.gates import tools
from bot.executors.gates.document import Document, Found
from bot.executors.gates.project import Project

_SHELLS = frozenset({"", "sh", "bash", "shell", "zsh"})
_SESSIONS = frozenset({"console", "text", "shell-session", "sh-session"})
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=.*")
_PYTHON = re.compile(r"python(3(\.\d+)?)?|py")
_PACKAGERS = frozenset({"npm", "pnpm", "yarn"})
_NPM_OWN = frozenset({"test", "start", "stop", "restart"})
_SEPARATORS = frozenset({"&&", "||", ";", "|", "&", "(", ")"})
_VALUED = frozenset({"-C", "-f", "-j", "--directory", "--file"})
"""Options of make that are followed by a word that is no target."""


def command_problems(document: Document, project: Project) -> Iterator[str]:
    """What the piece tells to run and what does not exist, with its line."""
    for found in commands_in(document, project):
        for problem in _problems(_words(found.text), project):
            yield f"line {found.line}: `{found.text[:120]}` {problem}"


def commands_in(document: Document, project: Project) -> Iterator[Found]:
    """Every command that the piece names, one call each."""
    for span in document.spans:
        yield from (Found(call, span.line) for call in _calls(span.text) if _known(call, project))
    for block in document.blocks:
        lines = block.text.replace("\\\n", "  ").split("\n")
        for number, line in enumerate(lines):
            prompted = line.lstrip().startswith("$ ")
            if (block.language in _SHELLS or (block.language in _SESSIONS and prompted)) and line.strip():
                bare = line.lstrip().removeprefix("$ ")
                calls = (call for call in _calls(bare) if _known(call, project))
                yield from (Found(call, block.line + number) for call in calls)


def _calls(line: str) -> Iterator[str]:
    """The simple commands of a shell line, without comments and without what is set before them."""
    lexer = shlex.shlex(line, posix=False, punctuation_chars=True)
    lexer.whitespace_split = True
    try:
        tokens = list(lexer)
    except ValueError:
        return
    call: list[str] = []
    redirected = False
    for token in [*tokens, ";"]:
        if redirected:
            redirected = False
        elif set(token) <= set("<>"):
            redirected = True  # the word after it is a file of the reader's, or a placeholder
        elif token in _SEPARATORS:
            while call and _ASSIGNMENT.fullmatch(call[0]):
                call.pop(0)
            if call:
                yield " ".join(call)
            call = []
        else:
            call.append(token)


def _words(call: str) -> list[str]:
    try:
        return shlex.split(call)
    except ValueError:
        return call.split()


def _known(call: str, project: Project) -> bool:
    """Whether the first word names something that is judged."""
    first = call.split()[0]
    more = len(call.split()) > 1
    if first.startswith("./"):
        return not first.endswith("/")
    if first in ("make", "node", "bash", "sh", "pip", "pip3", *_PACKAGERS) or _PYTHON.fullmatch(first):
        return more  # the name alone speaks of the program
    return first in tools.scripts(project) or call.startswith("git clone ")


def _problems(words: Sequence[str], project: Project) -> Iterator[str]:
    first, rest = words[0], list(words[1:])
    if first == "make":
        yield from _make(rest, project)
    elif _PYTHON.fullmatch(first):
        yield from _python(rest, project)
    elif first in ("node", "bash", "sh"):
        yield from _script(rest, project)
    elif first in _PACKAGERS:
        yield from _npm(rest, project)
    elif first in ("pip", "pip3"):
        yield from _pip(rest, project)
    elif first.startswith("./"):
        yield from _script([first], project)
    elif first == "git":
        yield from _clone(rest[1:], project)
    else:
        yield from _options(rest, project)


def _clone(words: Sequence[str], project: Project) -> Iterator[str]:
    own = project.repository_url.removesuffix("/").removesuffix(".git")
    for word in words:
        url = word.removesuffix("/").removesuffix(".git")
        same = posixpath.basename(url).casefold() == posixpath.basename(own).casefold()
        if own and "://" in url and same and url.casefold() != own.casefold():
            yield f"names another address than the project's, {own}"


def _make(words: Sequence[str], project: Project) -> Iterator[str]:
    folder, names, skip = "", [], ""
    for word in words:
        if skip:
            folder = word if skip in ("-C", "--directory") else folder
            skip = ""
        elif word in _VALUED:
            skip = word
        elif not word.startswith("-") and "=" not in word:
            names.append(word)
    known = tools.targets(project, folder)
    if known is None:
        yield "needs a makefile, and there is none"
        return
    for name in names:
        if not tools.has_target(known, name):
            shown = ", ".join(sorted(target for target in known if target[0] not in ".$")[:12])
            yield f"names the target {name}, which the makefile does not define; it has {shown}"


def _python(words: list[str], project: Project) -> Iterator[str]:
    if words[0] == "-m" and len(words) > 1:
        name = words[1]
        if not tools.modules(project, name):
            yield f"names the module {name}, which is neither in the project nor a dependency"
        elif name == "pip":
            yield from _pip(words[2:], project)
        elif name.replace(".", "/") in {path.removeprefix("src/") for path in project.folders}:
            yield from _options(words[2:], project)
    elif not words[0].startswith("-"):
        yield from _script(words, project)


def _script(words: Sequence[str], project: Project) -> Iterator[str]:
    name = next((word for word in words if not word.startswith("-")), "")
    path = posixpath.normpath(name)
    if name and "-c" not in words and path not in project.files and not tools.makes(project, path):
        yield f"names the file {name}, which is not in the repository"


def _npm(words: Sequence[str], project: Project) -> Iterator[str]:
    first = words[0]
    name = words[1] if first in ("run", "run-script") and len(words) > 1 else first
    if name == first and first not in _NPM_OWN and not (first in ("install", "ci", "i") and len(words) == 1):
        return
    known = tools.npm_scripts(project)
    if known is None:
        yield "needs a package.json, and there is none"
    elif first not in ("install", "ci", "i") and name not in known:
        yield f"names the script {name}, which package.json does not have"


def _pip(words: Sequence[str], project: Project) -> Iterator[str]:
    if not words or words[0] != "install":
        return
    for before, word in pairwise(words):
        local = re.sub(r"\[[\w,-]*\]$", "", word)
        if local in (".", "./") and not {"pyproject.toml", "setup.py"} & project.files:
            yield "needs a pyproject.toml or a setup.py, and there is none"
        elif before in ("-r", "--requirement") and posixpath.normpath(word) not in project.files:
            yield f"names the file {word}, which is not in the repository"


def _options(words: Sequence[str], project: Project) -> Iterator[str]:
    for word in words:
        option = word.partition("=")[0]
        if option.startswith("--") and not tools.has_option(project, option):
            yield f"names the option {option}, which the source does not have"
