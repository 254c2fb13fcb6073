"""A concern from intake to closing: steps, rules, clocks, and what follows from them."""
