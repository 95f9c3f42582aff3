"""What may not be published: each refused with a bundle that is really made that way."""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.adapters.git.bundle import unbundle
from bot.adapters.git.change import open_change
from bot.adapters.git.workbench import Workbench
from bot.domain.errors import OutputRefused
from bot.domain.merging import PullRequests
from tests.publishing.projects import FILES, TASK, Project, Tree

GITHUB = "ghp_" + "aB3dE6gH9jK2mN5pQ8sT" + "uV1xY4zA7cD0fG3h"
KEY = "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEowIBAAKCAQEA1c7Qf\n"
SECRETS = {
    "a GitHub token": GITHUB,
    "an AWS access key": "AKIA" + "Q3EGRZ5T7WXYBNC2",
    "an AWS secret key": 'aws_secret_access_key = "' + "wJalrXUtnFEMIK7MDENGbPxRfiCYzz93KxQ2LmNo" + '"',
    "a Slack token": "xoxb-" + "123456789012-1234567890123-AbCdEfGhIjKlMnOp",
    "a Google API key": "AIza" + "SyD3x9Kq7Lm2Np5Rt8Vw1Zb4Cf6Gh0Jk3Mq",
    "an OpenAI key": "sk-proj-" + "aB3dE6gH9jK2mN5pQ8sTuV1xY4zA7cD0fG3h",
    "an Anthropic key": "sk-ant-api03-" + "aB3dE6gH9jK2mN5pQ8sTuV1xY4zA7cD0fG3h",
    "a private key": KEY,
}


def problems(project: Project, bundle: Path, **limits: object) -> Sequence[str]:
    with project.publisher().change(bundle, project.url, TASK, "main") as change:
        return change.problems(PullRequests.model_validate(limits))


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({".git/hooks/pre-commit": "x"}, ".git/hooks/pre-commit has a part that a file system can take for"),
        ({"a/.GIT": "x"}, "a/.GIT has a part"),
        ({"a/git~1/config": "x"}, "a/git~1/config has a part"),
        ({".git /config": "x"}, ".git /config has a part"),
        ({".git...": "x"}, ".git... has a part"),
        ({".g\u200cit/config": "x"}, ".g\\u200cit/config has a part"),
        ({".git::$INDEX_ALLOCATION/config": "x"}, "$INDEX_ALLOCATION/config has a part"),
        ({"a\\..\\..\\b": "x"}, "a\\..\\..\\b has a part that is empty or made of dots"),
        ({"../up": "x"}, "../up has a part that is empty or made of dots"),
        ({"a/./b": "x"}, "a/./b has a part that is empty or made of dots"),
        ({"C:/windows": "x"}, "C:/windows is an absolute path"),
        ({"\\\\host\\share": "x"}, "is an absolute path"),
        ({"a\nb": "x"}, "a\\u000ab has a control character in its name"),
        ({"a\u202eb": "x"}, "a\\u202eb has a control character in its name"),
        ({"a\udcffb": "x"}, "has a name that is not UTF-8"),
        ({"link": ("120000", "/etc/passwd")}, "link is a link whose target is an absolute path"),
        ({"link": ("120000", "../up")}, "link is a link that leads out of the repository"),
        ({"d/link": ("120000", "../../up")}, "d/link is a link that leads out of the repository"),
        ({"link": ("120000", "src/../../up")}, "link is a link whose target has a part that is empty"),
        ({"link": ("120000", ".git/config")}, "link is a link whose target has a part that a file system"),
        ({"link": ("120000", "..\\up")}, "link is a link that leads out"),
        ({"link": ("120000", "a" * 5_000)}, "link is a link with 5,000 bytes and may have 4,096"),
        ({"sub": ("160000", "1" * 40)}, "sub is a repository of its own"),
        ({".github/workflows/x.yml": "on: push"}, "x.yml is a workflow, which only `pull_requests.workflows"),
        ({".GitHub/Workflows/x.yml": "on: push"}, ".GitHub/Workflows/x.yml is a workflow"),
        ({".github/workflows": "x"}, ".github/workflows is a workflow"),
        ({".github": ("120000", "src")}, ".github is a workflow"),
    ],
)  # fmt: skip
def test_a_tree_that_is_not_allowed(files: Tree, says: str, project: Project) -> None:
    name = next(iter(files)).partition("/")[0]
    kept = {path: what for path, what in FILES.items() if path.partition("/")[0] != name}

    found = problems(project, project.change({**kept, **files}))

    assert any(says in line for line in found), found
    assert TASK not in project.heads()


