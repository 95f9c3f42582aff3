"""GitHub's API as the program uses it."""
