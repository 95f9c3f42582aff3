"""Sets a repository up, finds out what is wrong with a set-up, brings it up to date, takes it away."""
