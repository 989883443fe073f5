from .common import JsonRpcCase


class TestApi(JsonRpcCase):
    def test_get_info_returns_the_partner(self):
        partner = self.env["res.partner"].create({"name": "Ann", "email": "ann@example.com"})
        info = self.call("partner.get_info", {"partner_id": partner.id}, key=self.issue_key(access="read"))
        self.assertEqual(
            info,
            {"id": partner.id, "name": "Ann", "email": "ann@example.com", "phone": None, "is_company": False, "salesperson": None},
        )
