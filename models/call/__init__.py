"""The log of calls: the model ``jsonrpc.call``, and its jobs, each in an abstract model that it inherits from.

* ``jsonrpc_call``: what is kept of a call, and how much.
* ``jsonrpc_call_retention``: for how long.
* ``jsonrpc_call_reading``: a call as people read it, and what leads on from there.
* ``jsonrpc_call_replay``: how a call is made again.
* ``jsonrpc_call_dashboard``: the figures of the app's first page.

A model of its own, ``jsonrpc_call_loss``, counts the calls that the log lacks.
"""

from . import jsonrpc_call_reading
from . import jsonrpc_call_replay
from . import jsonrpc_call_dashboard
from . import jsonrpc_call_retention
from . import jsonrpc_call
from . import jsonrpc_call_loss
