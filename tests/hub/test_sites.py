"""Pages: the API, and the sites as they are served, with everything that must not get through."""

from __future__ import annotations

import socket
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.hub.driver import APP, MAIN, Hub, branch, clone, commit, git, head_of

PAGES = f"{MAIN}/pages"
SITE = {
    "index.html": "<!doctype html><script type=module src=app.js></script>",
    "app.js": "document.title = 'ran';\n",
    "guide/index.html": "<p>Guide</p>",
    "guide/größe.html": "<p>Größe</p>",
    "pictures/a.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
    "data.unknown": "x",
}


@pytest.fixture
def work(hub: Hub, tmp_path: Path) -> Path:
    folder = clone(hub, tmp_path / "work")
    branch(hub, folder, "site", SITE)
    return folder


def publish(hub: Hub, name: str = "site", path: str = "/") -> str:
    """Publish a branch; returns the site's address."""
    answer = hub.call("max", "POST", PAGES, {"source": {"branch": name, "path": path}})
    assert answer.status_code == 201, answer.text
    address: str = answer.json()["html_url"]
    return address


def get(hub: Hub, address: str, method: str = "GET", **headers: str) -> httpx.Response:
    return httpx.request(method, address, headers=headers, timeout=20)


def raw(hub: Hub, target: str) -> int:
    """The status of a request whose target no client has tidied up."""
    where = urlsplit(hub.info.url)
    with socket.create_connection((where.hostname, where.port), timeout=20) as connection:
        head = f"GET {target} HTTP/1.1\r\nHost: {where.netloc}\r\nConnection: close\r\n\r\n"
        connection.sendall(head.encode())
        return int(connection.makefile("rb").readline().split()[1])


def test_a_site_is_made_changed_and_removed(hub: Hub, work: Path) -> None:
    assert hub.call("rita", "GET", PAGES).status_code == 404
    body = {"source": {"branch": "site", "path": "/"}}
    assert hub.call("wendy", "POST", PAGES, body).status_code == 403
    made = hub.call("max", "POST", PAGES, body)
    assert (made.status_code, made.json()["html_url"]) == (201, f"{hub.info.url}/pages/acme/factory/")
    assert (made.json()["status"], made.json()["source"]) == ("built", body["source"])
    again = hub.call("max", "POST", PAGES, body)
    assert (again.status_code, again.json()["message"]) == (409, "GitHub Pages is already enabled.")
    assert hub.call("rita", "GET", PAGES).json() == made.json()
    assert hub.call("rita", "GET", MAIN).json()["has_pages"] is True
    built = hub.call("rita", "GET", f"{PAGES}/builds/latest").json()
    assert (built["status"], built["commit"]) == ("built", head_of(hub, "site"))
    asked = hub.call("wendy", "POST", f"{PAGES}/builds")
    assert (asked.status_code, asked.json()["status"]) == (201, "queued")
    assert hub.call("max", "PUT", PAGES, {"source": {"branch": "main", "path": "/docs"}}).status_code == 204
    assert hub.call("rita", "GET", PAGES).json()["source"] == {"branch": "main", "path": "/docs"}
    assert hub.call("max", "DELETE", PAGES).status_code == 204
    assert hub.call("max", "DELETE", PAGES).status_code == 404
    assert get(hub, f"{hub.info.url}/pages/acme/factory/").status_code == 404


@pytest.mark.parametrize(
    "source", [{"branch": "nothing", "path": "/"}, {"branch": "site", "path": "/src"}, {"path": "/"}, None]
)
def test_a_source_that_cannot_be_is_422(hub: Hub, work: Path, source: object) -> None:
    assert hub.call("max", "POST", PAGES, {"source": source}).status_code == 422


def test_files_folders_and_types(hub: Hub, work: Path) -> None:
    site = publish(hub)
    for path, kind, text in (
        ("", "text/html; charset=utf-8", SITE["index.html"]),
        ("index.html", "text/html; charset=utf-8", SITE["index.html"]),
        ("app.js", "text/javascript; charset=utf-8", SITE["app.js"]),
        ("guide/", "text/html; charset=utf-8", SITE["guide/index.html"]),
        ("guide/größe", "text/html; charset=utf-8", SITE["guide/größe.html"]),
        ("pictures/a.svg", "image/svg+xml; charset=utf-8", SITE["pictures/a.svg"]),
        ("data.unknown", "application/octet-stream", "x"),
    ):
        answer = get(hub, site + path)
        assert (answer.status_code, answer.headers["content-type"], answer.text) == (200, kind, text)
    assert get(hub, site + "guide").headers["location"] == "/pages/acme/factory/guide/"
    assert get(hub, site.rstrip("/")).headers["location"] == "/pages/acme/factory/"
    head = get(hub, site, "HEAD")
    assert (head.content, head.headers["content-length"]) == (b"", str(len(SITE["index.html"])))
    etag = get(hub, site).headers["etag"]
    assert get(hub, site, **{"If-None-Match": etag}).status_code == 304
    assert get(hub, site, "POST").status_code == 405
    missing = get(hub, site + "nothing.html")
    assert (missing.status_code, missing.headers["content-type"]) == (404, "text/plain; charset=utf-8")


