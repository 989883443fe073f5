"""The end of a stream, however it comes: told once."""

import gc
from contextlib import contextmanager

from odoo.tests import TransactionCase, tagged

from ...engine.dispatch.answer import Stream
from ...engine.dispatch.process import MOST_STREAMS
from ...engine.dispatch.streaming import Sending, check_room
from ...engine.protocol.errors import InternalError, Unavailable


@tagged("post_install", "-at_install")
class TestSending(TransactionCase):
    def setUp(self):
        super().setUp()
        self.endings = []
        self.opened = self.closed = 0

    @contextmanager
    def open(self):
        self.opened += 1
        try:
            yield self.env
        finally:
            self.closed += 1

    def sending(self, make):
        return Sending(
            Stream(
                make=make,
                open=self.open,
                explain=lambda exc: InternalError(),
                begins=lambda: None,
                ends=self.endings.append,
                request_id="streaming",
            )
        )

    def ending(self):
        """How the one stream of a test ended; its cursor is closed."""
        self.assertEqual(self.opened, self.closed)
        self.assertEqual(len(self.endings), 1)
        return self.endings[0]

    def many(self, env):
        for _count in range(1000):
            yield b"x" * 1023 + b"\n"

    def test_sent_whole(self):
        sending = self.sending(lambda env: iter_of((b"1\n2\n", b"3\n")))
        body = b"".join(sending.lines())
        sending.close()
        self.assertEqual(body, b'1\n2\n3\n{"_end":{"rows":3}}\n')
        self.assertEqual(self.ending()[:2] + self.ending()[3:], (3, len(body), None, False))

    def test_sent_whole_without_a_row(self):
        self.assertEqual(b"".join(self.sending(lambda env: iter_of(())).lines()), b'{"_end":{"rows":0}}\n')
        self.assertEqual(self.ending().rows, 0)

    def test_never_asked_for(self):
        self.sending(self.many).close()
        self.assertEqual((self.opened, self.ending().gone), (0, True))

    def test_closed_in_the_middle(self):
        sending = self.sending(self.many)
        lines = sending.lines()
        portion = next(lines)
        lines.close()
        sending.close()
        self.assertEqual((self.ending().rows, self.ending().size), (portion.count(b"\n"), len(portion)))
        self.assertEqual((self.ending().error, self.ending().gone), (None, True))

    def test_forgotten_in_the_middle(self):
        gc.disable()
        self.addCleanup(gc.enable)
        lines = self.sending(self.many).lines()
        next(lines)
        # As a server may that fails while it closes a connection.
        del lines
        self.assertTrue(self.ending().gone)

    def test_closed_before_the_last_line_was_taken(self):
        lines = self.sending(lambda env: iter_of((b"1\n",))).lines()
        next(lines)
        lines.close()
        self.assertEqual((self.ending().rows, self.ending().gone), (1, True))

    def test_method_that_fails_while_it_is_closed(self):
        def make(env):
            try:
                yield from self.many(env)
            finally:
                raise ValueError("in the end")

        lines = self.sending(make).lines()
        next(lines)
        lines.close()
        self.assertEqual((self.ending().error, self.ending().gone), (None, True))

    def test_server_that_stops(self):
        sending = self.sending(self.many)
        lines = sending.lines()
        next(lines)
        sending.cut_off()
        lines.close()
        self.assertIsInstance(self.ending().error, Unavailable)

    def test_places_are_given_back(self):
        streams = [self.sending(self.many).lines() for _number in range(MOST_STREAMS)]
        for lines in streams:
            next(lines)
        with self.assertRaises(Unavailable):
            check_room()
        body = b"".join(self.sending(self.many).lines())
        self.assertIn(b'{"_error":', body)
        for lines in streams:
            lines.close()
        check_room()
        self.assertEqual(len(self.endings), MOST_STREAMS + 1)


def iter_of(lines):
    yield from lines
