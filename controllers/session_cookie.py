"""Where the cookie of a session may travel.

It must not know who logged in, nor which page did.
"""


def guard(response, httprequest, origin):
    """Make the cookies that are set over https travel over https only.

    For a page of another origin that was allowed, they have to travel across sites too
    (RFC 6265bis section 5.6.7), which browsers accept of ``Secure`` cookies only. Those that
    block cookies of third parties make an exception for one that is kept apart for each site
    (``Partitioned``, draft-cutler-httpbis-partitioned-cookies). Within one site that would be a
    second cookie of the same name, beside the one of a user who is logged in there.

    :param response: the finished :class:`odoo.http.Response`
    :param httprequest: the :class:`odoo.http.HTTPRequest`
    :param origin: the :class:`~.cors.Origin` of the request
    """
    if httprequest.scheme != "https":
        return
    flags = "; Secure"
    if origin.is_allowed:
        flags += "; SameSite=None"
        if httprequest.headers.get("Sec-Fetch-Site") == "cross-site":
            flags += "; Partitioned"
    cookies = response.headers.getlist("Set-Cookie")
    response.headers.setlist("Set-Cookie", [f"{cookie}{flags}" for cookie in cookies])
