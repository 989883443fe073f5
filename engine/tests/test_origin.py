from ..access import origin
from .common import TestCase


class TestOrigin(TestCase):
    def test_origins_as_browsers_send_them_are_accepted(self):
        for text in (
            "https://shop.example.com",
            "http://localhost:8080",
            "https://xn--bcher-kva.example",
            "http://127.0.0.1:3000",
            "https://[2001:db8::1]:8443",
            "https://a",
        ):
            with self.subTest(text):
                self.assertTrue(origin.is_origin(text))

    def test_other_texts_are_refused(self):
        for text in (
            "",
            "*",
            "null",
            "shop.example.com",
            "https://",
            "https://*.example.com",
            "https://shop.example.com/",
            "https://shop.example.com/path",
            "https://Shop.example.com",
            "HTTPS://shop.example.com",
            "https://user@shop.example.com",
            "https://shop.example.com:443",
            "http://shop.example.com:80",
            "https://shop.example.com:0",
            "https://shop.example.com:123456",
            "https://shop.example.com\n",
            "ftp://shop.example.com",
            "https://shop.example.com, https://b.example.com",
        ):
            with self.subTest(text):
                self.assertFalse(origin.is_origin(text))

    def test_a_list_keeps_its_origins_only(self):
        found = origin.valid_origins(" https://a.example , http://b.example:8080,,*, https://c.example/ ")
        self.assertEqual(found, {"https://a.example", "http://b.example:8080"})
        self.assertEqual(origin.valid_origins(""), frozenset())
