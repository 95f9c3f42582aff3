"""The fleet played forward by its own rules, and what follows from that."""
