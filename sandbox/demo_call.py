"""The one call that proves the gateway answers, as Python and as a curl line."""

from __future__ import annotations

import json
import shlex
import urllib.error
import urllib.request

_PATH = "/jsonrpc/2/api"


def _body(partner_id: int) -> str:
    return json.dumps({
        "jsonrpc": "2.0", "method": "partner.get_info", "params": {"partner_id": partner_id}, "id": 1,
    })


def curl_line(url: str, token: str, partner_id: int) -> str:
    """A line to paste into a shell.

    :param url: of the server
    :param token: the demo key
    :param partner_id: a partner of the demo data
    """
    words = [
        "curl", "-sS", url + _PATH, "-H", f"Authorization: Bearer {token}",
        "-H", "Content-Type: application/json", "-d", _body(partner_id),
    ]
    return shlex.join(words)


def trouble(url: str, token: str, partner_id: int) -> str | None:
    """Make the call.

    :returns: None when it succeeded, else what the gateway answered, without the token
    """
    request = urllib.request.Request(
        url + _PATH, data=_body(partner_id).encode(), method="POST",
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    # A proxy of the user's must not see a call to this very machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=60) as response:
            answer = json.load(response)
    except urllib.error.HTTPError as error:
        return f"HTTP {error.code} {error.read(300).decode(errors='replace')}"
    except (OSError, ValueError) as error:
        return str(error)
    if isinstance(answer, dict) and isinstance(answer.get("result"), dict):
        return None
    return json.dumps(answer)[:300]
