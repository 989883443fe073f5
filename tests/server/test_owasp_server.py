"""OWASP API4, unrestricted resource consumption: clients that send slowly, to a server with threads."""

import contextlib
import socket
import time
from urllib.parse import urlsplit

from odoo.tests import tagged

from ..server_common import ServerCase

#: Each holds a thread and a database connection until it has sent all: more of them than Odoo has
#: connections (``db_maxconn``, 64 by default) are the proxy's to keep out (``docs/security.rst``).
DRIBBLERS = 24


@tagged("post_install", "-at_install")
class TestSlowBodies(ServerCase):
    def setUp(self):
        super().setUp()
        address = urlsplit(self.server.url)
        self.address = (address.hostname, address.port)
        self.stack = self.enterContext(contextlib.ExitStack())

    def dribble(self, path):
        """Announce a body, and send its first byte."""
        connection = self.stack.enter_context(socket.create_connection(self.address, timeout=60))
        media_type = "application/x-www-form-urlencoded" if path.endswith("token") else "application/json"
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {media_type}\r\nContent-Length: 1000\r\n"
        connection.sendall(f"{head}X-Odoo-Database: {self.database.name}\r\n\r\n{{".encode())
        return connection

    def test_slow_bodies_do_not_keep_others_waiting(self):
        paths = ["/jsonrpc/2/api", "/jsonrpc/2/object", "/jsonrpc/2/common", "/jsonrpc/2/token"]
        connections = [self.dribble(paths[number % len(paths)]) for number in range(DRIBBLERS)]
        time.sleep(0.5)
        for _time in range(5):
            self.assertEqual(self.server.rpc("system.echo", ["alive"])["result"], "alive")
            for connection in connections:
                connection.sendall(b" ")
        for connection in connections:
            connection.close()
        self.assertEqual(self.server.rpc("system.echo", ["alive"])["result"], "alive")
        self.assertNotIn("Traceback", self.server.log())
