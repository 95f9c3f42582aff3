"""The kinds of labels on a project's issue, by their prefixes."""

from __future__ import annotations

OWNED = ("stage:", "status:", "held:")
"""Kinds that are the bot's alone."""

HELD = "held:triage"
"""On the issue of a project whose queued tasks are held back by triage."""

PROJECT = "project:"
"""On the issues of a project that lives on a branch of this repository, before the project's id."""

PRIORITY = "priority:"
"""The kind that people may set: it means the same as ``/priority``."""
