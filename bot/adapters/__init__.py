"""The adapters: Actions, git, GitHub, files. The only modules that touch the outside."""
