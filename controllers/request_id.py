"""The identifier under which a request is found again: in the answer, the errors and the log."""

import re
import secrets

from ..engine.dispatch.journal.redaction import is_token

# Long enough for a UUID or a trace id, and nothing that could break a header or a log line.
_SANE = re.compile(r"[A-Za-z0-9._:-]{1,64}", re.ASCII)


def request_id_of(header):
    """The caller's own identifier where it is a sane string and no secret, else a new one.

    :param header: value of ``X-Request-Id``, or ``None``
    :rtype: str
    """
    if header and _SANE.fullmatch(header) and not is_token(header):
        return header
    return secrets.token_hex(16)
