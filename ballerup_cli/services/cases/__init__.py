"""Work on concerns, and looking at them."""
