"""The hub's pages as a browser meets them: what is shown, what is taken in, and what cannot get through."""

from __future__ import annotations

import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote, urlencode

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from bot.hub.data.issue_queries import IssueQuery
from bot.hub.data.records import Issue, Repository, Role
from bot.hub.data.world import BOT, World
from bot.hub.pages.routes import routes

XSS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    '"><iframe src="javascript:alert(1)">',
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>",
    "<details open ontoggle=alert(1)><summary>s</summary></details>",
    "<form action=https://evil.test><button formaction=javascript:alert(1)>b</button></form>",
    "<base href=https://evil.test><meta http-equiv=refresh content=0;url=https://evil.test>",
    "<style>*{display:none}</style><p style='position:fixed'>x</p>",
    "<object data=javascript:alert(1)></object><embed src=javascript:alert(1)>",
)


class Page(HTMLParser):
    """A page's elements and text, as a browser would build them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def dangers(self) -> list[str]:
        """Everything in the page that could execute something or lead a form elsewhere."""
        found = []
        for tag, attributes in self.elements:
            ours = str(attributes.get("src", "")).startswith(("/-/static/hub.js", "/-/static/diagrams.js"))
            if tag in ("iframe", "object", "embed", "base", "style") or (tag == "script" and not ours):
                found.append(tag)
            if tag == "form" and not str(attributes.get("action")).startswith("/"):
                found.append("form elsewhere")
            if tag == "meta" and "http-equiv" in attributes:
                found.append("meta refresh")
            for name, value in attributes.items():
                scheme = re.sub(r"\s", "", str(value)).lower()
                if name.startswith("on") or scheme.startswith(("javascript:", "vbscript:", "data:text")):
                    found.append(f"{tag} {name}")
                if name == "style" and not re.fullmatch(r"--label:#[0-9a-fA-F]{6}", str(value)):
                    found.append(f"{tag} style")
        return found


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path / "data")
    organisation = made.users.create("acme", "Organization")
    ada = made.users.create("ada")
    made.users.join("acme", "ada")
    made.users.create("wendy")
    made.users.create("rita")
    made.users.create(BOT, "Bot")
    repository = made.repositories.create(organisation, ada, "factory", readme="# Factory\n\nSee #1.")
    made.users.set_role(repository, "wendy", Role.WRITE)
    made.users.set_role(repository, "rita", Role.READ)
    yield made
    made.close()


@pytest.fixture
def repository(world: World) -> Repository:
    return world.repositories.find("acme", "factory")


@pytest.fixture
def issue(world: World, repository: Repository) -> Issue:
    return world.issues.create(repository, world.users.find("wendy"), "An idea", "A *body*")


@pytest.fixture
def browser(world: World) -> Iterator[httpx.Client]:
    """A client of the pages, served on a free port; redirects are not followed."""
    listener = socket.create_server(("127.0.0.1", 0))
    world.base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    app = Starlette(routes=routes(world, "acme/factory"))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    with httpx.Client(base_url=world.base_url, timeout=20) as client:
        yield client
    server.should_exit = True
    thread.join()


def send(browser: httpx.Client, path: str, **form: str) -> httpx.Response:
    """Post a form as the hub's own page does."""
    return browser.post(path, data=form, headers={"Origin": str(browser.base_url).rstrip("/")})


def push(
    world: World, repository: Repository, folder: Path, files: dict[str, bytes], branch: str = "main"
) -> None:
    """Commit files on a new branch, or on the tip of one that exists, and push it."""
    folder.mkdir()

    def git(*words: str) -> None:
        subprocess.run(
            ["git", "-c", "user.name=ada", "-c", "user.email=a@b.c", *words], cwd=folder, check=True
        )

    git("clone", "--quiet", str(world.repositories.path(repository)), ".")
    git("checkout", "--quiet", "-B", branch)
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    git("add", ".")
    git("commit", "--quiet", "--message", f"Add {len(files)} files <b>now</b>")
    git("push", "--quiet", "origin", branch)


# What is shown