def test_a_link_and_a_program_that_stay_inside_are_fine(project: Project) -> None:
    files: Tree = {
        **FILES,
        "run": ("100755", "#!/bin/sh\n"),
        "docs/link": ("120000", "../README.md"),
        ".gitignore": "x",
        "ünï/👩\u200d💻.md": "x",
    }
    assert problems(project, project.change(files)) == ()


def test_workflows_are_allowed_where_the_configuration_says_so(project: Project) -> None:
    bundle = project.change({**FILES, ".github/workflows/ci.yml": "on: [push]"})
    assert problems(project, bundle, workflows=True) == ()


def test_a_workflow_that_a_later_commit_puts_back_counts(project: Project) -> None:
    first = project.work.commit({**FILES, ".github/workflows/ci.yml": "on: [push]"}, project.base)
    bundle = project.handed(project.work.commit({**FILES, "a.md": "x"}, first))
    assert any("ci.yml is a workflow" in line for line in problems(project, bundle))


def test_too_many_files_and_too_many_bytes(project: Project) -> None:
    bundle = project.change({**FILES, **{f"many/{number}": str(number) for number in range(12)}})
    assert problems(project, bundle, files=11) == (
        "it touches 12 files and may touch 11 (`pull_requests.files`)",
    )
    assert problems(project, bundle, files=12) == ()
    bundle = project.change({**FILES, "big": b"x" * 1_500_000})
    assert problems(project, bundle, megabytes=1) == (
        "it adds 1.5 MB and may add 1 MB (`pull_requests.megabytes`)",
    )
    assert problems(project, bundle, megabytes=2) == ()


def test_bytes_that_are_taken_away_again_count(project: Project) -> None:
    first = project.work.commit({**FILES, "big": b"x" * 1_500_000}, project.base)
    bundle = project.handed(project.work.commit({**FILES, "a.md": "x"}, first))
    assert len(problems(project, bundle, megabytes=1)) == 1


def test_a_file_of_zeros_counts_unpacked(project: Project) -> None:
    bundle = project.change({**FILES, "zeros": bytes(60_000_000)})
    assert bundle.stat().st_size < 200_000
    assert problems(project, bundle) == ("it adds 60.0 MB and may add 50 MB (`pull_requests.megabytes`)",)


@pytest.mark.parametrize("kind", SECRETS)
def test_a_secret_is_named_by_file_line_and_kind_alone(kind: str, project: Project) -> None:
    found = problems(project, project.change({**FILES, "src/settings.py": f"a\nb\nvalue: {SECRETS[kind]}\n"}))

    (line,) = found
    assert line.startswith(f"src/settings.py holds what looks like {kind} (line 3); ")
    assert SECRETS[kind].splitlines()[0][-12:] not in line


def test_a_secret_that_a_later_commit_removed_is_found(project: Project) -> None:
    first = project.work.commit({**FILES, "key.pem": KEY}, project.base)
    bundle = project.handed(project.work.commit({**FILES, "a.md": "x"}, first))
    assert [line.partition(";")[0] for line in problems(project, bundle)] == [
        "key.pem holds what looks like a private key (line 1)"
    ]


