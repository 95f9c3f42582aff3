"""The checks of ``doctor``, each one function that looks and tells."""
