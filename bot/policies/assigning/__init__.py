"""Which worker gets which task, and when."""
