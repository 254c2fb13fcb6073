"""Text to values and back, and what the schemas say of them."""
