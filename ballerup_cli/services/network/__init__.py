"""Ballerup-Pladen, activities and plans."""
