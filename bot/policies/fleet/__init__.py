"""Which workers there are: joining, their number, their health, leaving."""
