"""The tables of what a repository's settings hold: secrets, variables, runners, rulesets, switches."""

from __future__ import annotations

SETTINGS_SCHEMA = """
CREATE TABLE IF NOT EXISTS secrets (
    repository_id INTEGER NOT NULL REFERENCES repositories ON DELETE CASCADE,
    name TEXT NOT NULL COLLATE NOCASE, sealed TEXT NOT NULL, created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL, PRIMARY KEY (repository_id, name));
CREATE TABLE IF NOT EXISTS variables (
    repository_id INTEGER NOT NULL REFERENCES repositories ON DELETE CASCADE,
    name TEXT NOT NULL COLLATE NOCASE, value TEXT NOT NULL, created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL, PRIMARY KEY (repository_id, name));
CREATE TABLE IF NOT EXISTS runners (
    id INTEGER PRIMARY KEY, repository_id INTEGER NOT NULL REFERENCES repositories ON DELETE CASCADE,
    name TEXT NOT NULL, status TEXT NOT NULL, labels TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS rulesets (
    id INTEGER PRIMARY KEY, repository_id INTEGER NOT NULL REFERENCES repositories ON DELETE CASCADE,
    name TEXT NOT NULL, enforcement TEXT NOT NULL, conditions TEXT NOT NULL, rules TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS switches (
    repository_id INTEGER NOT NULL REFERENCES repositories ON DELETE CASCADE,
    name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (repository_id, name));
CREATE TABLE IF NOT EXISTS token_scopes (token TEXT PRIMARY KEY, scopes TEXT NOT NULL);
"""
