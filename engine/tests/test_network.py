"""Which texts are networks, and which addresses are in them."""

from ..access.network import customer_of_address, is_address_in, parse_network, parse_networks, split_networks
from .common import TestCase


class TestNetwork(TestCase):
    def test_addresses_and_networks_are_parsed(self):
        for text, expected in (
            ("192.0.2.7", "192.0.2.7/32"),
            ("192.0.2.0/24", "192.0.2.0/24"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("2001:db8::/32", "2001:db8::/32"),
            ("2001:DB8::1", "2001:db8::1/128"),
            ("::ffff:192.0.2.7", "192.0.2.7/32"),
            ("::ffff:192.0.2.0/120", "192.0.2.0/24"),
        ):
            with self.subTest(text):
                self.assertEqual(str(parse_network(text)), expected)

    def test_what_is_no_network_is_refused(self):
        for text in (
            "", "localhost", "192.0.2", "192.0.2.7/24", "192.0.2.0/33", "256.0.0.1", "1.2.3.4/-1",
            "010.0.0.1", "2001:db8::1/32", "2001:db8::%eth0/64", "*", "192.0.2.*", "192.0.2.0-255",
        ):  # fmt: skip
            with self.subTest(text), self.assertRaises(ValueError):
                parse_network(text)

    def test_list_may_be_separated_in_any_way(self):
        found = split_networks(" 192.0.2.1,192.0.2.2\n192.0.2.3  ::1,")
        self.assertEqual(found, ["192.0.2.1", "192.0.2.2", "192.0.2.3", "::1"])
        self.assertEqual(split_networks(" , "), [])

    def test_one_bad_item_refuses_the_list(self):
        with self.assertRaises(ValueError):
            parse_networks("192.0.2.1, nonsense")

    def test_address_is_in_its_networks_only(self):
        allowed = parse_networks("192.0.2.0/24, 2001:db8::/32, 198.51.100.7")
        for address in ("192.0.2.0", "192.0.2.255", "2001:db8:1::1", "198.51.100.7", "::ffff:192.0.2.9"):
            with self.subTest(address):
                self.assertTrue(is_address_in(allowed, address))
        for address in ("192.0.3.0", "198.51.100.8", "2001:db9::1", "::1", "::192.0.2.9"):
            with self.subTest(address):
                self.assertFalse(is_address_in(allowed, address))

    def test_mapped_network_holds_plain_addresses(self):
        self.assertTrue(is_address_in(parse_networks("::ffff:192.0.2.0/120"), "192.0.2.1"))

    def test_what_is_no_address_is_in_no_network(self):
        everything = parse_networks("0.0.0.0/0 ::/0")
        for address in (None, "", "unknown", "192.0.2.1:80", "192.0.2.1, 192.0.2.2", "/run/odoo.sock"):
            with self.subTest(address):
                self.assertFalse(is_address_in(everything, address))

    def test_no_networks_hold_nothing(self):
        self.assertFalse(is_address_in(parse_networks(""), "192.0.2.1"))

    def test_address_stands_for_a_host_or_the_network_of_a_customer(self):
        for address, expected in (
            ("192.0.2.1", "192.0.2.1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            (None, "unknown"),
            ("/run/odoo.sock", "unknown"),
        ):
            with self.subTest(address):
                self.assertEqual(customer_of_address(address), expected)
