"""``orchestrator uninstall``: takes away what ``init`` made, the state only when somebody typed the name."""

from __future__ import annotations

from bot.domain.config import Config
from bot.render.labels import definitions
from bot.setup.plan import BRANCH, CONFIG, FILES, REMOVAL
from bot.setup.workflow_files import FOLDER
from tests.setup.shop import Shop

R = "/repos/acme/factory"


def everything(shop: Shop) -> dict[str, object]:
    """All that ``init`` can make in a repository."""
    return {
        "refs": shop.bare.refs("refs/heads"),
        "files": shop.bare.files("main"),
        "labels": sorted(row["name"] for row in shop.every(f"{R}/labels")),
        "variables": shop.call("ada", "GET", f"{R}/actions/variables")["variables"],
        "secrets": shop.call("ada", "GET", f"{R}/actions/secrets")["secrets"],
        "pulls": shop.pulls(),
    }


def test_nothing_is_left_that_init_made(shop: Shop) -> None:
    shop.call("ada", "POST", f"{R}/labels", {"name": "ours", "color": "ededed"})
    before = everything(shop)
    assert shop.init("--secret", "CODEX_API_KEY", CODEX_API_KEY="x").code == 0
    shop.merge()
    first = shop.run("uninstall", "--yes")
    assert first.code == 0, first
    assert "uninstall again with --state" in first.out
    assert shop.bare.head("state"), "the state is only deleted when it is asked for"
    shop.merge()
    for ref in ("refs/orchestrator/inbox/e1", "refs/heads/state-archive"):
        shop.bare.git("update-ref", ref, shop.bare.head("state"))
    words = ("--state", "--secret", "CODEX_API_KEY", "--confirm", "acme/factory")
    second = shop.run("uninstall", *words)
    assert second.code == 0, second
    shop.bare.git("update-ref", "-d", f"refs/heads/{REMOVAL}")  # the merged branch is a person's to delete
    assert everything(shop) == before
    assert shop.bare.refs("refs/orchestrator") == []


def test_an_open_pull_request_is_closed(shop: Shop) -> None:
    shop.init()
    done = shop.run("uninstall", "--yes")
    assert done.code == 0, done
    assert (shop.pulls(), shop.bare.head(BRANCH)) == ([], "")
    assert len(shop.pulls("closed")) == 1


def test_the_state_stays_where_the_name_is_typed_wrong(shop: Shop) -> None:
    shop.init()
    mark = shop.mark()
    done = shop.run("uninstall", "--state", answers="acme/other\n")
    assert (done.code, shop.writes(mark)) == (2, [])
    assert "that is not acme/factory" in done.error
    assert shop.run("uninstall", "--state", answers="acme/factory\n").code == 0
    assert shop.bare.head("state") == ""


def test_the_state_stays_while_anything_could_make_it_anew(healthy: Shop) -> None:
    mark = healthy.mark()
    done = healthy.run("uninstall", "--state", "--confirm", "acme/factory")
    assert (done.code, healthy.writes(mark)) == (2, [])
    assert "are still on main" in done.error
    healthy.run("uninstall", "--yes")
    healthy.merge()
    repository, wendy = healthy.world.repositories.find("acme", "factory"), healthy.world.users.find("wendy")
    run = healthy.world.runs.create(repository, "monitor.yml", "schedule", wendy)
    mark = healthy.mark()
    mistyped = healthy.run("uninstall", "--state", "--confirm", "acme/facory")
    assert (mistyped.code, healthy.writes(mark)) == (2, []), "nothing is cancelled before it is confirmed"
    ending = healthy.run("uninstall", "--state", "--confirm", "acme/factory")
    assert (ending.code, ending.error) == (2, "1 run is ending; do this again in a minute")
    assert healthy.world.runs.by_id(run.id).conclusion == "cancelled"
    assert healthy.bare.head("state")
    assert healthy.run("uninstall", "--state", "--confirm", "acme/factory").code == 0


def test_nothing_is_asked_where_there_is_nothing_to_do(shop: Shop) -> None:
    mark = shop.mark()
    done = shop.run("uninstall")
    assert (done.code, shop.writes(mark)) == (0, [])
    assert "no file of orchestrator's is on main" in done.out
    assert "Do this?" not in done.out


def test_a_dry_run_writes_nothing(healthy: Shop) -> None:
    mark = healthy.mark()
    done = healthy.run("uninstall", "--dry-run")
    assert (done.code, healthy.writes(mark)) == (0, [])
    assert all(f"- {path} goes" in done.out for path in FILES)
    for path in FILES:
        healthy.bare.commit_file("main", path, None)
    mark = healthy.mark()
    done = healthy.run("uninstall", "--dry-run", "--state")
    assert (done.code, healthy.writes(mark)) == (0, [])
    assert all(f"would have deleted the label {name}\n" in done.out for name in definitions(Config()))
    assert "would have deleted the branch state\n" in done.out


def test_files_of_somebody_elses_stay(healthy: Shop) -> None:
    healthy.bare.commit_file("main", f"{FOLDER}/labels.yml", "name: ours\n")
    done = healthy.run("uninstall", "--yes")
    assert f"{FOLDER}/labels.yml stays" in done.out
    healthy.merge()
    kept = set(healthy.bare.files("main"))
    assert kept == {"README.md", f"{FOLDER}/labels.yml"}
    assert CONFIG not in kept