def test_secrets_in_utf_16_at_the_end_of_much_and_in_messages_and_names_are_found(project: Project) -> None:
    files: Tree = {
        **FILES,
        "wide.txt": GITHUB.encode("utf-16"),
        "long.txt": b"\xff" * 3_000_000 + b" " + GITHUB.encode(),
    }
    found = problems(project, project.change(files, message=f"Use {GITHUB}"))
    assert sum("what looks like a GitHub token" in line for line in found) == 3
    (line,) = problems(project, project.change({**FILES, f"{GITHUB}/.git": "x"}))
    assert (GITHUB not in line, "***/.git" in line) == (True, True)


def test_the_publishing_token_itself_is_found(project: Project) -> None:
    found = problems(project, project.change({**FILES, "a.md": f"x{project.token}"}))
    assert found[0].startswith("a.md holds a token of this program")


def test_what_only_looks_like_a_secret_is_fine(project: Project) -> None:
    text = "\n".join(
        ["AKIAIOSFODNN7EXAMPLE", "ghp_" + "x" * 36, "sk-loading-spinner-container",
         "-----BEGIN CERTIFICATE-----", "password = 'x'", "const token = getToken()",
         "risk-ant-api03-nothing"]
    )  # fmt: skip
    assert problems(project, project.change({**FILES, "a.md": text})) == ()


def test_many_problems_are_told_in_a_bounded_number_of_lines(project: Project) -> None:
    found = problems(project, project.change({**FILES, **{f"{number}/.git": "x" for number in range(99)}}))
    assert (len(found), found[-1]) == (21, "and 79 more")


# Bundles


def refused(project: Project, bundle: Path) -> str:
    with (
        pytest.raises(OutputRefused) as raised,
        project.publisher().change(bundle, project.url, TASK, "main"),
    ):
        pass
    assert project.heads() == {"main": project.base}
    return str(raised.value)


def spoiled(project: Project, content: bytes) -> Path:
    target = project.folder / "spoiled.bundle"
    target.write_bytes(content)
    return target


def test_what_is_no_bundle(project: Project, tmp_path: Path) -> None:
    good = project.change({**FILES, "a.md": "x"})
    content = good.read_bytes()
    link = tmp_path / "link.bundle"
    link.symlink_to(good)
    assert "no git bundle" in refused(project, spoiled(project, b""))
    assert "no git bundle" in refused(project, spoiled(project, b"PK\3\4" + content))
    assert "header is damaged" in refused(project, spoiled(project, b"# v2 git bundle\n" + b"x" * 500_000))
    assert "header is damaged" in refused(project, spoiled(project, content[:40]))
    filtered = content.replace(b"# v2 git bundle\n", b"# v3 git bundle\n@filter=blob:none\n")
    assert "of a kind that is not supported" in refused(project, spoiled(project, filtered))
    assert "there is no such file" in refused(project, tmp_path / "none.bundle")
    assert "there is no such file" in refused(project, tmp_path)
    assert "there is no such file" in refused(project, link)
    assert "damaged, unsafe or too large" in refused(project, spoiled(project, content[:-30]))
    half = content[: len(content) - 40] + bytes(20) + content[-20:]
    assert "damaged, unsafe or too large" in refused(project, spoiled(project, half))


def test_a_bundle_of_another_branch(project: Project) -> None:
    commit = project.work.commit({**FILES, "a.md": "x"}, project.base)
    other = project.handed(commit, branch="orchestrator/other")
    assert "hold the branch orchestrator/button alone and holds orchestrator/other" in refused(project, other)
    project.work.git("update-ref", f"refs/heads/{TASK}", commit)
    both = project.folder / "both.bundle"
    project.work.git(
        "bundle",
        "create",
        str(both),
        f"refs/heads/{TASK}",
        "refs/heads/orchestrator/other",
        f"^{project.base}",
    )
    assert "alone and holds" in refused(project, both)


def test_a_bundle_that_builds_on_what_is_not_there(project: Project) -> None:
    unknown = project.work.commit({**FILES, "a.md": "x"}, project.base)
    bundle = project.handed(project.work.commit({**FILES, "b.md": "x"}, unknown), without=[unknown])
    assert f"builds on the commit {unknown[:12]}, which http" in refused(project, bundle)


