"""Builds the adapters from the environment; the only place that wires."""
