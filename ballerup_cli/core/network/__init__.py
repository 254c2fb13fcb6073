"""Ballerup-Pladen and what else is written about the network."""
