"""Mutants that survive and change nothing that anybody could notice: which, by a pattern of what they say, and why."""

EXPLAINED: list[tuple[str, str]] = []