def test_start_leads_to_the_main_repositorys_issues(browser: httpx.Client) -> None:
    answer = browser.get("/")
    assert answer.status_code == 302
    assert answer.headers["location"] == "/acme/factory/issues"


@pytest.mark.parametrize(
    "path",
    ["/repositories", "/acme/factory", "/acme/factory/issues", "/acme/factory/issues/1",
     "/acme/factory/issues/new",
     "/acme/factory/actions", "/acme/factory/tree/main", "/acme/factory/tree/main/README.md",
     "/acme/factory/commits/main"],
)  # fmt: skip
def test_every_page_is_framed_for_phones_and_says_what_it_is(
    browser: httpx.Client, issue: Issue, path: str
) -> None:
    answer = browser.get(path)
    assert answer.status_code == 200
    page = Page(answer.text)
    assert ("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}) in page.elements
    assert "This is a local hub: it stands in for GitHub on this machine." in page.text
    assert [tag for tag, _ in page.elements].count("main") == 1
    assert dict(page.elements)["html"] == {"lang": "en"}
    assert "script-src 'self'" in answer.headers["content-security-policy"]


def test_every_field_has_a_name_for_screen_readers(browser: httpx.Client, issue: Issue) -> None:
    for path in ("/acme/factory/issues/1", "/acme/factory/issues/new"):
        elements = Page(browser.get(path).text).elements
        labelled = {attributes["for"] for tag, attributes in elements if tag == "label"}
        for tag, attributes in elements:
            if tag in ("input", "textarea", "select") and attributes.get("type") != "checkbox":
                assert attributes.get("id") in labelled or "aria-label" in attributes, (path, attributes)


def test_an_issue_shows_comments_events_reactions_and_labels_in_order(
    browser: httpx.Client, world: World, repository: Repository, issue: Issue
) -> None:
    ada, bot = world.users.find("ada"), world.users.find(BOT)
    comment = world.comments.create(issue, ada, "/dispatch-genesis")
    world.reactions.add(comment, bot, "rocket")
    world.issues.add_labels(repository, ada, issue.number, ["stage:genesis"])
    world.issues.edit(repository, ada, issue.number, {"state": "closed"})
    html = browser.get("/acme/factory/issues/1").text
    text = re.sub(r"\s+", " ", Page(html).text)
    assert f'id="issuecomment-{comment.id}"' in html
    order = ["A body", "/dispatch-genesis", "🚀 1", "added the label stage:genesis", "closed this"]
    assert [text.index(words) for words in order] == sorted(text.index(words) for words in order)
    assert "Reopen issue" in text


def test_the_list_filters_by_state_label_and_author_and_pins_first(
    browser: httpx.Client, world: World, repository: Repository, issue: Issue
) -> None:
    ada = world.users.find("ada")
    world.issues.create(repository, ada, "Second", labels=["dev-ready"])
    done = world.issues.create(repository, ada, "Third")
    world.issues.edit(repository, ada, done.number, {"state": "closed"})
    world.issues.pin(repository, ada, issue.number)

    def titles(query: str) -> list[str]:
        html = browser.get(f"/acme/factory/issues{query}").text
        return re.findall(r'class="title" href="[^"]*">([^<]*)<', html)

    assert titles("") == ["An idea", "Second", "An idea"]
    assert titles("?state=closed") == ["An idea", "Third"]  # the pinned one stays on top
    assert titles("?label=dev-ready") == ["Second"]
    assert titles("?author=wendy") == ["An idea"]


def test_markdown_is_githubs(browser: httpx.Client, world: World, issue: Issue) -> None:
    body = (
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n- [x] done\n\n~~gone~~ https://example.org\n"
        "<details><summary>More</summary>\n\nfolded\n\n</details>\n\n<!-- orchestrator:marker -->\n\n"
        "line one\nline two with #1, @wendy, @nobody and `#1`\n\n```mermaid\nflowchart LR\n```\n"
    )
    world.comments.create(issue, world.users.find("ada"), body)
    html = browser.get("/acme/factory/issues/1").text
    for wanted in (
        "<table>", "<del>gone</del>", "<summary>More</summary>",
        '<a href="https://example.org" rel="noopener noreferrer nofollow">', "line one<br>",
        '<a href="/acme/factory/issues/1">#1</a>',
        '<a class="mention" href="/acme/factory/issues?author=wendy">@wendy</a>',
        "@nobody and", "<code>#1</code>", '<pre lang="mermaid"><code>flowchart LR',
    ):  # fmt: skip
        assert wanted in html
    assert "orchestrator:marker" not in html
    assert ("input", {"type": "checkbox", "checked": "", "disabled": ""}) in Page(html).elements


def test_nothing_that_people_write_executes(
    browser: httpx.Client, world: World, repository: Repository, tmp_path: Path
) -> None:
    ada = world.users.find("ada")
    files: dict[str, bytes] = {"README.md": "\n\n".join(XSS).encode()}
    paths = ["", "/issues", "/actions", "/commits/main", "/tree/main", "/tree/main/README.md?plain=1"]
    for attack in XSS:
        issue = world.issues.create(repository, ada, attack, attack, labels=[attack[:50]])
        world.comments.create(issue, ada, f"text\n\n{attack}\n\n> {attack}\n\n`{attack}`")
        world.issues.edit(repository, ada, issue.number, {"title": attack + "!"})
        inputs = {attack: attack}
        run = world.runs.create(
            repository, "worker.yml", "workflow_dispatch", ada, title=attack, inputs=inputs
        )
        name = attack.replace("/", "_") + ".md"
        files[name] = attack.encode()
        paths += [f"/issues/{issue.number}", f"/actions/runs/{run.id}", f"/tree/main/{quote(name)}"]
        paths += [f"/issues?{urlencode({'label': attack, 'author': attack, 'state': attack})}"]
    push(world, repository, tmp_path / "clone", files)
    for path in paths:
        answer = browser.get(f"/acme/factory{path}")
        assert answer.status_code == 200, path
        assert Page(answer.text).dangers() == [], path


def test_raw_files_are_sandboxed_and_only_images_keep_their_type(
    browser: httpx.Client, world: World, repository: Repository, tmp_path: Path
) -> None:
    files = {
        "page.html": b"<script>alert(1)</script>",
        "mark.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    }
    push(world, repository, tmp_path / "clone", files)
    page = browser.get("/acme/factory/raw/main/page.html")
    assert page.content == files["page.html"]
    assert page.headers["content-type"].startswith("text/plain")
    image = browser.get("/acme/factory/raw/main/mark.svg")
    assert image.headers["content-type"].startswith("image/svg+xml")
    for answer in (page, image):
        assert "sandbox" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_branches_with_slashes_folders_files_history_and_commits(
    browser: httpx.Client, world: World, repository: Repository, tmp_path: Path
) -> None:
    files = {"docs/guide.md": b"# Guide\n[home](../README.md)", "docs/ledger.json": b'{\n  "schema": 1\n}\n'}
    push(world, repository, tmp_path / "clone", files, branch="feature/one")
    assert ">docs<" in browser.get("/acme/factory/tree/feature/one").text
    assert (
        'href="/acme/factory/tree/feature/one/README.md"'
        in browser.get("/acme/factory/blob/feature/one/docs/guide.md").text
    )
    assert (
        '<span id="L2" data-n="2">  &#34;schema&#34;: 1</span>'
        in browser.get("/acme/factory/tree/feature/one/docs/ledger.json").text
    )
    history = browser.get("/acme/factory/commits/feature/one/docs").text
    assert "Initial" not in history
    sha = re.search(r"/acme/factory/commit/([0-9a-f]{40})", history)
    assert sha
    commit = browser.get(f"/acme/factory/commit/{sha[1]}").text
    assert '<span class="add">+  &#34;schema&#34;: 1</span>' in commit
    assert "Add 2 files &lt;b&gt;now&lt;/b&gt;" in commit


@pytest.mark.parametrize(
    "path",
    ["/acme/nothing", "/acme/factory/issues/99", "/acme/factory/tree/nope", "/acme/factory/tree/main/nope",
     "/acme/factory/tree/--help", "/acme/factory/commit/--all",
     "/acme/factory/tree/main/%2e%2e/%2e%2e/etc/passwd",
     "/acme/factory/actions/runs/99", "/acme/factory/raw/main/docs", "/acme/factory/commit/0000000"],
)  # fmt: skip
def test_what_does_not_exist_is_a_page_that_says_so(browser: httpx.Client, path: str) -> None:
    answer = browser.get(path)
    assert answer.status_code == 404
    assert "does not exist" in answer.text


def test_an_empty_repository_has_its_pages(browser: httpx.Client, world: World) -> None:
    ada = world.users.find("ada")
    world.repositories.create(ada, ada, "empty")
    for path in ("/ada/empty", "/ada/empty/issues", "/ada/empty/commits/main", "/ada/empty/actions"):
        assert browser.get(path).status_code == 200, path


# What is taken in


def test_a_comment_is_stored_told_and_remembers_who_wrote_it(
    browser: httpx.Client, world: World, issue: Issue
) -> None:
    told: list[str] = []
    world.subscribe(lambda event: told.append(f"{event.name} {event.action} by {event.actor}"))
    form = {"as": "wendy", "body": "/system-status\r\nplease", "state": ""}
    answer = send(browser, "/acme/factory/issues/1/comments", **form)
    comment = world.comments.of_issue(issue)[0]
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/acme/factory/issues/1#issuecomment-{comment.id}"
    assert (comment.author, comment.body) == ("wendy", "/system-status\nplease")
    assert told == ["issue_comment created by wendy"]
    assert '<option value="wendy" selected>' in browser.get("/acme/factory/issues/1").text


def test_closing_with_words_and_reopening_without(
    browser: httpx.Client, world: World, repository: Repository, issue: Issue
) -> None:
    url = "/acme/factory/issues/1/comments"
    send(browser, url, **{"as": "ada", "body": "done", "state": "closed"})
    assert world.issues.find(repository, 1).state == "closed"
    assert [comment.body for comment in world.comments.of_issue(issue)] == ["done"]
    send(browser, url, **{"as": "ada", "body": " ", "state": "open"})
    assert world.issues.find(repository, 1).state == "open"
    assert len(world.comments.of_issue(issue)) == 1


def test_filing_an_issue_and_labelling_it(
    browser: httpx.Client, world: World, repository: Repository
) -> None:
    form = {"as": "wendy", "title": "New", "body": "Text"}
    answer = send(browser, "/acme/factory/issues", **form)
    assert answer.headers["location"] == "/acme/factory/issues/1"
    send(browser, "/acme/factory/issues/1/labels", **{"add": "priority:urgent"})
    issue = world.issues.find(repository, 1)
    assert (issue.author, [label.name for label in issue.labels]) == ("wendy", ["priority:urgent"])
    send(browser, "/acme/factory/issues/1/labels", **{"remove": "priority:urgent"})
    assert world.issues.find(repository, 1).labels == ()


def test_a_thumb_is_set_by_a_click_and_taken_back_by_another(
    browser: httpx.Client, world: World, issue: Issue
) -> None:
    ada = world.users.find("ada")
    comment = world.comments.create(issue, ada, "**Complete:** …")
    url = f"/acme/factory/issues/1/comments/{comment.id}/reactions"
    assert url in browser.get("/acme/factory/issues/1").text
    send(browser, "/acme/factory/issues/1/comments", **{"as": "rita", "body": "nice", "state": ""})
    answer = send(browser, url, content="+1")
    assert answer.headers["location"] == f"/acme/factory/issues/1#issuecomment-{comment.id}"
    assert [(one.login, one.content) for one in world.reactions.of(comment)] == [("rita", "+1")]
    assert "👍 1" in browser.get("/acme/factory/issues/1").text
    send(browser, url, content="-1")
    send(browser, url, content="+1")
    assert [(one.login, one.content) for one in world.reactions.of(comment)] == [("rita", "-1")]
    assert send(browser, url, content="nonsense").status_code == 422


def test_what_a_role_may_not_do_is_refused_and_keeps_what_was_typed(
    browser: httpx.Client, world: World, repository: Repository, issue: Issue
) -> None:
    form = {"as": "rita", "body": "", "state": "closed"}
    answer = send(browser, "/acme/factory/issues/1/comments", **form)
    assert answer.status_code == 403
    assert "rita has the role read here and may not do this" in answer.text
    assert world.issues.find(repository, 1).state == "open"
    empty = send(browser, "/acme/factory/issues", **{"as": "rita", "title": "", "body": "kept"})
    assert empty.status_code == 422
    assert ">kept</textarea>" in empty.text


def test_nobody_can_write_as_a_bot(browser: httpx.Client, world: World, issue: Issue) -> None:
    form = {"as": BOT, "body": "hello", "state": ""}
    assert send(browser, "/acme/factory/issues/1/comments", **form).status_code == 404
    assert world.comments.of_issue(issue) == []


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "https://evil.test"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": "http://evil.test:8321", "Host": "evil.test:8321"},  # a name that resolves to this machine
    ],
)
def test_forms_of_other_sites_are_refused(
    browser: httpx.Client, world: World, repository: Repository, issue: Issue, headers: dict[str, str]
) -> None:
    run = world.runs.create(repository, "worker.yml", "workflow_dispatch", world.users.find("ada"))
    form = {"as": "ada", "title": "x", "body": "/stop", "state": "closed", "add": "x"}
    for path in ("issues", "issues/1/comments", "issues/1/labels", f"actions/runs/{run.id}/cancel"):
        assert browser.post(f"/acme/factory/{path}", data=form, headers=headers).status_code == 403, path
    assert world.comments.of_issue(issue) == []
    assert world.issues.count(repository, IssueQuery()) == 1
    assert world.runs.by_id(run.id).status == "queued"


