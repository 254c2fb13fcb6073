"""Which counts may leave the house, so that no small one can be computed back."""
