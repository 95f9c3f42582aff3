"""The hub's stand-in for GitHub Actions."""
