"""The desk itself: the fleet is what its table says, and a repeated delivery changes nothing."""

from __future__ import annotations

from bot.domain.state import State
from tests.commands.desk import Desk


def test_the_fleet_is_what_its_table_says(fleet: State) -> None:
    assert {project.id: (project.stage, project.status) for project in fleet.projects.values()} == {
        "recipe-book-2": ("content", "active"),
        "chess-clock-3": ("genesis", "review"),
        "photo-sorter-1": ("development", "active"),
        "tide-table-4": ("genesis", "active"),
        "bird-song-5": ("genesis", "active"),
        "star-map-6": ("genesis", "active"),
        "tax-form-7": ("genesis", "queued"),
    }


def test_a_command_is_settled_once_however_often_it_is_delivered(desk: Desk) -> None:
    payload = desk.post("/status")
    commits = desk.commits()
    desk.handle(payload)
    assert len(desk.answers(payload)) == 1
    assert desk.commits() == commits
