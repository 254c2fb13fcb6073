"""Keys, signatures and the age container: bytes in, bytes out."""
