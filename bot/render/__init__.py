"""All wording: from the state to Markdown that reads well on GitHub."""
