"""A project's way: planned, entered, adopted, stopped, completed."""
