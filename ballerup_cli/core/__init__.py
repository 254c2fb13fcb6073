"""What the domain knows: values in, values out. No file, clock, environment, randomness or terminal."""
