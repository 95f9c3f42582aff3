"""The rules, as pure functions over the draft or the state."""
