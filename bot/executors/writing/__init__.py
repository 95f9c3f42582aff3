"""Content from templates: read what a project is, write its pieces, note the facts that each rests on."""
