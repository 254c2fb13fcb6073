"""What is derived and can be thrown away."""
