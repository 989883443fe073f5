"""How many calls a caller may make: policies, the buckets that count, the leases of a process, lockouts."""
