"""``orchestrator metrics``: the hours of the branch's whole history, in forms that other programs read."""
