"""The commands: how they are read, who may give them, and what each does to the draft."""
