"""The hub's pages in the browser."""
