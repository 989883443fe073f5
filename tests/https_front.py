"""TLS in front of a plain server, as a reverse proxy has it: for what browsers do on https only."""

import contextlib
import datetime
import http.client
import ssl
import tempfile
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from .web_site import served

_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "server", "date"})


@contextlib.contextmanager
def https_front(url, host="127.0.0.1"):
    """Serve ``url`` over https, with a certificate that nobody trusts.

    :param str url: of the plain server; one of Odoo's needs ``proxy_mode`` to heed the front
    :param str host: loopback name of the new address: browsers take ``localhost`` and
        ``127.0.0.1`` for two sites
    :returns: the address
    """
    target = urlsplit(url)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {
                **dict(self.headers.items()),
                "X-Forwarded-Proto": "https",
                "X-Forwarded-Host": self.headers["Host"],
                "X-Forwarded-For": self.client_address[0],
            }
            with contextlib.closing(http.client.HTTPConnection(target.hostname, target.port, timeout=60)) as plain:
                plain.request(self.command, self.path, body, headers)
                answer = plain.getresponse()
                content = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in _HOP_BY_HOP | {"content-length"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self):
            self.do_GET()

        def do_OPTIONS(self):
            self.do_GET()

        def log_message(self, *args):
            """Nothing."""

    with served(Handler, _context()) as port:
        yield f"https://{host}:{port}"


def _context():
    """A TLS context with a certificate of its own."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory(prefix="https-front-") as folder:
        path = Path(folder, "server.pem")
        path.write_bytes(private + certificate.public_bytes(encoding))
        context.load_cert_chain(path)
    return context
