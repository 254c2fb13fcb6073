"""Filling in a form: in an editor, by questions, from a file."""
