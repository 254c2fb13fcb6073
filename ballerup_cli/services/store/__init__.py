"""An open store with all that a command needs at hand."""
