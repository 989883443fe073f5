from . import documented, main
