"""What the people concerned can ask for: access, erasure, naming."""
