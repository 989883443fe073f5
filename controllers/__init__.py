from . import dispatcher
from . import outage
from . import api
from . import service
from . import document
from . import docs
from . import token
