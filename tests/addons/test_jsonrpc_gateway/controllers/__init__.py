from . import documented, doors, main, prices
