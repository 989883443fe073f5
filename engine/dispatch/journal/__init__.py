"""The log of calls: what a call leaves behind, without secrets, and how it reaches its table."""
