"""What callers can do with a resource: one file an operation, found by :mod:`.registry`."""
