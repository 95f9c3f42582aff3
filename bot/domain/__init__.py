"""The vocabulary: models, events, effects, errors and invariants. Pydantic and the standard library only."""
