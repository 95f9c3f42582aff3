"""What a look at GitHub changes, what is kept up to date there, and what is asked of it."""
