"""Values into sealed files and back. No domain rule belongs here."""
