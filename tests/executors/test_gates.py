"""Each gate against content that has to fail it, and against what must not be taken for a mistake."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.domain.work import WorkOrder
from bot.executors.gates import Gate, Verdict, Written, judge, project_of
from bot.executors.gates.lengths import LEAST_POSTS, LEAST_WORDS, LINKEDIN, RELEASE, rule_of
from bot.executors.gates.web import MOST_LINKS, MOST_SECONDS, REDIRECTS, SECONDS, Answer
from bot.executors.gates.weighing import POST
from bot.executors.prompting import PROMPTS
from tests.executors.conftest import order_content

FILES = {
    ".gitignore": "dist/\n__pycache__/\n",
    "LICENSE": "MIT License\n",
    "Makefile": "include more.mk\n\n.PHONY: test run\ntest run: prepare\n\techo $@\nprepare:\n\t@true\nVALUE := a:b\n"
    "%.pdf: %.md\n\ttouch $@\nout:\n\tmkdir -p build/out\n",
    "more.mk": "extra:\n\ttrue\n",
    "README.md": "# The *Reader* & `Writer`\n\n## Set up\n\n## Set up\n\n## Ünïcode, too! 🎉\n\n<a id='by-hand'></a>\n",
    "package.json": '{"scripts": {"build": "x", "test": "y"}, "bin": {"readit": "cli.js"}}',
    "pyproject.toml": '[project]\nname = "it"\ndependencies = ["Requests>=2"]\n'
    '[project.scripts]\nit-reads = "it.__main__:main"\n',
    "requirements/dev.txt": "pytest==8\n",
    "scripts/tool.py": "print('x')\n",
    "run.sh": "true\n",
    "site/index.html": '<h1 id="top">Hi</h1><a href="about.html">x</a>',
    "site/about.html": "<p>x</p>",
    "src/it/__init__.py": "",
    "src/it/__main__.py": 'p.add_argument("--dry-run")\nif path == "/health" or path.startswith("/items/"): pass\n',
    "tests/test_it.py": '"/only-in-tests"\n',
    "docs/guide.md": "",
}
ISSUES = [
    {"key": "counter", "title": "Add a counter of clicks", "acceptance": ["It counts"], "number": 3},
    {"key": "export", "title": "Export the items as CSV", "acceptance": ["A file is saved"], "number": 4},
    {"key": "todo", "title": "Show the TODO list", "acceptance": ["All of it"], "number": 5},
]
OUTPUTS: dict[str, Any] = {
    "genesis": {"repository_url": "https://github.com/alice/it.git", "issues": ISSUES},
    "development": {
        "features": [
            {"key": "counter", "state": "approved", "number": 3, "pull_request": 8},
            {"key": "export", "state": "open", "number": 4},
            {"key": "todo", "state": "implemented"},
        ],
        "deployment": {"url": "https://alice.github.io/it/"},
    },
}
ROOT = Path(__file__).parent.parent.parent
ENOUGH = "Words that say something. " * 30
Judge = Callable[..., Verdict]


@pytest.fixture
def judged(tmp_path: Path) -> Judge:
    """The verdict on a text as a piece of the project above."""

    def verdict(
        text: str,
        kind: str = "user guide",
        specialty: str = "documentation",
        file: str = "docs/guide.md",
        answers: Mapping[str, Answer] | None = None,
        enough: str = ENOUGH,
    ) -> Verdict:
        files = FILES | {file: f"{text}\n\n{enough}" if enough else text}
        for path, said in files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(said, encoding="utf-8")
        order = WorkOrder.model_validate(order_content(workflow="content", outputs=OUTPUTS, title="It"))
        project = project_of(order, tmp_path, tuple(files), "orchestrator/documentation")
        return judge([Written(kind, specialty, file)], project, lambda urls, own: answers or {})[0]

    return verdict


FAILING = [
    # gate, text, what is said
    (Gate.LINKS, "See [it](other.md).", "line 1: the link other.md leads to docs/other.md, which is not in the"),
    (Gate.LINKS, "a\n\nb\n[it](../nowhere/)", "line 4: the link ../nowhere/ leads to nowhere, which is not in"),
    (Gate.LINKS, "[it](../../issues)", "leads out of the repository"),
    (Gate.LINKS, "[it](../README.md#setup)", "names #setup, which README.md does not have; it has #by-hand"),
    (Gate.LINKS, "[it](../README.md#set-up-2)", "names #set-up-2, which README.md does not have"),
    (Gate.LINKS, "[it](#nothing)", "names #nothing, which docs/guide.md does not have; it has no headings"),
    (Gate.LINKS, "[it](../LICENSE#L9)", "names a line that LICENSE does not have: it ends at 1"),
    (Gate.LINKS, "[it](../LICENSE#terms)", "has lines only, as in #L12"),
    (Gate.LINKS, "![it](../shot.png)", "leads to shot.png"),
    (Gate.LINKS, '<a href="gone.md">x</a>', "the link gone.md leads to docs/gone.md"),
    (Gate.LINKS, "<a href='javascript:x'>it</a>", "is neither a path nor http, https or mailto"),
    (Gate.LINKS, "[it](//evil.test/x)", "is neither a path nor http, https or mailto"),
    (Gate.LINKS, "<a href='http://[x'>it</a>", "is no address"),
    (Gate.LINKS, "https://github.com/alice/it/blob/main/gone.py", "leads to gone.py, which is not in the"),
    (Gate.LINKS, "https://github.com/alice/it/blob/v1/LICENSE", "names another branch than main"),
    (Gate.LINKS, "https://github.com/Alice/it/issues/77", "leads to number 77, which no known issue"),
    (Gate.LINKS, "https://github.com/alice/it/wiki", "a page of the repository that is not known to exist"),
    (Gate.LINKS, "<https://alice.github.io/it/pricing>", "leads to /pricing of the deployment, which nothing"),
    (Gate.COMMANDS, "Run `make tests`.", "names the target tests, which the makefile does not define; it has"),
    (Gate.COMMANDS, "```sh\nmake test\nPORT=1 make -j 2 serve # now\n```", "line 3: `make -j 2 serve` names the target"),
    (Gate.COMMANDS, "`make include`", "names the target include"),
    (Gate.COMMANDS, "```\ncd it && make all\n```", "`make all` names the target all"),
    (Gate.COMMANDS, "```console\n$ make all\n```", "names the target all"),
    (Gate.COMMANDS, "`make -C docs html`", "needs a makefile, and there is none"),
    (Gate.COMMANDS, "`python -m it_reads`", "names the module it_reads, which is neither in the project"),
    (Gate.COMMANDS, "`python3 tool.py`", "names the file tool.py, which is not in the repository"),
    (Gate.COMMANDS, "`python3 -m it --force`", "names the option --force, which the source does not have"),
    (Gate.COMMANDS, "`it-reads --verbose`", "names the option --verbose, which the source does not have"),
    (Gate.COMMANDS, "`npm run deploy`", "names the script deploy, which package.json does not have"),
    (Gate.COMMANDS, "`npm start`", "names the script start"),
    (Gate.COMMANDS, "`./install.sh`", "names the file ./install.sh"),
    (Gate.COMMANDS, "`pip install -r requirements.txt`", "names the file requirements.txt"),
    (Gate.COMMANDS, "`git clone https://github.com/bob/it.git`", "names another address than the project's"),
    (Gate.FILES, "Open `src/app.py`.", "line 1: `src/app.py` is not in the repository and nothing makes it"),
    (Gate.FILES, "Open `config.toml`.", "`config.toml` is not in the repository"),
    (Gate.FILES, "Open `./notes/`.", "`./notes/` is not in the repository"),
    (Gate.FILES, "Open `templates/`.", "`templates/` is not in the repository"),
    (Gate.FILES, "Open `docs/missing`.", "`docs/missing` is not in the repository"),
    (Gate.FILES, "Ask `GET /healthz`.", "no source file holds the path /healthz"),
    (Gate.FILES, "Ask `DELETE /users/{id}`.", "no source file holds the path /users/{id}"),
    (Gate.FILES, "Ask `GET /only-in-tests`.", "no source file holds the path /only-in-tests"),
    (Gate.FEATURES, "## Features\n\n- Real-time collaboration", "line 3: “Real-time collaboration” is none of the"),
    (Gate.FEATURES, "## What it does\n\n- A counter\n- Exports items as CSV",
     "line 4: “Exports items as CSV” is listed as there, and its issue (export) is not finished"),
    (Gate.FEATURES, "## Planned\n\n- Blockchain storage", "“Blockchain storage” is none of the project's features"),
    (Gate.PLACEHOLDERS, "FIXME later", "line 1: the placeholder “FIXME”"),
    (Gate.PLACEHOLDERS, "```sh\ntrue # XXX\n```", "line 2: the placeholder “XXX”"),
    (Gate.PLACEHOLDERS, "Hello {{ name }}", "the placeholder “{{”"),
    (Gate.PLACEHOLDERS, "Lorem ipsum dolor", "the placeholder “Lorem ipsum”"),
    (Gate.PLACEHOLDERS, "Write to [insert address here].", "the placeholder “[insert address here]”"),
    (Gate.PLACEHOLDERS, "Visit https://example.com/x", "the placeholder “example.com”"),
    (Gate.PLACEHOLDERS, "[x](https://www.example.org)", "the placeholder “example.org”"),
    (Gate.PLACEHOLDERS, "It is at your-domain and your-org.", "the placeholder “your-domain”"),
]  # fmt: skip


@pytest.mark.parametrize(("gate", "text", "says"), FAILING)
def test_what_does_not_hold_fails_its_gate_and_no_other(
    gate: Gate, text: str, says: str, judged: Judge
) -> None:
    verdict = judged(text)

    assert any(
        problem.startswith(f"docs/guide.md: {gate}: ") and says in problem for problem in verdict.problems
    ), verdict.problems
    failed = {name for name, passed in verdict.gates.items() if not passed}
    assert gate in failed
    assert failed <= {gate, Gate.EXTERNAL, Gate.LINKS} if gate is Gate.PLACEHOLDERS else failed == {gate}


FINE = [
    "[a](../README.md#set-up), [b](../README.md#set-up-1), [c](../README.md#the-reader--writer)",
    "[a](../README.md#ünïcode-too-), [b](/LICENSE#L1), [c](../src/), [d](../site/index.html#top), [e](../README.md#by-hand)",
    "# A heading\n\n[a](#a-heading) [b](?plain=1) [c](mailto:alice@it.test) ![d](../site/about.html)",
    "https://github.com/alice/it https://github.com/alice/it.git https://github.com/alice/it/issues",
    "https://github.com/alice/it/blob/main/README.md#set-up https://github.com/alice/it/tree/main/src",
    "https://github.com/alice/it/blob/orchestrator/documentation/docs/guide.md https://github.com/alice/it/pull/8",
    "Open http://localhost:8000 or http://127.0.0.1:8000/x on your machine.",
    "<https://alice.github.io/it/> <https://alice.github.io/it/about.html> <https://alice.github.io/it/health>",
    "`make`, `make test run`, `make extra`, `make paper.pdf`, `make test VERBOSE=1`, `make -n test`, `make out`",
    "```sh\n# comment with make nothing\nmake \\\n  test\ngit clone https://github.com/alice/it\ncd it\n```",
    '```python\nmake = run(all)\n```\n\n```json\n{"make": "all"}\n```\n\n```text\nmake all of it\n```',
    "`python`, `python3 -m it --dry-run`, `python -m pytest -q`, `python3 -m http.server`, `python -m requests`",
    "`python3 scripts/tool.py`, `python3 dist/it.pyz`, `./dist/it`, `./dist/`, `./run.sh`, `bash run.sh`, `npm test`, `npm run build`, `npm ci`, `pip install .`",
    "`it-reads --help`, `it-reads --dry-run x`, `readit`, `docker compose up`, `curl -X POST /x`, `pip install it`",
    "`make <target>`, `make test > log.txt`, `node`, `sh`",
    "`README.md`, `src/it/__main__.py`, `it/__main__.py`, `index.html`, `tests/`, `Makefile`, `dist/it.pyz`, `build/out`",
    "`text/html`, `application/json`, `and/or`, `Node.js`, `console.log`, `x.y`, `1.0`, `/etc/hosts`, `~/x.py`, `*.py`",
    "`photos.zip`, `data.csv`, `origin/main`, `a/b`, `None`, `--dry-run`, `.env`, `<file>.py`, `e.g.`",
    "`GET /health`, `GET /`, `PUT /items/{id}`, `GET /items/7?x=1`",
    "## Features\n\n- A counter of clicks: it counts\n- Shows the TODO list\n\n## Planned\n\n- Exporting items as CSV",
    "## Steps\n\n- Real-time collaboration with anybody",
    "The TODO list. A `TODO`. An examples.com of its own, and an example.",
    "```sh\ncurl https://example.com/{{id}}\n```",
    "[your " * 5_000,
]


@pytest.mark.parametrize("text", FINE)
def test_what_is_right_or_ordinary_raises_no_alarm(text: str, judged: Judge) -> None:
    assert judged(text).problems == ()


@pytest.mark.parametrize(
    ("kind", "text", "says"),
    [
        ("user guide", "Press it.", "2 words are too few for a user guide; write at least 80"),
        ("Poem", "Press it.", "2 words are too few for a Poem; write at least 20"),
        ("LinkedIn post", "word " * 700, "3,499 characters, and a LinkedIn post may have 3,000; shorten it by 499"),
        ("release note", "word " * 26_000, "may have 125,000"),
        ("X thread", f"One\n\n---\n\n{'-a' * 50_000}", "post 2 has 100,000 characters, which no post of 280"),
        ("X thread", "word " * 40, "1 posts are no thread; write at least 2"),
        ("X thread", f"One\n\n---\n\n{'word ' * 57}", "post 2 has 284 of 280 characters as X counts them"),
        ("x-thread", f"# T\n\nOne\n\n---\n\n{'字' * 141}\n\n{'word ' * 30}", "post 2 has 433 of 280"),
        ("tweets", f"{'word ' * 52}https://github.com/alice/it\n\n---\n\nx", "post 1 has 283 of 280"),
    ],
)  # fmt: skip
def test_lengths(kind: str, text: str, says: str, judged: Judge) -> None:
    verdict = judged(text, kind=kind, enough="")

    assert verdict.gates[Gate.LENGTH] is False
    assert any(": length: " in problem and says in problem for problem in verdict.problems), verdict.problems


def test_a_piece_of_any_size_is_judged_in_bounded_time(judged: Judge) -> None:
    verdict = judged("word " * 100_000)

    assert verdict.gates[Gate.FILE] is False
    assert any("characters and may have 200,000; divide it" in problem for problem in verdict.problems)


def test_an_empty_piece_fails(judged: Judge) -> None:
    verdict = judged("", enough="")

    assert verdict.gates[Gate.FILE] is False
    assert "docs/guide.md: file: nothing is written in it" in verdict.problems


def test_marketing_does_not_lead_to_the_readers_own_machine(judged: Judge) -> None:
    verdict = judged("http://localhost:8000", "announcement", "marketing", "content/marketing/x.md")

    assert "leads to the reader's own machine" in verdict.problems[0]


@pytest.mark.parametrize(
    ("answers", "passed", "says"),
    [
        ({"https://a.test/x": Answer(status=200), "https://b.test": Answer(status=301)}, True, ""),
        ({"https://a.test/x": Answer(status=404), "https://b.test": Answer(status=200)}, False, "answers 404; correct"),
        ({"https://a.test/x": Answer(error="no such host"), "https://b.test": Answer(status=200)}, False,
         "line 1: the link https://a.test/x does not answer: no such host"),
        ({"https://a.test/x": Answer(error="x"), "https://b.test": Answer(error="y")}, None, ""),
        ({"https://a.test/x": Answer(refused="private"), "https://b.test": Answer(error="y")}, False,
         "is not followed: private"),
    ],
)  # fmt: skip
def test_links_to_elsewhere(
    answers: Mapping[str, Answer], passed: bool | None, says: str, judged: Judge
) -> None:
    verdict = judged("https://a.test/x and [b](https://b.test)", answers=answers)

    assert verdict.gates.get(Gate.EXTERNAL) is passed
    assert [says in problem for problem in verdict.problems] == ([True] if says else [])
    if passed is None:
        assert verdict.unchecked == ("external links: not checked, no network could be reached",)


def test_html_is_read_as_html(judged: Judge) -> None:
    page = '<h1 id="a">x</h1><a href="#a">y</a><a href="#b">z</a><code>make all</code><p>TBD</p><script>TODO</script>'

    verdict = judged(page, "landing page copy", "marketing", "content/marketing/page.html")

    assert {problem.split(": ")[1] for problem in verdict.problems} == {"links", "commands", "placeholders"}
    assert len(verdict.problems) == 3


def test_nothing_is_read_through_a_link_of_the_repository(judged: Judge, tmp_path: Path) -> None:
    secret = tmp_path.parent / "secret.md"
    secret.write_text(f"# Secret\n\n{ENOUGH}", encoding="utf-8")
    (tmp_path / "docs").mkdir()
    (tmp_path / "more.md").symlink_to(secret)

    assert "leads to more.md, which is not in the repository" in judged("[x](../more.md#secret)").problems[0]


def test_the_writer_and_the_reader_are_told_the_numbers_that_count() -> None:
    for text in ((PROMPTS / "gates.md").read_text("utf-8"), (ROOT / "docs/agents.md").read_text("utf-8")):
        said = " ".join(text.split())
        assert f"of at most {POST} " in said or f"at most {POST} units" in said
        assert f"{LINKEDIN:,} characters" in said
        assert f"release note {RELEASE:,}" in said
        assert f"at least {LEAST_POSTS} posts" in said
        for name, rule in (
            ("user guide", 80), ("installation", 30), ("reference", 40), ("FAQ", 60), ("landing page", 50),
            ("description", 30), ("announcement", 50),
        ):  # fmt: skip
            assert rule_of(name).least == rule
            assert f"{name} {rule}" in said
        assert re.search(rf"others? {LEAST_WORDS}\b", said)
    for number in (MOST_LINKS, int(SECONDS), int(MOST_SECONDS), REDIRECTS):
        assert str(number) in said
    for gate in Gate:
        assert f"| `{gate}` |" in text


def test_every_content_prompt_tells_the_gates() -> None:
    for path in PROMPTS.glob("content-*.md"):
        assert '{% include "gates.md" %}' in path.read_text("utf-8"), path
