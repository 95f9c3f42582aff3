"""orchestrator: coordinates a fleet of coding workers out of GitHub alone."""

__version__ = "0.1.0"