def test_a_bundle_that_claims_to_need_nothing_and_lacks_objects(project: Project) -> None:
    unknown = project.work.commit({**FILES, "a.md": "x"}, project.base)
    bundle = project.handed(project.work.commit({**FILES, "b.md": "x"}, unknown), without=[unknown])
    content = bundle.read_bytes()
    start, end = content.index(b"-"), content.index(b"\n", content.index(b"-"))
    said = refused(project, spoiled(project, content[:start] + content[end + 1 :]))
    assert "damaged, unsafe or too large" in said


def test_commits_that_share_no_history(project: Project) -> None:
    bundle = project.handed(project.work.commit({"README.md": "x"}), without=[])
    assert "its commits share no history with main" in refused(project, bundle)


def test_a_head_that_is_no_commit(project: Project) -> None:
    bundle = project.change({**FILES, "a.md": "a blob"})
    blob = project.work.blob("a blob")
    content = bundle.read_bytes()
    at = content.index(b" refs/heads/")
    said = refused(project, spoiled(project, content[: at - 40] + blob.encode() + content[at:]))
    assert "its orchestrator/button is no commit" in said


def _object(kind: int, size: int, content: bytes, base: bytes = b"") -> bytes:
    """An entry of a pack."""
    byte, rest = (kind << 4) | (size & 15), size >> 4
    head = bytearray()
    while rest:
        head.append(byte | 0x80)
        byte, rest = rest & 0x7F, rest >> 7
    head.append(byte)
    return bytes(head) + base + zlib.compress(content)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append((value & 0x7F) | 0x80)
        value >>= 7
    return bytes(out) + bytes([value])


def _delta(base: bytes, size: int, copies: int, end: bytes = b"") -> bytes:
    """A blob that is its base of ``size`` bytes so many times over, in a few bytes each."""
    copy = bytes([0xF0]) + struct.pack("<I", min(size, 0xFFFFFF))[:3]
    long = copies * min(size, 0xFFFFFF) + len(end)
    content = _varint(size) + _varint(long) + copy * copies + (bytes([len(end)]) + end if end else b"")
    return _object(7, len(content), content, base)


def _zeros(size: int) -> bytes:
    """The name of a blob."""
    return hashlib.sha1(b"blob %d\0" % size + bytes(size)).digest()


def _with(project: Project, *entries: bytes) -> Path:
    """A sound bundle that has further objects in its pack."""
    commit = project.work.commit({**FILES, "a.md": "x"}, project.base)
    head, _, pack = project.handed(commit).read_bytes().partition(b"PACK")
    count = struct.unpack(">I", pack[4:8])[0] + len(entries)
    body = b"PACK" + pack[:4] + struct.pack(">I", count) + pack[8:-20] + b"".join(entries)
    return spoiled(project, head + body + hashlib.sha1(body).digest())


def test_a_decompression_bomb_is_refused_before_it_goes_off(project: Project) -> None:
    """Each object is a hundred of the one before: 10 GB from 3 kB."""
    first, second = 1_000_000, 100_000_000
    bomb = [_object(3, first, bytes(first)), _delta(_zeros(first), first, 100),
            _delta(_zeros(second), second, 600)]  # fmt: skip
    bundle = _with(project, *bomb)
    assert bundle.stat().st_size < 10_000

    said = refused(project, bundle)

    assert "damaged, unsafe or too large" in said
    assert "attempting to allocate" in said


def test_many_objects_that_are_large_together_are_refused(project: Project) -> None:
    base = 1_000_000
    many = [_delta(_zeros(base), base, 200, bytes([number + 1])) for number in range(11)]
    bundle = _with(project, _object(3, base, bytes(base)), *many)
    assert bundle.stat().st_size < 10_000
    assert "it unpacks to 2,201 MB and may unpack to 2,000" in refused(project, bundle)


