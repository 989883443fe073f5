"""Small web servers of other origins: a site of one page, and whatever a handler makes of it."""

import contextlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextlib.contextmanager
def served(handler, tls=None):
    """Have a handler answer on a free loopback port.

    :param handler: a :class:`http.server.BaseHTTPRequestHandler`
    :param tls: an :class:`ssl.SSLContext` to serve by
    :returns: the port
    """
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def site(html="<!doctype html><title>Shop</title>"):
    """Have a site with one page; its origin differs from others by the port.

    :param str html: the page; what an empty one does is up to the browser that a test drives
    :returns: the origin
    """

    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *args):
            """Nobody reads it."""

    with served(Page) as port:
        yield f"http://127.0.0.1:{port}"
