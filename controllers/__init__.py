from . import dispatcher
from . import outage
from . import api
from . import service
from . import docs
from . import token
