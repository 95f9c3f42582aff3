"""The one path: look, decide, save, deliver. Talks to the outside through ``bot.ports`` alone."""
