"""API keys: the model ``jsonrpc.key``, and its jobs, each in an abstract model that it inherits from.

* ``jsonrpc_key``: what a key is and may do, and who may change it.
* ``jsonrpc_key_lifetime``: until when a key is good: expiry, revocation, and warnings by e-mail.
* ``jsonrpc_key_issuing``: who may issue which key, and how one is made.
* ``jsonrpc_key_power``: who may give a key more than it has.
* ``jsonrpc_key_risk``: how much harm whoever holds it may do.
* ``jsonrpc_key_rotation``: a key is replaced by a new one with the same settings.
* ``jsonrpc_key_authentication``: a token that was sent becomes a credential, or is refused.

Two models of their own belong to a key:

* ``jsonrpc_key_grant``: what a restricted key may do, one line for each namespace.
* ``jsonrpc_access_token``: what an OAuth client gets for its key, good for minutes.

Other code calls ``jsonrpc.key`` and none of the abstract models.
"""

from . import jsonrpc_key_lifetime
from . import jsonrpc_key_issuing
from . import jsonrpc_key_power
from . import jsonrpc_key_risk
from . import jsonrpc_key_rotation
from . import jsonrpc_key_authentication
from . import jsonrpc_key
from . import jsonrpc_key_grant
from . import jsonrpc_access_token
