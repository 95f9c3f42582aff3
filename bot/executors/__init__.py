"""Executors: each turns a work order into files, without a token and without deciding anything."""
