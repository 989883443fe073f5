"""Start one of Odoo's own commands, as the script ``odoo-bin`` of its repository does.

A script of its own, because Odoo's prefork mode starts its process for web sockets by the path
in ``sys.argv[0]``: after ``python -m odoo`` that one fails to import, and Odoo starts it again at
once, for ever.
"""

import odoo.cli

if __name__ == "__main__":
    odoo.cli.main()