def test_a_push_is_served_at_once_and_a_site_has_its_own_404(hub: Hub, work: Path) -> None:
    site = publish(hub)
    commit(work, "404.html", "<p>Lost?</p>")
    commit(work, "index.html", "new")
    git(work, "push", "-q", "origin", "site")
    assert get(hub, site).text == "new"
    missing = get(hub, site + "nothing/at/all")
    assert (missing.status_code, missing.text) == (404, "<p>Lost?</p>")
    git(work, "push", "-q", "origin", "--delete", "site")
    assert get(hub, site).status_code == 404
    assert hub.call("rita", "GET", PAGES).json()["status"] == "errored"


def test_the_folder_docs_is_a_site_without_the_rest(hub: Hub, work: Path) -> None:
    branch(hub, work, "main", {"docs/index.html": "docs", "secret.txt": "x"})
    site = publish(hub, "main", "/docs")
    assert get(hub, site).text == "docs"
    assert get(hub, site + "secret.txt").status_code == 404
    assert raw(hub, "/pages/acme/factory/../secret.txt") == 404
    assert raw(hub, "/pages/acme/factory/%2e%2e/secret.txt") == 404


@pytest.mark.parametrize(
    "path",
    [
        "../factory.git/config", "%2e%2e/config", "..%2fconfig", "guide/../../config", "//etc/passwd",
        "%2fetc%2fpasswd", "guide/%2e%2e/%2e%2e/config", ".git/config", "guide/..", "..", ".", "a%00b",
        "guide/%00/x", ":(glob)*", "*.html", "%5c..%5cconfig", "-x", "%ff",
    ],
)  # fmt: skip
def test_no_path_leads_out_of_the_branch(hub: Hub, work: Path, path: str) -> None:
    publish(hub)
    assert raw(hub, f"/pages/acme/factory/{path}") == 404


def test_links_and_submodules_are_not_followed(hub: Hub, work: Path) -> None:
    (work / "passwd").symlink_to("/etc/passwd")
    (work / "up").symlink_to("../..")
    (work / "inside").symlink_to("index.html")
    git(work, "add", "-A")
    entry = f"160000,{head_of(hub)},module"
    assert git(work, "update-index", "--add", "--cacheinfo", entry).returncode == 0
    git(work, "commit", "-q", "-m", "Links")
    assert git(work, "push", "-q", "origin", "site").returncode == 0
    site = publish(hub)
    for path in ("passwd", "up/config", "up", "inside", "module", "module/README.md"):
        answer = get(hub, site + path)
        assert answer.status_code == 404, path
        assert "root:" not in answer.text


def test_a_private_repository_has_a_site_only_where_one_was_made(hub: Hub, work: Path) -> None:
    hub.call("ada", "PATCH", MAIN, {"private": True})
    address = f"{hub.info.url}/pages/acme/factory/"
    for path in ("", "index.html", "app.js"):
        assert get(hub, address + path).status_code == 404
    assert publish(hub) == address
    assert get(hub, address).status_code == 200
    assert hub.call("", "GET", PAGES).status_code == 404


def test_a_page_is_kept_from_acting_as_the_hub(hub: Hub, work: Path) -> None:
    site = publish(hub)
    for path in ("", "app.js", "pictures/a.svg", "nothing"):
        policy = get(hub, site + path).headers["content-security-policy"]
        assert policy.startswith("sandbox allow-scripts")
        assert "allow-same-origin" not in policy
        assert "allow-top-navigation" not in policy
        assert "allow-popups-to-escape-sandbox" not in policy
    # What a page in such a sandbox sends carries the origin "null".
    form = httpx.post(
        f"{hub.info.url}/acme/factory/issues", data={"title": "x", "as": "ada"}, headers={"Origin": "null"}
    )
    assert form.status_code == 403
    control = httpx.post(f"{hub.info.url}/hub/clock", json={"forward": 1}, headers={"Origin": "null"})
    assert control.status_code == 403
    answers = [
        get(hub, f"{hub.info.url}{path}", Origin="null") for path in ("/acme/factory", f"/api/v3{MAIN}")
    ]
    assert all("access-control-allow-origin" not in answer.headers for answer in answers)


def test_a_site_meets_faults_too(hub: Hub, work: Path) -> None:
    site = publish(hub)
    hub.fault("GET /pages/* status=503 times=1")
    assert [get(hub, site).status_code for _ in range(2)] == [503, 200]
    kinds = {entry["kind"] for entry in hub.control("GET", "/requests").json()["requests"]}
    assert "site" in kinds


def test_the_app_publishes_what_it_created(hub: Hub) -> None:
    hub.call(APP, "POST", "/orgs/acme/repos", {"name": "hello", "auto_init": True})
    made = hub.call(APP, "POST", "/repos/acme/hello/pages", {"source": {"branch": "main", "path": "/"}})
    assert made.status_code == 201
    assert get(hub, made.json()["html_url"] + "README.md").text == "# hello\n"
