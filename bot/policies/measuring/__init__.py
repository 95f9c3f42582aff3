"""What is recorded of each hour, and the figures made of it."""
