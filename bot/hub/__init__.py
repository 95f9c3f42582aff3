"""The embedded hub: stands in for GitHub on one machine (docs/design.md, "The embedded hub")."""
