"""the network, activities and plans."""
