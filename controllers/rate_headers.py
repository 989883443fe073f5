"""What callers are told of their limits: ``RateLimit-Policy``, ``RateLimit`` and ``Retry-After``.

After draft-ietf-httpapi-ratelimit-headers. It must not know how calls are counted.
"""


def of_levels(levels):
    """The headers for the buckets that a request took from, or was refused by.

    :param levels: :class:`~..engine.dispatch.limits.buckets.Level` of each; none for a request without limits
    :rtype: list[tuple[str, str]]
    """
    if not levels:
        return []
    policies = (f'"{level.demand.label}";q={level.demand.quota};w={level.demand.window}' for level in levels)
    states = (f'"{level.demand.label}";r={level.remaining};t={_seconds(level)}' for level in levels)
    return [("RateLimit-Policy", ", ".join(policies)), ("RateLimit", ", ".join(states))]


def of_refusal(error):
    """The header that says when to come back.

    :param error: a :class:`RateLimited`; without a time in it no waiting helps
    :rtype: list[tuple[str, str]]
    """
    seconds = error.data.get("retry_after")
    return [] if seconds is None else [("Retry-After", str(seconds))]


def _seconds(level):
    """Seconds until the calls fit again, for a refused request; until the bucket is full, for any other."""
    return level.reset if level.granted or level.retry_after is None else level.retry_after
