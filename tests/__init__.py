from . import test_api
from . import test_server
from . import test_examples
from . import test_browser_examples
from . import test_cors
from . import test_openrpc
from . import test_limits
from . import test_limits_load
