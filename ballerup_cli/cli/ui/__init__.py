"""What every command shares: the terminal, words, tables, the session."""
