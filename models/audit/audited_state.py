"""What the audit trail keeps of a record, and what two states of it differ in."""

from typing import NamedTuple

from odoo import fields

from ...engine.protocol.plain_text import without_control_characters

#: Characters that are kept of one value.
LONGEST = 1_000
#: Records of a relation that are kept by id and by name.
_MOST_RECORDS = 100
#: Fields that tell of changes, and are none.
KEPT_BY_ODOO = frozenset({"id", "create_uid", "create_date", "write_uid", "write_date"})


class State(NamedTuple):
    """A record at one moment.

    :ivar str name: as people know it
    :ivar subject: the record that it is a part of, as ``(model, id, name)``: itself, or the key of a grant
    :ivar int holder_id: of the user who may read about it; 0 for managers only
    :ivar dict values: by field name, a pair each: as JSON has it, and as people read it
    """

    name: str
    subject: tuple
    holder_id: int
    values: dict


def recorded_fields(model):
    """The fields of a model whose changes are recorded.

    Secrets are not: whoever stores one marks its field with ``groups=fields.NO_ACCESS``. Lines
    record themselves, so fields of the type one2many are left out.

    :param model: of ``jsonrpc.audited``
    :rtype: list[odoo.fields.Field]
    """
    return [
        field
        for name, field in model._fields.items()
        if field.store
        and field.type not in ("one2many", "binary")
        and field.groups != fields.NO_ACCESS
        and name not in KEPT_BY_ODOO
        and name not in model._audit_ignored
    ]


def states(records):
    """What there is to keep of records now.

    :param records: of ``jsonrpc.audited``
    :returns: a :class:`State` by record
    """
    # sudo: the trail does not depend on what the one who makes a change may read.
    known = records.sudo().with_context(active_test=False)
    columns = recorded_fields(known)
    labels = known.fields_get([field.name for field in columns], ["selection"]) if known else {}
    found = {}
    for record, full in zip(records, known, strict=True):
        subject = full._audit_subject()
        found[record] = State(
            name=cut(full.display_name or ""),
            subject=(subject._name, subject.id, cut(subject.display_name or "")),
            holder_id=full._audit_holder().id or 0,
            values={
                field.name: _value(full[field.name], field, labels.get(field.name, {}).get("selection"))
                for field in columns
            },
        )
    return found


def differences(model, before, after):
    """What two states of one record differ in.

    :param model: of the record
    :param before: a :class:`State`, or ``None`` where it did not exist
    :param after: the same
    :returns: a list of dicts: ``field``, ``label``, ``type``, ``old``, ``new``, and for people
        ``old_text`` and ``new_text``
    """
    nothing = (None, "")
    old, new = before.values if before else {}, after.values if after else {}
    changed = [name for name in {**old, **new} if old.get(name, nothing) != new.get(name, nothing)]
    labels = model.sudo().fields_get(changed, ["string"]) if changed else {}
    return [
        {
            "field": name,
            "label": labels[name]["string"],
            "type": model._fields[name].type,
            "old": _cut_value(old.get(name, nothing)[0]),
            "new": _cut_value(new.get(name, nothing)[0]),
            "old_text": cut(old.get(name, nothing)[1]),
            "new_text": cut(new.get(name, nothing)[1]),
        }
        for name in changed
    ]


def cut(text):
    """A text of bounded length, without control characters but line breaks and tabs."""
    kept = without_control_characters(text[:LONGEST], lines=True)
    return kept if len(text) <= LONGEST else f"{kept}… ({len(text)})"


def _cut_value(value):
    if isinstance(value, str):
        return cut(value)
    return value[:_MOST_RECORDS] if isinstance(value, list) else value


def _value(value, field, selection):
    """A value as JSON has it, and as people read it; nothing is ``(None, "")``."""
    if field.type == "boolean":
        # False is what nothing is, and says nothing of a new record.
        return (True, "") if value else (None, "")
    if field.type in ("integer", "float"):
        return value, str(value)
    if not value:
        return None, ""
    if field.type == "many2one":
        return value.id, value.display_name or ""
    if field.type == "many2many":
        names = sorted(record.display_name or "" for record in value[:_MOST_RECORDS])
        return sorted(value.ids), ", ".join(names)
    if field.type == "selection":
        return value, str(dict(selection or ()).get(value, value))
    if field.type in ("date", "datetime"):
        return field.to_string(value), ""
    return str(value), str(value)
