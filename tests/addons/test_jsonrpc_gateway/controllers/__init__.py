from . import documented, main, prices
