"""JSON values to try things with, and how many: the same ones in every run."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

#: Decorates a test of generated input. A slow machine is no failure, and a failure of one run
#: is one of the next: what a longer search finds belongs into a test of its own.
repeatable = settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)

#: Text that is I-JSON and that PostgreSQL can store.
texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)

numbers = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)

#: Every value that the codec reads and writes.
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)
