"""Counts, their publication and their pictures."""
