"""Counts over many cases; nothing here knows a person."""
