"""The terminal: the only layer that reads the clock, the environment and the keyboard."""
