"""The documentation as a site: built strictly, complete, and with nothing from another host."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, ROOT

LOADING = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src", "object": "data"}
"""What a browser fetches by itself, and where that stands."""


def build(source: Path, out: Path) -> subprocess.CompletedProcess[str]:
    """The site, as `make docs` builds it."""
    options = ["--quiet", "--fail-on-warning", "--keep-going", "--fresh-env", "--builder", "html"]
    return subprocess.run(
        [sys.executable, "-m", "sphinx", *options, str(source), str(out)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site")
    done = build(DOCS, out)
    assert (done.returncode, done.stderr) == (0, "")
    return out


class Fetched(HTMLParser):
    """The addresses that a page makes a browser fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag in LOADING and known.get("rel") not in ("canonical", "search", "index", "next", "prev"):
            self.addresses.append(known.get(LOADING[tag]) or "")


def fetched(page: Path) -> list[str]:
    """What a browser fetches for a page."""
    parser = Fetched()
    parser.feed(page.read_text("utf-8"))
    return parser.addresses


def test_every_page_is_in_it(site: Path) -> None:
    assert {path.stem for path in site.glob("*.html")} >= {path.stem for path in DOCS.glob("*.md")}


def test_nothing_of_it_comes_from_another_host(site: Path) -> None:
    seen = {address for page in site.glob("*.html") for address in fetched(page)}
    assert any("mermaid.js" in address for address in seen)
    assert {address for address in seen if re.match(r"(https?:)?//", address)} == set()
    styles = "".join(path.read_text("utf-8") for path in site.glob("_static/**/*.css"))
    assert re.findall(r"(?:@import|url\()\s*[\"']?(?:https?:)?//[^)\"']+", styles) == []


def test_everything_that_it_needs_is_there(site: Path) -> None:
    wanted = {address.partition("?")[0] for page in site.glob("*.html") for address in fetched(page)}
    missing = {one for one in wanted if one and not one.startswith("data:") and not (site / one).is_file()}
    assert missing == set()


BROKEN = [
    ("a page that is not there", "setup.md", "\n[x](nowhere.md)\n", "nowhere.md"),
    ("a file that is not there", "setup.md", "\n[x](nowhere.json)\n", "nowhere.json"),
    ("an anchor of the page", "setup.md", "\n[x](#nowhere)\n", "nowhere"),
    ("an anchor of another page", "setup.md", "\n[x](hub.md#nowhere)\n", "nowhere"),
    ("a picture", "setup.md", "\n![x](images/nowhere.png)\n", "nowhere.png"),
    ("a page without a place", "orphan.md", "# Orphan\n", "orphan.md"),
]


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md"])
def test_pages_beside_the_site_link_to_what_is_there(name: str) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", (ROOT / name).read_text("utf-8"))
    ours = [link for link in links if "://" not in link]
    assert ours
    assert [link for link in ours if not (ROOT / link).is_file()] == []


def test_what_is_dead_fails(tmp_path: Path) -> None:
    shutil.copytree(DOCS, tmp_path / "docs")
    for folder in ("bot", "state-repo-template"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    for _, name, text, _ in BROKEN:
        with (tmp_path / "docs" / name).open("a", encoding="utf-8") as page:
            page.write(text)
    done = build(tmp_path / "docs", tmp_path / "out")
    assert done.returncode != 0
    unnoticed = [
        what
        for what, name, _, told in BROKEN
        if not any(name in line and told in line for line in done.stderr.splitlines())
    ]
    assert unnoticed == [], done.stderr
