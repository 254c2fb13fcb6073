"""The commands, found by their names."""
