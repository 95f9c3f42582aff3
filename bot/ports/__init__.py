"""What the program needs from the outside, as small as its users need it.

Implemented in ``bot.adapters`` and ``bot.executors``; nothing here does anything.
"""
