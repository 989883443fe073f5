"""Tables that SQL writes: its columns, the fields of the model and the real table agree, both ways.

Every ``INSERT INTO jsonrpc_…`` in ``engine`` and ``models`` is found in the syntax trees, wherever it stands.
"""

import ast
import importlib
import re
from collections import defaultdict
from pathlib import Path

from odoo.tests import TransactionCase, tagged

ADDON = Path(__file__).resolve().parents[2]
PACKAGE = "odoo.addons.jsonrpc_gateway"
_INSERT = re.compile(r"INSERT\s+INTO\s+(jsonrpc_\w+)(?:\s+AS\s+\w+)?\s*\(([^()]*)\)", re.IGNORECASE)
_ALIAS = re.compile(r"\b(?:FROM|JOIN)\s+(jsonrpc_\w+)\s+(?:AS\s+)?(?!(?:WHERE|ON|JOIN|SET|ORDER|LIMIT)\b)([a-z]+)\b")

#: Tables that are written by SQL only, so that every column must be named there, but those.
WRITTEN = {
    "jsonrpc_call": {"id"},
    # What people decide about an error comes by the ORM.
    "jsonrpc_error": {"id", "resolved_at"},
    "jsonrpc_call_loss": {"id"},
    "jsonrpc_audit": {"id"},
    "jsonrpc_idempotency": {"id"},
    "jsonrpc_bucket": set(),
    "jsonrpc_change": {"id"},
    "jsonrpc_change_source": {"id"},
}
#: Tables that are written by the ORM, and read by SQL.
READ = {"jsonrpc_key", "jsonrpc_key_grant", "jsonrpc_access_token"}
#: Types of PostgreSQL that hold the same values here.
_SAME = {"character varying": "text", "timestamp without time zone": "timestamp", "bigint": "integer", "xid8": "text"}


def statements():
    """The texts in the addon that may be SQL: string literals, and f-strings of modules as they are evaluated."""
    for folder in ("engine", "models"):
        for path in sorted((ADDON / folder).rglob("*.py")):
            if "tests" in path.parts:
                continue
            tree = ast.parse(path.read_text("utf-8"))
            inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
            for node in ast.walk(tree):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
                    yield node.value
                elif isinstance(node, ast.JoinedStr) and "jsonrpc_" in ast.unparse(node):
                    name = ".".join([PACKAGE, *path.relative_to(ADDON).with_suffix("").parts])
                    module = importlib.import_module(name.removesuffix(".__init__"))
                    try:
                        code = compile(ast.Expression(node), str(path), "eval")
                        yield eval(code, dict(vars(module)))
                    except NameError:
                        # Made in a function: it is no statement of the module.
                        continue


@tagged("post_install", "-at_install")
class TestWrittenTables(TransactionCase):
    def fields(self, table):
        """The PostgreSQL type of each stored field of a table's model."""
        model = self.env[table.replace("_", ".")]
        return {
            name: "integer" if name == "id" else field.column_type[0]
            for name, field in model._fields.items()
            if (field.store and field.column_type) and not (name == "id" and table == "jsonrpc_bucket")
        }

    def columns(self, table):
        """The type of each column of the real table."""
        self.env.cr.execute(
            "SELECT column_name, data_type FROM information_schema.columns"
            " WHERE table_schema = current_schema AND table_name = %s",
            [table],
        )
        return dict(self.env.cr.fetchall())

    def inserted(self):
        """The columns that the INSERTs of each table name."""
        found = defaultdict(set)
        for text in statements():
            for table, columns in _INSERT.findall(text):
                found[table] |= {column.strip() for column in columns.split(",")}
        return found

    def test_every_column_is_a_field_and_every_field_a_column(self):
        for table in (*WRITTEN, *READ):
            with self.subTest(table):
                fields, columns = self.fields(table), self.columns(table)
                self.assertEqual(columns.keys() - fields.keys(), set(), "columns without a field")
                self.assertEqual(fields.keys() - columns.keys(), set(), "fields without a column")

    def test_columns_have_the_types_of_the_fields(self):
        aliases = {"varchar": "text", "int4": "integer", "bool": "boolean", "float8": "double precision"}
        for table in (*WRITTEN, *READ):
            columns = self.columns(table)
            for name, type_ in self.fields(table).items():
                with self.subTest(table=table, column=name):
                    self.assertEqual(_SAME.get(columns[name], columns[name]), aliases.get(type_, type_))

    def test_sql_writes_every_column_and_no_other(self):
        inserted = self.inserted()
        self.assertEqual(inserted.keys(), WRITTEN.keys(), "tables that SQL writes")
        for table, columns in inserted.items():
            with self.subTest(table):
                fields = self.fields(table)
                self.assertEqual(columns - fields.keys(), set(), "written, and no field")
                self.assertEqual(fields.keys() - columns - WRITTEN[table], set(), "a field that is never written")

    def test_sql_reads_columns_that_are_there(self):
        read = set()
        for text in statements():
            for table, alias in _ALIAS.findall(text):
                if table not in WRITTEN and table not in READ:
                    continue
                names = set(re.findall(rf"\b{alias}\.(\w+)", text))
                read.add(table)
                with self.subTest(table=table, alias=alias):
                    self.assertEqual(names - self.fields(table).keys(), set(), "read, and no field")
        self.assertLessEqual(READ, read)
