"""Who is told when something goes wrong.

* ``jsonrpc_notice``: messages by plain e-mail, which needs no other addon.
* ``jsonrpc_alert_watch``: what is wrong right now: new faults, many errors, a key that fell silent.
* ``jsonrpc_alert``: the rules that managers set, and the scheduled action that follows them.
"""

from . import jsonrpc_notice
from . import jsonrpc_alert_watch
from . import jsonrpc_alert
