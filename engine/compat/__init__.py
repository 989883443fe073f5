"""What we use of Odoo, werkzeug and psycopg that they may change without a word, in one place.

The line, which ``engine/tests/test_structure.py`` draws:

* **Ordinary Odoo** is what its developer documentation names (``_fields``, ``_search``,
  ``_read_group``, ``_commit_progress``, ``@ormcache``, the ``_auth_method_*`` of ``ir.http``, a
  subclass of ``odoo.http.Dispatcher`` with a routing type of its own), and what ten or more files
  of Odoo's own business addons, those beside ``base`` and ``web``, call or override
  (``_has_field_access``, ``_field_to_sql``, ``check_identity``). It is used where it is needed.
* **Everything else** that begins with an underscore, is imported from ``odoo.orm``,
  ``odoo.service``, ``odoo.sql_db`` or ``odoo.modules.module``, or is put in the place of something
  of theirs, is a function of a module here: its docstring says what it relies on, and a contract
  test of its name (``tests/orm/test_compat.py``, ``tests/http/test_compat_http.py``) says which
  assumption broke.

``odoo_http`` is of requests and routes (and of werkzeug behind them), ``odoo_orm`` of models and
fields, ``odoo_db`` of cursors and caches (and of psycopg), ``odoo_base`` of the models of the addon
``base``, ``odoo_server`` of the process. All lines of Odoo named here are of 19.0.
"""
