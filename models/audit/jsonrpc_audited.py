"""The abstract model ``jsonrpc.audited``: every change of its records leaves a row in the audit trail.

Why not ``mail.thread``: it would draw in ``mail`` with its menus, channels and notifications for
every user of a database that has no other need of them; its messages can be edited and deleted; it
records no deletion and no line; and what it keeps of a record goes with the record.
"""

from contextlib import contextmanager

from odoo import api, models

from . import audited_state


class JsonrpcAudited(models.AbstractModel):
    _name = "jsonrpc.audited"
    _description = "Recorded in the JSON-RPC Audit Trail"

    #: Names of fields whose changes say nothing of what somebody decided.
    _audit_ignored = frozenset()

    @api.model_create_multi
    def create(self, vals_list):
        """Create records, with a row for each in the audit trail."""
        records = super().create(vals_list)
        self._audit({}, audited_state.states(records._audit_recorded()))
        return records

    def write(self, vals):
        """Change records, with a row for each that is another then."""
        before = audited_state.states(self._audit_recorded())
        result = super().write(vals)
        self._audit(before, audited_state.states(self._audit_recorded()))
        return result

    def update_field_translations(self, field_name, translations, source_lang=""):
        """Translate a text, which does not come by :meth:`write`."""
        recorded = self._audit_recorded()
        languages = [code for code, _name in self.env["res.lang"].get_installed()]
        before = [audited_state.states(recorded.with_context(lang=code)) for code in languages]
        result = super().update_field_translations(field_name, translations, source_lang=source_lang)
        after = [audited_state.states(recorded.with_context(lang=code)) for code in languages]
        for old, new in zip(before, after, strict=True):
            self._audit(old, new)
        return result

    def unlink(self):
        """Delete records, with a row for each, and for what goes or changes with them."""
        with deletions_recorded(self):
            return super().unlink()

    def action_open_changes(self):
        """The changes of the records and of their lines."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Changes"),
            "res_model": "jsonrpc.audit",
            "views": [(False, "list"), (False, "kanban"), (False, "form")],
            "domain": [("subject_model", "=", self._name), ("subject_id", "in", self.ids)],
        }

    # ------------------------------------------------------------------
    # What a model says of itself
    # ------------------------------------------------------------------

    def _audit_recorded(self):
        """Those of the records whose changes are recorded."""
        return self

    def _audit_subject(self):
        """The record that a change is of: the key of a grant, the resource of a line."""
        return self

    def _audit_holder(self):
        """The user who may read about it without being a manager, or no user."""
        return self.env["res.users"]

    def _audit_action(self, action, changes):
        """What the trail calls something that happened to a record: an action of ``jsonrpc.audit``.

        :param str action: ``"created"``, ``"changed"`` or ``"deleted"``
        :param list changes: see :func:`~.audited_state.differences`
        """
        return action

    # ------------------------------------------------------------------
    # Rows
    # ------------------------------------------------------------------

    def _audit(self, before, after):
        """Add the rows that tell two sets of states apart, in this transaction.

        :param dict before: a :class:`~.audited_state.State` by record; records that it lacks are new
        :param dict after: the same; records that it lacks are deleted
        """
        rows = []
        for record in {**before, **after}:
            old, new = before.get(record), after.get(record)
            changes = audited_state.differences(record, old, new)
            if old and new and not changes:
                continue
            action = "changed" if old and new else "deleted" if old else "created"
            rows.append((record, new or old, record._audit_action(action, changes), changes))
        self.env["jsonrpc.audit"]._append(rows)

    def _audit_relation(self, action, label, other):
        """Add a row about what no field of the record says.

        :param str action: of ``jsonrpc.audit``
        :param str label: what the other record is to this one
        :param other: one record
        """
        self.ensure_one()
        change = {"field": "", "label": label, "type": "many2one", "old": None, "old_text": ""}
        change |= {"new": other.id, "new_text": audited_state.cut(other.display_name or "")}
        self.env["jsonrpc.audit"]._append([(self, audited_state.states(self)[self], action, [change])])


@contextmanager
def deletions_recorded(records):
    """Record what goes, and what loses a value, when records are deleted inside.

    The database deletes lines by itself, and empties what refers to the records, without the ORM.

    :param records: of any model
    """
    audited = records.env["jsonrpc.audited"]
    reached = [*_reached(records)]
    if records._name in _audited_models(records.env):
        reached.append(records._audit_recorded())
    before = {record: state for found in reached for record, state in audited_state.states(found).items()}
    yield
    after = {record: state for found in reached for record, state in audited_state.states(found.exists()).items()}
    audited._audit(before, after)


def _audited_models(env):
    """The names of the models that inherit from ``jsonrpc.audited`` and have a table."""
    names = env.registry.descendants(["jsonrpc.audited"], "_inherit")
    return sorted(name for name in names if not env[name]._abstract)


def _reached(records):
    """Yield the audited records that go with others, or refer to them."""
    for name in _audited_models(records.env) if records else ():
        # sudo: what goes does not depend on who may see it.
        model = records.env[name].sudo().with_context(active_test=False)
        for field in model._fields.values():
            if not (field.store and field.type in ("many2one", "many2many") and field.comodel_name == records._name):
                continue
            if field.name in audited_state.KEPT_BY_ODOO:
                continue
            found = model.search([(field.name, "in", records.ids)]).with_env(records.env)
            yield found
            if field.type == "many2one" and field.ondelete == "cascade":
                yield from _reached(found)
