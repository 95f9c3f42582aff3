"""``python -m bot`` is the same as ``orchestrator``."""

from bot.cli import main

main()
