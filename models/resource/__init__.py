"""Resources: the model ``jsonrpc.resource``, and its jobs, each in an abstract model that it inherits from.

* ``jsonrpc_resource``: what is exposed of a model, and what never is.
* ``jsonrpc_resource_log``: how much of its calls the log keeps.
* ``jsonrpc_resource_opening``: who may open it to keys that act as somebody else.
* ``jsonrpc_resource_preview``: what its callers send and get.
* ``jsonrpc_resource_tracking``: whether the changes of its records are followed.

Its lines are models of their own, which share ``jsonrpc_resource_line``:

* ``jsonrpc_resource_field``: one exposed field.
* ``jsonrpc_resource_method``: one exposed method.
"""

from . import jsonrpc_resource_log
from . import jsonrpc_resource_opening
from . import jsonrpc_resource_preview
from . import jsonrpc_resource_tracking
from . import jsonrpc_resource
from . import jsonrpc_resource_line
from . import jsonrpc_resource_field
from . import jsonrpc_resource_method
