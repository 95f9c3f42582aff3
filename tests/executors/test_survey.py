"""What is read of a project: from its source as syntax and from its pages as HTML, never run."""

from __future__ import annotations

from pathlib import Path

from bot.executors.gates import Project
from bot.executors.writing.page_source import pages
from bot.executors.writing.python_source import interface

SERVICE = '''
import click
from flask import Flask

app = Flask(__name__)
ROUTES = {("POST", "/items"): "add", ("TRACE", "/no"): "x"}


@app.get("/items/<id>")
def show(id):
    """One item. With more words."""


@app.route("/about")
def about():
    return open("/etc/about")


@app.command()
@click.option("--color", "-c", default="red", help="The colour, as **HTML** names it.")
@click.argument("path")
def main(color, path):
    raise SystemExit("never run")


class Handler:
    def do_PUT(self):
        if self.path in ("/put", "/place"):
            pass


def _private(): ...
raise SystemExit("never run")
'''
PAGE = """<!doctype html><title>Shop</title><h1>Buy <b>now</b></h1>
<label>Name</label><input type="submit" value="Send [x](y)"><button>Add &amp; pay</button>
<textarea placeholder="Your words"></textarea><script>"<button>no</button>"</script>
"""


def project(folder: Path, **files: str) -> Project:
    named = {name.replace("__", "/").replace("_dot_", "."): text for name, text in files.items()}
    for path, text in named.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return Project(folder, frozenset(named))


def test_frameworks_routes_and_options_are_found_with_their_lines(tmp_path: Path) -> None:
    found = interface(project(tmp_path, app__web_dot_py=SERVICE, tests__x_dot_py=SERVICE, bad_dot_py="def ("))

    assert [(row.name.text, row.about) for row in found.endpoints] == [
        ("`GET /items/<id>`", "One item."),
        ("`GET /about`", ""),
        ("`PUT /put`", ""),
        ("`PUT /place`", ""),
        ("`POST /items`", ""),
    ]
    assert [(row.name.text, row.about) for row in found.options] == [
        ("`--color, -c`", "The colour, as HTML names it; the default is `red`")
    ]
    assert [row.name.text for row in found.arguments] == ["`path`"]
    assert [row.name.text for row in found.functions] == [
        "`show(id)`", "`about()`", "`main(color, path)`", "`Handler`",
    ]  # fmt: skip
    assert found.endpoints[0].name.place == "app/web.py, line 9"


def test_a_page_is_what_people_see_of_it(tmp_path: Path) -> None:
    (page,) = pages(project(tmp_path, site__index_dot_html=PAGE, docs__old_dot_html=PAGE))

    assert page.title is not None
    assert page.title.text == "“Shop”"
    assert [fact.text for fact in page.headings] == ["“Buy now”"]
    assert [fact.text for fact in page.buttons] == ["“Send (x)(y)”", "“Add & pay”"]
    assert [fact.text for fact in page.fields] == ["“Name”", "“Your words”"]
    assert page.buttons[0].place == "site/index.html, line 2"


def test_source_that_nests_without_end_is_left_out(tmp_path: Path) -> None:
    found = interface(project(tmp_path, deep_dot_py="(" * 5_000 + ")" * 5_000, x_dot_py="def f(): ...\n"))

    assert [row.name.text for row in found.functions] == ["`f()`"]
