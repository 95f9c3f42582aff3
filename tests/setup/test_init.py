"""``orchestrator init`` against the hub: what it makes, twice, over edits, dry, and where it may not."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path

import pytest

from bot.adapters.config_file import parse
from bot.adapters.github.admin import GitHubAdmin
from bot.domain.config import Config
from bot.domain.errors import Rejected
from bot.render.labels import definitions
from bot.setup import reading, writing
from bot.setup.plan import CONFIG, FILES
from bot.setup.workflow_files import EXTRAS, FOLDER, PATHS, WORKFLOWS, source
from tests.setup.shop import ACTION, SETUP, Shop

KEY = {"ANTHROPIC_API_KEY": "sk-heron-0000"}


def label_names(shop: Shop) -> set[str]:
    return {row["name"] for row in shop.every(f"/repos/{shop.target}/labels")}


def variables(shop: Shop) -> dict[str, str]:
    found = shop.call("ada", "GET", f"/repos/{shop.target}/actions/variables")["variables"]
    return {row["name"]: row["value"] for row in found}


def test_a_repository_is_set_up_and_answers_a_comment(shop: Shop) -> None:
    done = shop.init("--agent", "claude-code", "--secret", "ANTHROPIC_API_KEY", **KEY)
    assert done.code == 0, done
    (pull,) = shop.pulls()
    assert pull["html_url"] in done.out
    assert shop.repository(shop.target).head("main") != pull["head"]["sha"], "nothing is pushed to main"
    assert shop.bare.text("ls-tree", "-r", "--name-only", "main") == "README.md"
    assert label_names(shop) >= set(definitions(Config()))
    assert variables(shop) == {"ORCHESTRATOR_MONITOR": "loop"}
    assert shop.world.secrets.value(shop.world.repositories.find("acme", "factory"), *KEY) == KEY[
        "ANTHROPIC_API_KEY"
    ]  # fmt: skip
    shop.merge()
    shop.state()
    config = parse(shop.file(CONFIG))
    assert config.pools.development.executor == "claude-code"
    shop.verify()
    shop.tick()
    asked = shop.say(shop.issue(), "/help")
    assert "/dispatch-genesis" in shop.reply(asked)


def test_the_files_pass_the_audit_and_githubs_schemas(shop: Shop, tmp_path: Path) -> None:
    assert shop.init().code == 0
    folder = tmp_path / "made"
    for path in FILES:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(shop.file(path, SETUP), encoding="utf-8")
    tools = Path(sys.executable).parent
    files = [str(folder / FOLDER / name) for name in (*WORKFLOWS, *EXTRAS)]
    audit = [str(tools / "zizmor"), "--offline", "--quiet", "--no-config", str(folder)]
    check = [str(tools / "check-jsonschema"), "--builtin-schema", "vendor.github-workflows", *files]
    for command in (audit, check):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_an_empty_repository_gets_the_commit_that_a_pull_request_needs(shop: Shop) -> None:
    shop.call("ada", "POST", "/orgs/acme/repos", {"name": "empty"})
    shop.target = "acme/empty"
    done = shop.init("--mode", "events")
    assert done.code == 0, done
    assert shop.repository("acme/empty").text("ls-tree", "-r", "--name-only", "main") == "README.md"
    shop.merge()
    assert set(shop.repository("acme/empty").files("main")) == {"README.md", *FILES}
    assert shop.repository("acme/empty").head("state")


def test_a_second_time_nothing_is_doubled_and_nothing_written(shop: Shop) -> None:
    assert shop.init("--mode", "cron").code == 0
    head, mark = shop.bare.head(SETUP), shop.mark()
    assert shop.init("--mode", "cron").code == 0
    assert shop.writes(mark) == []
    assert (len(shop.pulls()), shop.bare.head(SETUP)) == (1, head)
    shop.merge()
    mark = shop.mark()
    done = shop.init()
    assert "Everything is in place" in done.out
    assert (shop.writes(mark), shop.pulls()) == ([], [])
    assert variables(shop) == {"ORCHESTRATOR_MONITOR": "cron"}, "a choice of before is kept"


@pytest.mark.parametrize("merged", [False, True])
def test_an_edited_configuration_is_never_overwritten(shop: Shop, *, merged: bool) -> None:
    shop.init()
    if merged:
        shop.merge()
    text = shop.file(CONFIG, SETUP) + "attempts:\n  limit: 5\n"
    shop.bare.commit_file("main" if merged else SETUP, CONFIG, text)
    shop.release()
    done = shop.init("--agent", "codex")
    assert f"{CONFIG} is left as it is" in done.out
    (pull,) = shop.pulls()
    assert pull["head"]["ref"] == SETUP
    assert shop.file(CONFIG, SETUP).rstrip() == text.rstrip()
    assert shop.action().partition("@")[2] in shop.file(f"{FOLDER}/worker.yml", SETUP)


def test_edits_of_a_workflow_stay_and_only_its_pins_move(shop: Shop) -> None:
    shop.settled()
    path = f"{FOLDER}/commands.yml"
    edited = shop.file(path).replace("timeout-minutes: 10", "timeout-minutes: 7 # ours")
    shop.bare.commit_file("main", path, edited)
    old = shop.action().partition("@")[2]
    new = shop.release().partition("@")[2]
    done = shop.init()
    assert f"{path} was edited by hand" in done.out
    assert shop.file(path, SETUP) == edited.replace(old, new)


def test_a_file_of_somebody_elses_stops_everything_before_the_first_write(shop: Shop) -> None:
    shop.bare.commit_file("main", f"{FOLDER}/labels.yml", "name: Label the pull request\n")
    mark = shop.mark()
    done = shop.init()
    assert (done.code, shop.writes(mark)) == (2, [])
    assert done.error.startswith(f"{FOLDER}/labels.yml: not made by orchestrator")


def test_a_copy_of_orchestrator_itself_runs_its_own_action_and_gets_the_rest(shop: Shop) -> None:
    for path in PATHS:
        shop.bare.commit_file("main", path, source(path))
    done = shop.init("--mode", "cron")
    assert done.code == 0, done
    assert f"{FOLDER}/commands.yml is orchestrator's own" in done.out
    shop.merge()
    assert set(shop.bare.files("main")) == {"README.md", *FILES}
    assert shop.file(f"{FOLDER}/commands.yml").rstrip() == source(f"{FOLDER}/commands.yml").rstrip()
    assert shop.bare.head("state")


def test_a_workflow_that_nothing_rests_on_can_be_left_out_and_stays_out(shop: Shop) -> None:
    assert shop.init("--without", "compact").code == 0
    shop.merge()
    assert f"{FOLDER}/compact.yml" not in shop.bare.files("main")
    done = shop.run("upgrade", "--yes", "--action", shop.release())
    assert (done.code, "compact" in done.out) == (0, False)


def test_a_dry_run_shows_everything_and_writes_nothing(shop: Shop) -> None:
    mark = shop.mark()
    chosen = ("--agent", "codex", "--secret", "OPENAI_API_KEY")
    done = shop.init("--dry-run", *chosen, OPENAI_API_KEY="sk-hidden")
    assert (done.code, shop.writes(mark)) == (0, [])
    assert shop.since(mark).api, "it looked"
    for path in FILES:
        assert f"--- {path}\n" in done.out
    for name, (colour, meaning) in definitions(Config()).items():
        assert f"{name} (#{colour}): {meaning}" in done.out
    assert 'executor: "codex"' in done.out
    assert "the variable ORCHESTRATOR_MONITOR is set to loop" in done.out
    assert "the secret OPENAI_API_KEY is set" in done.out
    assert "sk-hidden" not in done.out
    assert shop.bare.head() == ""


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda shop: setattr(shop, "actor", "rita"), "may not write to acme/factory"),
        (
            lambda shop: shop.world.users.limit_token(shop.token("ada"), "repo"),
            "the token lacks the scope workflow",
        ),
        (
            lambda shop: shop.call("ada", "PATCH", "/repos/acme/factory", {"archived": True}),
            "acme/factory is archived",
        ),
        (
            lambda shop: shop.call("ada", "PATCH", "/repos/acme/factory", {"has_issues": False}),
            "gh repo edit acme/factory --enable-issues",
        ),
        (lambda shop: setattr(shop, "target", "acme/absent"), "cannot look at acme/absent"),
        (
            lambda shop: setattr(shop, "target", "no repository"),
            "'no repository' is no repository: give OWNER/NAME,",
        ),
    ],
    ids=["reader", "scope", "archived", "issues", "absent", "name"],
)
def test_what_may_not_be_set_up_is_refused_before_the_first_write(
    shop: Shop, change: object, expected: str
) -> None:
    assert callable(change)
    change(shop)
    mark = shop.mark()
    done = shop.init()
    assert (done.code, shop.writes(mark)) == (2, [])
    assert expected in done.error


def test_without_a_token_it_says_how_to_get_one(shop: Shop) -> None:
    done = shop.init(GH_TOKEN="")
    assert (done.code, "GH_TOKEN=$(gh auth token)" in done.error) == (2, True)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("acme/orchestrator", "expected OWNER/NAME@VERSION"),
        ("acme/orchestrator@v9", "Name a repository that this token can read"),
        ("acme/absent@main", "Name a repository that this token can read"),
    ],
)
def test_an_action_that_is_not_there_is_refused(shop: Shop, given: str, expected: str) -> None:
    done = shop.run("init", "--yes", "--action", given)
    assert (done.code, expected in done.error) == (2, True), done


def test_a_tag_is_pinned_by_its_commit(shop: Shop) -> None:
    commit = shop.action().partition("@")[2]
    shop.repository(ACTION).git("tag", "v1.2.3", commit)
    assert shop.run("init", "--yes", "--action", f"{ACTION}@v1.2.3").code == 0
    assert f"uses: {ACTION}@{commit} # v1.2.3\n" in shop.file(f"{FOLDER}/commands.yml", SETUP)


def test_what_the_token_may_not_set_is_left_to_a_person_with_the_command(shop: Shop) -> None:
    with shop.faults("* */actions/variables* status=403", "PUT */actions/secrets/* status=403"):
        done = shop.init("--secret", "ANTHROPIC_API_KEY", "--agent", "claude-code", **KEY)
    assert done.code == 0
    assert "gh variable set ORCHESTRATOR_MONITOR --repo acme/factory --body loop" in done.out
    assert "gh secret set ANTHROPIC_API_KEY --repo acme/factory" in done.out
    assert len(shop.pulls()) == 1


def test_a_refused_push_leaves_nothing_else_behind(shop: Shop) -> None:
    with shop.faults("POST */git/refs status=403"):
        done = shop.init()
    assert done.code == 2
    assert "cannot push the branch orchestrator/setup" in done.error
    assert "Workflows (write)" in done.error
    assert (shop.pulls(), shop.bare.head(), variables(shop)) == ([], "", {})
    assert shop.init().code == 0
    assert len(shop.pulls()) == 1


def test_it_asks_for_what_no_option_says(shop: Shop) -> None:
    answers = "events\nclaude-code\napp\n4711\nsk-typed\ny\n"
    done = shop.init(yes=False, answers=answers)
    assert done.code == 0, done
    assert variables(shop) == {"ORCHESTRATOR_APP_ID": "4711", "ORCHESTRATOR_MONITOR": "events"}
    repository = shop.world.repositories.find("acme", "factory")
    assert shop.world.secrets.value(repository, "ANTHROPIC_API_KEY") == "sk-typed"
    assert "sk-typed" not in done.out
    assert "gh secret set ORCHESTRATOR_APP_PRIVATE_KEY --repo acme/factory < private-key.pem" in done.out


def test_somebody_who_says_no_has_changed_nothing(shop: Shop) -> None:
    mark = shop.mark()
    chosen = ("--mode", "cron", "--agent", "template", "--projects", "branch")
    done = shop.init(*chosen, yes=False, answers="n\n")
    assert (done.code, shop.writes(mark)) == (1, [])


def test_the_price_is_told_for_a_private_repository(shop: Shop) -> None:
    shop.call("ada", "PATCH", "/repos/acme/factory", {"private": True})
    done = shop.init("--dry-run")
    assert "set to events" in done.out
    assert "about 720 minutes a month on GitHub's runners: $4.32" in done.out


@pytest.mark.parametrize(
    "words", [("--agent", "nobody"), ("--app-id", "x1"), ("--secret", "NOT_SET"), ("--without", "worker")]
)
def test_a_wrong_option_is_refused_before_the_first_write(shop: Shop, words: tuple[str, str]) -> None:
    mark = shop.mark()
    done = shop.init(*words)
    assert (done.code, shop.writes(mark)) == (2, [])
    assert done.error.startswith(words[0])


def test_local_writes_files_alone_and_asks_nobody(shop: Shop, tmp_path: Path) -> None:
    work = tmp_path / "clone"
    subprocess.run(["git", "init", "-q", str(work)], check=True)
    (work / "src").mkdir()
    mark, commit = shop.mark(), "c" * 40
    command = [sys.executable, "-m", "bot", "init", "--local", "--action", f"{ACTION}@{commit}"]
    environment = {"PATH": str(Path("/usr/bin")), "PYTHONPATH": str(Path(__file__).parents[2])}
    for expected in (set(FILES), set()):
        done = subprocess.run(
            command, cwd=work / "src", env=environment, capture_output=True, text=True, check=True
        )
        written = {line.removeprefix("wrote ") for line in done.stdout.splitlines() if "wrote " in line}
        assert written == expected
    assert shop.since(mark).api == []
    assert all((work / path).is_file() for path in PATHS)
    assert parse((work / CONFIG).read_text("utf-8")) == Config()


def test_a_secret_is_sealed_on_this_machine(shop: Shop) -> None:
    shop.init("--secret", "ANTHROPIC_API_KEY", **KEY)
    kept = shop.world.db.row("SELECT sealed FROM secrets")
    assert kept is not None
    assert KEY["ANTHROPIC_API_KEY"].encode() not in base64.b64decode(kept["sealed"])


def test_what_somebody_pushed_to_the_pull_request_in_between_is_never_lost(shop: Shop) -> None:
    shop.init()
    admin = GitHubAdmin(shop.target, shop.token("ada"), shop.info.api_url)
    proposal = reading.proposal(admin, SETUP)
    assert proposal is not None
    shop.bare.commit_file(SETUP, "NOTES.md", "mine\n")
    theirs = shop.bare.head(SETUP)
    with pytest.raises(Rejected, match="not a fast forward"):
        writing.push(admin, SETUP, proposal.head, {"a.txt": "x\n"}, "Late", proposal)
    assert shop.bare.head(SETUP) == theirs
