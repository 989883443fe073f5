"""Who may do what with API keys: every cell of the rights matrix."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger

_USER_GROUP = "base.group_user,jsonrpc_gateway.jsonrpc_gateway_group_user"
_MANAGER_GROUP = "base.group_user,jsonrpc_gateway.jsonrpc_gateway_group_manager"

#: Who is allowed what; everybody else is refused.
ALLOWED = {
    "read_own": {"user", "manager", "admin"},
    "read_other": {"manager", "admin"},
    "create_own": set(),
    "create_other": set(),
    "write_own": {"user", "manager", "admin"},
    "write_other": {"manager", "admin"},
    "unlink_own": {"manager", "admin"},
    "unlink_other": {"manager", "admin"},
    "issue_for_self": {"user", "manager", "admin"},
    "issue_for_other": {"admin"},
    "issue_that_never_expires": {"admin"},
    "issue_beyond_the_limit": {"admin"},
    "issue_with_full_orm": {"manager", "admin"},
    "revoke_own": {"user", "manager", "admin"},
    "revoke_other": {"manager", "admin"},
    "give_full_orm_own": {"manager", "admin"},
    # Full ORM access of somebody else is all that they may do.
    "give_full_orm_other": {"admin"},
    "take_full_orm_own": {"user", "manager", "admin"},
    # The key has full ORM access, which a user could not issue.
    "extend_own": {"manager", "admin"},
    "extend_own_without_full_orm": {"user", "manager", "admin"},
    "extend_own_beyond_the_limit": {"admin"},
    "shorten_own": {"user", "manager", "admin"},
    "search_finds_own": {"user", "manager", "admin"},
    "search_finds_other": {"manager", "admin"},
    "see_the_menu": {"user", "manager", "admin"},
    "open_wizard": {"user", "manager", "admin"},
}


class Unseen(Exception):
    """Raised by an actor who is not shown what they look for."""


class AccessCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.actors = {
            "portal": new_test_user(cls.env, "key.portal", "base.group_portal"),
            "public": cls.env.ref("base.public_user"),
            "internal": new_test_user(cls.env, "key.internal", "base.group_user"),
            "user": new_test_user(cls.env, "key.user", _USER_GROUP),
            "manager": new_test_user(cls.env, "key.manager", _MANAGER_GROUP),
            "admin": new_test_user(cls.env, "key.admin", "base.group_user,base.group_system"),
        }
        cls.bot = new_test_user(cls.env, "key.bot", "base.group_user")
        cls.soon = fields.Datetime.now() + timedelta(days=10)
        cls.other = cls._issue_for(cls.bot)

    @classmethod
    def _issue_for(cls, user, **options):
        options = {"name": "Test", "expires_at": cls.soon, "access": "write", **options}
        return cls.env["jsonrpc.key"]._issue(user=user, **options)[0]


@tagged("post_install", "-at_install")
class TestRightsMatrix(AccessCase):
    """One test for each row of :data:`ALLOWED`, a subtest for each actor."""

    def check(self, row, act):
        """Let every actor try.

        :param act: ``act(key model as the actor, the actor, the actor's own key)``; users who
            can have no key try it on somebody else's
        """
        for name, user in self.actors.items():
            with self.subTest(actor=name, row=row), self.env.cr.savepoint() as savepoint:
                own = self.other if user.share else self._issue_for(user, full_orm=True)
                model = self.env["jsonrpc.key"].with_user(user)
                self.env.invalidate_all()
                try:
                    with mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model"):
                        act(model, user, own.with_user(user))
                        self.env.flush_all()
                    allowed = True
                except (AccessError, ValidationError, Unseen):
                    allowed = False
                self.assertEqual(allowed, name in ALLOWED[row])
                savepoint.rollback()

    def test_read_own(self):
        self.check("read_own", lambda model, user, own: own.read(["name", "state", "token_hint", "last_used_at"]))

    def test_read_other(self):
        self.check("read_other", lambda model, user, own: self.other.with_user(user).read(["name"]))

    def test_create_own(self):
        self.check("create_own", lambda model, user, own: model.create(self._values(user)))

    def test_create_other(self):
        self.check("create_other", lambda model, user, own: model.create(self._values(self.bot)))

    def _values(self, user):
        return {"name": "Forged", "user_id": user.id, "access": "write", "digest": "0" * 64}

    def test_write_own(self):
        self.check("write_own", lambda model, user, own: own.write({"name": "Renamed", "access": "read"}))

    def test_write_other(self):
        self.check("write_other", lambda model, user, own: self.other.with_user(user).write({"name": "Renamed"}))

    def test_unlink_own(self):
        self.check("unlink_own", lambda model, user, own: own.unlink())

    def test_unlink_other(self):
        self.check("unlink_other", lambda model, user, own: self.other.with_user(user).unlink())

    def test_issue_for_self(self):
        self.check("issue_for_self", lambda model, user, own: self._issue(model, user))

    def test_issue_for_other(self):
        self.check("issue_for_other", lambda model, user, own: self._issue(model, self.bot))

    def test_issue_that_never_expires(self):
        self.check("issue_that_never_expires", lambda model, user, own: self._issue(model, user, expires_at=None))

    def test_issue_beyond_the_limit(self):
        late = fields.Datetime.now() + timedelta(days=91)
        self.check("issue_beyond_the_limit", lambda model, user, own: self._issue(model, user, expires_at=late))

    def test_issue_with_full_orm(self):
        self.check("issue_with_full_orm", lambda model, user, own: self._issue(model, user, full_orm=True))

    def _issue(self, model, user, **options):
        key, token = model._issue(**{"name": "Test", "user": user, "expires_at": self.soon, **options})
        self.assertEqual(model._authenticate(token).user_id, user.id)
        self.assertEqual(key.create_uid.id, model.env.uid)

    def test_revoke_own(self):
        self.check("revoke_own", lambda model, user, own: self._revoke(own))

    def test_revoke_other(self):
        self.check("revoke_other", lambda model, user, own: self._revoke(self.other.with_user(user)))

    def _revoke(self, key):
        key.action_revoke()
        self.assertEqual(key.state, "revoked")

    def test_give_full_orm_own(self):
        def act(model, user, own):
            own.sudo().full_orm = False
            own.write({"full_orm": True})

        self.check("give_full_orm_own", act)

    def test_give_full_orm_other(self):
        self.check("give_full_orm_other", lambda model, user, own: self.other.with_user(user).write({"full_orm": True}))

    def test_take_full_orm_own(self):
        self.check("take_full_orm_own", lambda model, user, own: own.write({"full_orm": False}))

    def test_extend_own(self):
        self.check("extend_own", lambda model, user, own: own.write({"expires_at": self.soon + timedelta(days=20)}))

    def test_extend_own_without_full_orm(self):
        def act(model, user, own):
            own.sudo().full_orm = False
            own.write({"expires_at": self.soon + timedelta(days=20)})

        self.check("extend_own_without_full_orm", act)

    def test_extend_own_beyond_the_limit(self):
        for expires_at in (False, self.soon + timedelta(days=81), "2100-01-01 00:00:00"):
            self.check(
                "extend_own_beyond_the_limit",
                lambda model, user, own, expires_at=expires_at: own.write({"expires_at": expires_at}),
            )

    def test_shorten_own(self):
        """Also a key that an administrator made to live longer than its user could have."""

        def act(model, user, own):
            own.sudo().expires_at = fields.Datetime.now() + timedelta(days=1000)
            own.write({"expires_at": fields.Datetime.now() + timedelta(days=500), "name": "Shorter"})
            own.sudo().expires_at = False
            own.write({"expires_at": False, "name": "As it was"})
            own.write({"expires_at": fields.Datetime.now() + timedelta(days=30)})

        self.check("shorten_own", act)

    def test_search_finds_own(self):
        self.check("search_finds_own", lambda model, user, own: self.assertIn(own, model.search([])))

    def test_search_finds_other(self):
        def act(model, user, own):
            if self.other not in model.search([("user_id", "=", self.bot.id)]):
                raise Unseen

        self.check("search_finds_other", act)

    def test_open_wizard(self):
        self.check("open_wizard", lambda model, user, own: Form(model.env["jsonrpc.key.issue"]))

    def test_see_the_menu(self):
        menus = {
            self.env.ref(f"jsonrpc_gateway.{name}").id for name in ("jsonrpc_gateway_menu_root", "jsonrpc_key_menu")
        }

        def act(model, user, own):
            if not menus <= set(model.env["ir.ui.menu"]._visible_menu_ids()):
                raise Unseen

        self.check("see_the_menu", act)
