"""Which web pages of other origins may call us, and what their browsers need to hear.

The origins are those of the system parameter ``web.cors.origins``: exact ones, separated by commas;
and, without the user's session, those of the API keys that are for pages. The rules are those of
the Fetch standard (https://fetch.spec.whatwg.org/#http-cors-protocol).
Odoo's own ``cors=`` of a route is one fixed value, without ``Vary`` nor credentials, and is
missing on a 401. It must not know what is called.
"""

from ..engine.dispatch import settings

#: What a page may read of our answers beyond the body.
_EXPOSED = "RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-Id"
#: What a page may send; ``*`` would not cover ``Authorization``.
_ALLOWED = "Authorization, Content-Type, Idempotency-Key, JSON-RPC-Batch, X-Odoo-Database, X-Request-Id"
#: Seconds for which a browser may remember a preflight (browsers cap it at two hours).
_MAX_AGE = "7200"


class Origin:
    """The ``Origin`` of one request, and what follows from it.

    :param httprequest: the :class:`odoo.http.HTTPRequest`
    :param env: of the database whose settings say which origins are allowed, or ``None``; it is
        read now, because it may be gone when an error is answered
    :param bool has_keys: whether there are API keys in it
    """

    def __init__(self, httprequest, env, *, has_keys):
        self._value = httprequest.headers.get("Origin")
        self.is_preflight = httprequest.method == "OPTIONS" and "Access-Control-Request-Method" in httprequest.headers
        self.is_foreign = self._value is not None and self._value != httprequest.host_url.rstrip("/")
        self.is_allowed = self.is_foreign and self._value in settings.origins(env)
        asks = has_keys and self.is_foreign and not self.is_allowed
        # A page that a publishable key stands in may read every answer: managers said so. A page that only
        # somebody's own secret key is for may ask, and reads what that key is answered.
        self.is_known = self.is_allowed or (asks and self._value in env["jsonrpc.key"]._page_origins("publishable"))
        self._may_ask = self.is_known or (asks and self._value in env["jsonrpc.key"]._page_origins("secret"))

    @property
    def is_refused(self):
        """Whether a preflight is refused: nobody said that pages of this origin may call here."""
        return not self._may_ask

    def proved(self, credential):
        """A key was proved that pages of this origin may use: they may read what it is answered."""
        self.is_known = self.is_known or (self._may_ask and credential.for_page)

    @property
    def may_use_cookies(self):
        """Whether a call may rely on the user's session.

        A browser adds the session's cookie to what any page sends, so a call from a page that
        nobody allowed proves nothing about the user, with or without a preflight.
        """
        return self.is_allowed or not self.is_foreign

    def headers(self):
        """The headers for every answer, errors too.

        :rtype: list[tuple[str, str]]
        """
        if not (self._may_ask if self.is_preflight else self.is_known):
            return [("Vary", "Origin")]
        headers = [("Vary", "Origin"), ("Access-Control-Allow-Origin", self._value)]
        if self.is_allowed:
            headers.append(("Access-Control-Allow-Credentials", "true"))
        if self.is_preflight:
            headers += [
                ("Vary", "Access-Control-Request-Method"),
                ("Vary", "Access-Control-Request-Headers"),
                ("Access-Control-Allow-Methods", "GET, POST"),
                ("Access-Control-Allow-Headers", _ALLOWED),
                ("Access-Control-Max-Age", _MAX_AGE),
            ]
        else:
            headers.append(("Access-Control-Expose-Headers", _EXPOSED))
        return headers
