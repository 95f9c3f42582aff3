"""The log of an agent: bounded, and without secrets however they stand in it."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.executors.transcript import HEAD, LINE, TAIL, Mask, Transcript

SECRET = "swordfish-4711-swordfish"
TOKEN = "ghp_" + "a1B2" * 9


@settings(max_examples=40, deadline=None)
@given(
    before=st.integers(0, LINE + 200),
    filler=st.integers(0, 80),
    parts=st.lists(st.sampled_from(["x", " ", "=", '"', "token: ", "é"]), max_size=5),
)
def test_no_known_secret_is_ever_written_wherever_it_stands(
    before: int, filler: int, parts: list[str], tmp_path_factory: object
) -> None:
    folder = tmp_path_factory.mktemp("log")  # type: ignore[attr-defined]
    with Transcript(folder / "log.txt", Mask([SECRET])) as transcript:
        for _ in range(filler):
            transcript.note("." * 19_000)  # from about 52 on, the beginning is full
        transcript.note("." * before + "".join(parts) + SECRET + " " + TOKEN)
        transcript.add(("-" * before + SECRET).encode())
    kept = (folder / "log.txt").read_text("utf-8")
    assert SECRET not in kept
    assert SECRET[:14] not in kept
    assert TOKEN[:20] not in kept
    assert len(kept) < HEAD + TAIL + 4 * LINE


def test_a_private_key_over_many_lines_is_struck_out_also_where_its_beginning_was_left_out(
    tmp_path: Path,
) -> None:
    with Transcript(tmp_path / "log.txt", Mask()) as transcript:
        for _ in range(60):
            transcript.note("." * 19_000)
        transcript.note("-----BEGIN OPENSSH PRIVATE KEY-----")
        for _ in range(40_000):
            transcript.note("b3BlbnNzaC1rZXktdjEAAAAABG5vbmU")
        transcript.note("-----END OPENSSH PRIVATE KEY----- and on")
        transcript.note("the end")
    kept = (tmp_path / "log.txt").read_text("utf-8")
    assert "b3BlbnNzaC1r" not in kept
    assert kept.endswith("*** and on\nthe end\n")
    assert "characters left out]" in kept


def test_a_short_value_strikes_out_no_ordinary_words() -> None:
    assert Mask(["a", "", "true"]).text("a true story") == "a true story"
