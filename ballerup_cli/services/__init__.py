"""What a coordinator says: open a concern, take the next gate, list what is due. No terminal."""
