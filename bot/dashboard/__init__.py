"""The dashboard: a static site, and tables in a terminal, from the state branch and its history."""
