"""the network and what else is written about the network."""
