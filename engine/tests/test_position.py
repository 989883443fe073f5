"""Where a reader of changes stands: snapshots, and why a reader has to start over."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from ..events.position import Position, Terms
from ..events.snapshot import Snapshot
from .common import TestCase

TERMS = Terms("epoch", "generation", "schema", "rights")
BASE = Snapshot(10, 20, (10, 15))


@st.composite
def snapshots(draw):
    xmin = draw(st.integers(0, 2**60))
    xmax = xmin + draw(st.integers(0, 40))
    running = draw(st.sets(st.integers(xmin, xmin + 39), max_size=10))
    return Snapshot(xmin, xmax, tuple(sorted(xid for xid in running if xid < xmax)))


class TestSnapshot(TestCase):
    def test_sees_what_had_ended(self):
        self.assertEqual([xid for xid in range(8, 22) if BASE.sees(xid)], [8, 9, 11, 12, 13, 14, 16, 17, 18, 19])

    def test_wrong_texts_are_refused(self):
        for text in ("", "1:2", "2:1:", "1:3:5", "1:5:3,2", "1:5:2,2", "a:b:", "1:2:3:", "-1:2:", "1:2:\n", "١:٢:"):
            with self.subTest(text), self.assertRaises(ValueError):
                Snapshot.parse(text)

    @given(snapshots())
    def test_text_is_read_again(self, snapshot):
        self.assertEqual(Snapshot.parse(str(snapshot)), snapshot)


class TestPosition(TestCase):
    @given(
        snapshots(),
        st.none() | st.integers(0),
        st.none() | snapshots(),
        st.none() | st.tuples(st.integers(0), st.integers(0)),
    )
    def test_values_are_read_again(self, base, scanned, until, after):
        position = Position(TERMS, base, scanned, until, after)
        self.assertEqual(Position.load(position.dump()), position)

    def test_wrong_values_are_refused(self):
        for values in ([], [1], [*Position(TERMS, BASE).dump(), 1], ["e", "g", "s", "r", "no", None, None, None, None]):
            with self.subTest(values=values), self.assertRaises(ValueError):
                Position.load(values)

    def test_reader_starts_over_for_a_reason(self):
        position, now = Position(TERMS, BASE), Snapshot(30, 40)
        for terms, then, purged, expected in (
            (TERMS, now, 0, None),
            (TERMS, now, 9, None),
            # The oldest transaction that the reader had not seen, or a later one.
            (TERMS, now, 10, "retention"),
            (TERMS, now, 25, "retention"),
            (replace(TERMS, epoch="other"), now, 0, "restored"),
            # The database has gone back behind what the reader has seen.
            (TERMS, Snapshot(12, 19), 0, "restored"),
            (replace(TERMS, generation="other"), now, 0, "schema_changed"),
            (replace(TERMS, schema="other"), now, 0, "schema_changed"),
            (replace(TERMS, rights="other"), now, 0, "rights_changed"),
        ):
            with self.subTest(expected=expected, purged=purged):
                self.assertEqual(position.expiry(terms, then, purged), expected)

    def test_pages_lead_to_the_end_of_what_is_read(self):
        until = Snapshot(30, 40)
        position = Position(TERMS, BASE).reached((33, 7), until)
        self.assertEqual((position.base, position.until, position.after), (BASE, until, (33, 7)))
        self.assertEqual(position.completed(until), Position(TERMS, until))
