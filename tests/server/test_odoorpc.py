"""Odoo's own endpoints go on as before beside ours: its clients notice nothing of the addon."""

import urllib.parse
import xmlrpc.client

import odoorpc

from ..server_common import ServerCase


class TestOdooEndpoints(ServerCase):
    @property
    def address(self):
        return urllib.parse.urlsplit(self.server.url)

    def test_odoorpc_logs_in_and_works(self):
        client = odoorpc.ODOO(self.address.hostname, port=self.address.port)
        self.assertIn(self.database.name, client.db.list())
        client.login(self.database.name, "admin", "admin")
        self.assertEqual(client.env.user.login, "admin")
        partners = client.env["res.partner"]
        partner = partners.create({"name": "By OdooRPC"})
        self.assertTrue(partners.write([partner], {"email": "rpc@example.com"}))
        fields = ["name", "email"]
        self.assertEqual(
            partners.search_read([("id", "=", partner)], fields),
            [{"id": partner, "name": "By OdooRPC", "email": "rpc@example.com"}],
        )
        self.assertEqual(partners.browse(partner).name, "By OdooRPC")
        self.assertTrue(partners.unlink([partner]))
        self.assertEqual(partners.search([("id", "=", partner)]), [])
        client.logout()

    def test_odoorpc_gets_odoos_own_errors(self):
        client = odoorpc.ODOO(self.address.hostname, port=self.address.port)
        with self.assertRaises(odoorpc.error.RPCError):
            client.login(self.database.name, "admin", "wrong")
        client.login(self.database.name, "admin", "admin")
        with self.assertRaises(odoorpc.error.RPCError) as caught:
            client.execute("res.partner", "no_such_method", [1])
        self.assertIn("no_such_method", str(caught.exception))
        self.assertIn("Traceback", caught.exception.info["data"]["debug"])

    def test_jsonrpc_has_its_own_ways(self):
        # What we refuse: params that are null, no version, no id, a method that nobody knows.
        params = {"service": "common", "method": "version", "args": []}
        response = self.server.post("/jsonrpc", {"method": "anything", "params": params})
        self.assertEqual(set(response.json()), {"jsonrpc", "id", "result"})
        self.assertEqual(self.server.post("/jsonrpc", "[]").status_code, 400)
        self.assertEqual(self.server.post("/jsonrpc", "{").status_code, 400)
        failed = self.server.post("/jsonrpc", {"params": {"service": "object", "method": "execute", "args": []}}).json()
        self.assertEqual((failed["error"]["code"], failed["error"]["message"]), (0, "Odoo Server Error"))

    def test_xmlrpc_works(self):
        url = self.server.url
        common = xmlrpc.client.ServerProxy(f"{url}/xmlrpc/2/common")
        self.assertEqual(common.version()["protocol_version"], 1)
        uid = common.authenticate(self.database.name, "admin", "admin", {})
        models = xmlrpc.client.ServerProxy(f"{url}/xmlrpc/2/object")
        args = (self.database.name, uid, "admin", "res.partner")
        partner = models.execute_kw(*args, "create", [{"name": "By XML-RPC"}])
        self.assertEqual(models.execute_kw(*args, "read", [[partner], ["name"]])[0]["name"], "By XML-RPC")
        self.assertTrue(models.execute_kw(*args, "unlink", [[partner]]))
        with self.assertRaises(xmlrpc.client.Fault):
            models.execute_kw(*args, "no_such_method", [])

    def test_json_2_works_with_keys_of_odoo_and_not_with_ours(self):
        printed = self.database.shell(
            "admin = env.ref('base.user_admin')\n"
            "print(env['res.users.apikeys'].with_user(admin).sudo()._generate('rpc', 'Test', False))\n"
            "print(env['jsonrpc.key']._issue(name='Test', user=admin, access='write', full_orm=True)[1])"
        )
        odoos, ours = printed.split()[-2:]
        body = {"domain": [["id", "=", 2]], "fields": ["login"]}
        response = self.server.post("/json/2/res.users/search_read", body, key=odoos)
        self.assertEqual(response.json(), [{"id": 2, "login": "admin"}])
        self.assertEqual(self.server.post("/json/2/res.users/search_read", body, key=ours).status_code, 401)
        self.assertEqual(self.server.post("/json/2/res.users/search_read", body).status_code, 401)
        # Our methods are for our endpoints only.
        response = self.server.post("/json/2/jsonrpc.api.partner/get_info", {"ids": [], "partner_id": 1}, key=odoos)
        self.assertEqual((response.status_code, response.json()["name"]), (403, "odoo.exceptions.AccessError"))
        response = self.server.post("/jsonrpc/2/api", {"jsonrpc": "2.0", "method": "system.whoami", "id": 1}, key=odoos)
        self.assertEqual(response.status_code, 401)

    def test_web_client_logs_in(self):
        params = {"db": self.database.name, "login": "admin", "password": "admin"}
        body = {"jsonrpc": "2.0", "method": "call", "params": params, "id": 1}
        response = self.server.post("/web/session/authenticate", body)
        self.assertEqual(response.json()["result"]["username"], "admin")
        self.assertIn("HttpOnly", response.headers["Set-Cookie"])
        self.assertEqual(self.server.request("GET", "/web/login").status_code, 200)
        self.assertEqual(
            self.server.request("GET", "/no/such/page").headers["Content-Type"], "text/html; charset=utf-8"
        )