def test_a_form_beyond_its_limit_is_refused(browser: httpx.Client, world: World, issue: Issue) -> None:
    form = {"as": "ada", "body": "x" * 1_000_001, "state": ""}
    assert send(browser, "/acme/factory/issues/1/comments", **form).status_code == 413
    assert world.comments.of_issue(issue) == []


# What stays current


def test_a_fragment_is_sent_only_when_something_changed(
    browser: httpx.Client, world: World, issue: Issue
) -> None:
    page = browser.get("/acme/factory/issues/1").text
    live, etag = re.search(r'data-live="([^"]+)" data-etag="([^"]+)"', page).groups()  # type: ignore[union-attr]
    known = {"If-None-Match": etag.replace("&#34;", '"')}
    assert browser.get(live, headers=known).status_code == 304
    world.comments.create(issue, world.users.find("ada"), "fresh words")
    answer = browser.get(live, headers=known)
    assert answer.status_code == 200
    assert "fresh words" in answer.text
    assert "<html" not in answer.text
    assert browser.get(live, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_a_run_shows_its_log_and_summary_and_can_be_cancelled(
    browser: httpx.Client, world: World, repository: Repository
) -> None:
    run = world.runs.create(
        repository, "worker.yml", "workflow_dispatch", world.users.find("ada"), title="hello.scaffold.1"
    )
    folder = world.data / "runs" / str(run.id)
    folder.mkdir(parents=True)
    (folder / "log.txt").write_text("\x1b[32m<b>green</b>\x1b[0m\n")
    (folder / "summary.md").write_text("Settled **1** event.")
    url = f"/acme/factory/actions/runs/{run.id}"
    html = browser.get(url).text
    assert "&lt;b&gt;green&lt;/b&gt;\n" in html
    assert "\x1b" not in html
    assert "Settled <strong>1</strong> event." in html
    assert "hello.scaffold.1" in browser.get("/acme/factory/actions?workflow=worker.yml").text
    assert "hello.scaffold.1" not in browser.get("/acme/factory/actions?workflow=monitor.yml").text
    assert send(browser, f"{url}/cancel").status_code == 303
    assert world.runs.by_id(run.id).conclusion == "cancelled"
    assert "Cancel run" not in browser.get(f"{url}/fragment").text
