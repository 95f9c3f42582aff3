"""A worker process on a machine of its own: one loop over the state branch and its children."""
