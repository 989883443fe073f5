"""A short, bounded memory."""

from unittest.mock import patch

from ..access.recent import PerSecond, Recent
from .common import TestCase


class TestRecent(TestCase):
    def setUp(self):
        super().setUp()
        self.now = 100.0
        patcher = patch("time.monotonic", lambda: self.now)
        patcher.start()
        self.addCleanup(patcher.stop)
        self.recent = Recent(60, 3)

    def test_what_happened_is_known_for_so_many_seconds(self):
        self.assertNotIn("a", self.recent)
        self.recent.add("a")
        self.now += 59
        self.assertIn("a", self.recent)
        self.now += 1
        self.assertNotIn("a", self.recent)

    def test_first_time_is_told_once_in_so_many_seconds(self):
        self.assertEqual([self.recent.is_first("a") for _time in range(3)], [True, False, False])
        self.now += 59
        self.assertFalse(self.recent.is_first("a"))
        self.now += 1
        self.assertTrue(self.recent.is_first("a"))

    def test_memory_is_bounded(self):
        for number in range(1000):
            self.recent.add(number)
            self.assertLessEqual(len(self.recent), 3)
            self.assertIn(number, self.recent)
        self.recent.add(999)
        self.assertIn(999, self.recent)

    def test_forgotten_is_forgotten(self):
        self.recent.add("a")
        self.recent.add("b")
        self.recent.discard("a")
        self.recent.discard("never there")
        self.assertNotIn("a", self.recent)
        self.assertIn("b", self.recent)
        self.recent.clear()
        self.assertNotIn("b", self.recent)


class TestPerSecond(TestCase):
    def test_each_second_is_counted_by_itself(self):
        now = 100.2
        with patch("time.monotonic", lambda: now):
            counter = PerSecond()
            self.assertEqual([counter.count() for _time in range(3)], [1, 2, 3])
            now = 100.9
            self.assertEqual(counter.count(), 4)
            now = 101.0
            self.assertEqual(counter.count(), 1)
            counter.clear()
            self.assertEqual(counter.count(), 1)
