"""The hub's data: what GitHub would keep, in SQLite and bare repositories."""
