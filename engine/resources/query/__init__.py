"""Records out: domains, orders, pages and the objects that callers get."""
