"""GitHub's REST API over the hub's world: the subset that such a bot and its tools use."""
