"""Who holds keys, and how a key is kept."""
