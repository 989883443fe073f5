"""How many calls a caller may make: policies, the buckets that count, the leases of a process, lockouts."""

from .lockout import check_lockout, note_failure
from .policies import refusal, take

__all__ = ["check_lockout", "note_failure", "refusal", "take"]
