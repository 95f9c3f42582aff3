"""The tables of pull requests, reviews, commit statuses, branch protection and Pages."""

from __future__ import annotations

PULL_SCHEMA = """
CREATE TABLE IF NOT EXISTS pulls (
    id INTEGER PRIMARY KEY REFERENCES issues ON DELETE CASCADE,
    head TEXT NOT NULL, base TEXT NOT NULL, head_sha TEXT NOT NULL, base_sha TEXT NOT NULL,
    draft INTEGER NOT NULL, merged_at TEXT, merged_by TEXT, merge_sha TEXT);
CREATE TABLE IF NOT EXISTS reviews (
    id INTEGER PRIMARY KEY, issue_id INTEGER NOT NULL REFERENCES issues ON DELETE CASCADE,
    author TEXT NOT NULL, state TEXT NOT NULL, body TEXT NOT NULL, commit_sha TEXT NOT NULL,
    submitted_at TEXT);
CREATE INDEX IF NOT EXISTS reviews_issue ON reviews (issue_id);
CREATE TABLE IF NOT EXISTS review_comments (
    id INTEGER PRIMARY KEY, review_id INTEGER NOT NULL REFERENCES reviews ON DELETE CASCADE,
    issue_id INTEGER NOT NULL REFERENCES issues ON DELETE CASCADE, author TEXT NOT NULL,
    path TEXT NOT NULL, line INTEGER NOT NULL, side TEXT NOT NULL, start_line INTEGER,
    body TEXT NOT NULL, hunk TEXT NOT NULL, commit_sha TEXT NOT NULL, created_at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS review_comments_issue ON review_comments (issue_id);
CREATE TABLE IF NOT EXISTS statuses (
    id INTEGER PRIMARY KEY, repository_id INTEGER NOT NULL REFERENCES repositories ON DELETE CASCADE,
    sha TEXT NOT NULL, context TEXT NOT NULL COLLATE NOCASE, state TEXT NOT NULL, description TEXT,
    target_url TEXT, creator TEXT NOT NULL, created_at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS statuses_sha ON statuses (repository_id, sha);
CREATE TABLE IF NOT EXISTS protections (
    repository_id INTEGER NOT NULL REFERENCES repositories ON DELETE CASCADE, branch TEXT NOT NULL,
    rules TEXT NOT NULL, PRIMARY KEY (repository_id, branch));
CREATE TABLE IF NOT EXISTS sites (
    repository_id INTEGER PRIMARY KEY REFERENCES repositories ON DELETE CASCADE,
    branch TEXT NOT NULL, path TEXT NOT NULL, creator TEXT NOT NULL, created_at TEXT NOT NULL,
    built_at TEXT NOT NULL);
"""