def test_what_takes_too_long_to_unpack_is_refused(project: Project) -> None:
    base = 1_000_000
    many = [_delta(_zeros(base), base, 200, number.to_bytes(2, "big")) for number in range(256, 300)]
    bundle = _with(project, _object(3, base, bytes(base)), *many)
    with Workbench(project.url, project.token, timeout=2) as bench:
        bench.fetch(["main"])
        with pytest.raises(OutputRefused, match="its objects take too long to unpack"):
            unbundle(bench, bundle, TASK)


@pytest.mark.parametrize(
    "what",
    [("120000", "README.md"), '[submodule "x"]\n\tpath = x\n\turl = -u./payload\n',
     '[submodule "../../x"]\n\tpath = x\n\turl = https://example.org/x\n'],
)  # fmt: skip
def test_what_git_knows_to_be_an_attack_is_refused(what: str, project: Project) -> None:
    said = refused(project, project.change({**FILES, ".gitmodules": what}))
    assert "damaged, unsafe or too large" in said
    assert "gitmodules" in said


def test_nothing_that_a_tree_asks_for_is_run(project: Project, tmp_path: Path) -> None:
    """Filters, drivers and hooks are named by files; only settings of others could define them."""
    mark = tmp_path / "owned"
    script = ("100755", f"#!/bin/sh\ntouch {mark}\n")
    home = tmp_path / "home"
    home.mkdir()
    settings = "".join(
        f'[{section}]\n\t{key} = "touch {mark}"\n'
        for section, key in (
            ('filter "x"', "smudge"), ('filter "x"', "clean"), ('diff "x"', "textconv"),
            ('diff "x"', "command"), ("core", "fsmonitor"), ("core", "sshCommand"),
            ("uploadpack", "packObjectsHook"),
        )
    )  # fmt: skip
    (home / ".gitconfig").write_text(f"[core]\n\thooksPath = {tmp_path / 'hooks'}\n{settings}")
    files: Tree = {**FILES, ".gitattributes": "* filter=x diff=x merge=x\n", "hooks/pre-push": script,
                   "hooks/reference-transaction": script, "hooks/post-index-change": script}  # fmt: skip
    for name in ("pre-push", "reference-transaction", "post-index-change"):
        hook = tmp_path / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {mark}\n")
        hook.chmod(0o755)
    environ = {**os.environ, "HOME": str(home), "GIT_CONFIG_GLOBAL": str(home / ".gitconfig"),
               "GIT_EXTERNAL_DIFF": f"touch {mark}", "GIT_ASKPASS": f"touch {mark}"}  # fmt: skip
    with Workbench(project.url, project.token, environ=environ) as bench:
        change = open_change(bench, project.change(files), TASK, "main")
        assert change.problems(PullRequests()) == ()
        change.push()
    assert TASK in project.heads()
    assert not mark.exists()


def test_a_tree_that_unfolds_without_end_is_refused(project: Project) -> None:
    tree = project.work.tree({"a": "x"})
    for _ in range(12):
        lines = b"".join(f"040000 tree {tree}\td{number}\0".encode() for number in range(10))
        tree = project.work.git("mktree", "-z", stdin=lines).decode()
    commit = project.work.git("commit-tree", tree, "-p", project.base, "-m", "Bomb").decode()
    assert "too many files to be listed" in refused(project, project.handed(commit))


def test_more_commits_than_a_task_makes(project: Project) -> None:
    stream = "".join(
        f"commit refs/heads/many\ncommitter t <t@x.org> {number + 1} +0000\ndata 1\nx\n"
        + (f"from {project.base}\n" if not number else "")
        for number in range(1_001)
    )
    project.work.git("fast-import", "--quiet", stdin=stream.encode())
    commit = project.work.git("rev-parse", "refs/heads/many").decode()
    assert "more than 1,000 new commits" in refused(project, project.handed(commit))
