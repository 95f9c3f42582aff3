"""The kinds of labels on a project's issue, by their prefixes."""

from __future__ import annotations

OWNED = ("stage:", "status:")
"""Kinds that are the bot's alone."""

PRIORITY = "priority:"
"""The kind that people may set: it means the same as ``/priority``."""
