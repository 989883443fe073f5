"""The document that the server gives: for whom, in which form, and whether it is true."""

import gzip
import json

from odoo.tests import tagged

from ...api import mark_of
from ...engine.protocol import errors
from ...engine.protocol.openrpc.sample import Sampler
from ...engine.tests.meta_schema import breaches, misfits
from ..common import JsonRpcCase

URL = "/jsonrpc/2/openrpc.json"
#: Of these a call takes one: their descriptions say so, JSON Schema has no word for it.
ALTERNATIVES = {"id": "ids", "values": "list"}
#: Only an answer gives a value for these.
OPAQUE = {"cursor"}


class OpenRpcCase(JsonRpcCase):
    def get(self, *, key=None, method="GET", **headers):
        if key:
            headers["Authorization"] = f"Bearer {key}"
        return self.opener.request(method, self.base_url() + URL, headers=headers)

    def document(self, **options):
        response = self.get(**options)
        self.assertEqual(response.status_code, 200, response.text)
        return response.json()

    def names(self, **options):
        return {method["name"] for method in self.document(**options)["methods"]}


@tagged("post_install", "-at_install")
class TestDocument(OpenRpcCase):
    def test_document_satisfies_the_meta_schema(self):
        self.assertEqual(breaches(self.document(key=self.issue_key())), [])

    def test_discover_gives_the_same_document(self):
        key = self.issue_key()
        self.assertEqual(self.call("rpc.discover", key=key), self.document(key=key))
        self.assertEqual(self.call("rpc.discover", []), self.document())

    def test_discover_takes_no_params(self):
        error = self.refused("rpc.discover", [1])
        self.assertEqual(error["code"], errors.InvalidParams.code)

    def test_other_reserved_name_is_unknown(self):
        self.assertEqual(self.refused("rpc.describe")["code"], errors.MethodNotFound.code)

    def test_public_caller_sees_public_methods_only(self):
        document = self.document()
        self.assertTrue(all(method["x-public"] for method in document["methods"]))
        self.assertNotIn("partner.get_info", json.dumps(document))
        self.assertIn("rpc.discover", self.names())

    def test_key_that_reads_sees_no_method_that_writes(self):
        reading = self.names(key=self.issue_key(access="read"))
        self.assertIn("partner.get_info", reading)
        self.assertNotIn("partner.create_simple", reading)
        self.assertEqual(
            {method["x-access"] for method in self.document(key=self.issue_key(access="read"))["methods"]}, {"read"}
        )

    def test_key_that_writes_sees_everything(self):
        self.assertEqual(self.names(key=self.issue_key()), set(self.env["jsonrpc.api"]._jsonrpc_methods()))

    def test_session_sees_what_its_user_may_call(self):
        self.authenticate("admin", "admin")
        self.assertEqual(self.names(), set(self.env["jsonrpc.api"]._jsonrpc_methods()))

    def test_calls_are_sent_where_the_document_says(self):
        self.env["ir.config_parameter"].set_param("web.base.url", "https://erp.example.com")
        (server,) = self.document()["servers"]
        self.assertEqual(server["url"], "https://erp.example.com/jsonrpc/2/api")

    def test_changed_method_is_documented_anew(self):
        key = self.issue_key()
        before = self.get(key=key).headers["ETag"]
        methods = self.env["jsonrpc.api"]._jsonrpc_methods
        fewer = {name: spec for name, spec in methods().items() if name != "partner.get_info"}
        self.patch(self.env.registry["jsonrpc.api"], "_jsonrpc_methods", lambda self: fewer)
        self.env.registry.clear_cache()
        self.assertNotIn("partner.get_info", self.names(key=key))
        self.assertNotEqual(self.get(key=key).headers["ETag"], before)

    def test_text_is_in_the_language_of_the_user(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        resource = self.env["jsonrpc.resource"].create(
            {
                "name": "tried",
                "model_id": self.env["ir.model"]._get_id("res.bank"),
                "description": "Banks",
                "field_ids": [(0, 0, {"field_id": self.env["ir.model.fields"]._get("res.bank", "bic").id})],
            }
        )
        resource.with_context(lang="fr_FR").description = "Banques"
        line = resource.field_ids.field_id.with_context(lang="fr_FR")
        line.field_description = "Code de la banque"
        key = self.issue_key()

        def texts():
            document = self.document(key=key)
            (method,) = (method for method in document["methods"] if method["name"] == "tried.get")
            return method["description"], json.dumps(document, ensure_ascii=False)

        description, schemas = texts()
        self.assertEqual(description, "Banks")
        self.assertNotIn("Code de la banque", schemas)
        self.admin.lang = "fr_FR"
        description, schemas = texts()
        self.assertEqual(description, "Banques")
        self.assertIn("Code de la banque", schemas)
        self.admin.lang = "en_US"
        self.assertEqual(texts()[0], "Banks")

    def test_changed_resource_is_documented_anew(self):
        resource = self.env["jsonrpc.resource"].create(
            {"name": "tried", "model_id": self.env["ir.model"]._get_id("res.bank")}
        )
        key = self.issue_key()
        self.assertIn("tried.get", self.names(key=key))
        self.assertNotIn("tried.delete", self.names(key=key))
        resource.write({"can_delete": True, "can_get": False})
        self.assertIn("tried.delete", self.names(key=key))
        self.assertNotIn("tried.get", self.names(key=key))
        resource.domain = "[('bic', '=', 'NOWHERE')]"
        self.assertEqual(self.call("tried.count", key=key), 0)
        resource.unlink()
        self.assertNotIn("tried.delete", self.names(key=key))


@tagged("post_install", "-at_install")
class TestHttp(OpenRpcCase):
    def test_answer_is_json_for_this_caller_only(self):
        response = self.get(key=self.issue_key())
        self.assertEqual(response.headers["Content-Type"], "application/json")
        self.assertEqual(response.headers["Cache-Control"], "private, no-cache")
        self.assertIn("Authorization", response.headers["Vary"])
        self.assertIn("Cookie", response.headers["Vary"])
        self.assertIn("X-Request-Id", response.headers)
        self.assertNotIn("Set-Cookie", response.headers)

    def test_unchanged_document_is_not_sent_again(self):
        key = self.issue_key()
        etag = self.get(key=key).headers["ETag"]
        response = self.get(key=key, **{"If-None-Match": etag})
        self.assertEqual((response.status_code, response.content), (304, b""))
        self.assertEqual(response.headers["ETag"], etag)
        # What a caller with other rights has is not what this one may have.
        self.assertEqual(self.get(**{"If-None-Match": etag}).status_code, 200)

    def test_encoding_is_as_the_client_accepts(self):
        plain = self.get(**{"Accept-Encoding": "gzip;q=0"})
        self.assertNotIn("Content-Encoding", plain.headers)
        packed = self.get(**{"Accept-Encoding": "gzip"})
        self.assertEqual(packed.headers["Content-Encoding"], "gzip")
        self.assertEqual(packed.json(), plain.json())
        self.assertNotEqual(packed.headers["ETag"], plain.headers["ETag"])
        discovery = self.env["jsonrpc.api.discovery"]
        document = discovery._document_of(("system.version",), "en_US", "https://a.b")
        self.assertEqual(gzip.decompress(document.compressed), document.body)

    def test_head_gives_the_headers_only(self):
        key = self.issue_key()
        response = self.get(key=key, method="HEAD")
        self.assertEqual((response.status_code, response.content), (200, b""))
        self.assertEqual(response.headers["ETag"], self.get(key=key).headers["ETag"])

    def test_bad_key_is_refused_as_json(self):
        response = self.get(key="jrg_sk_nonsense")
        self.assertEqual(response.status_code, 401)
        self.assertIn("invalid_token", response.headers["WWW-Authenticate"])
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        self.assertEqual(response.json()["error"]["code"], errors.Unauthenticated.code)
        self.assertEqual(response.json()["error"]["data"]["request_id"], response.headers["X-Request-Id"])

    def test_guesses_of_keys_are_limited(self):
        statuses = [self.get(key="jrg_sk_nonsense").status_code for _ in range(12)]
        self.assertEqual(statuses[0], 401)
        self.assertEqual(statuses[-1], 429)

    def test_revoked_key_is_refused(self):
        token = self.issue_key()
        self.assertEqual(self.get(key=token).status_code, 200)
        self.env["jsonrpc.key"].search([("user_id", "=", self.admin.id)]).action_revoke()
        self.assertEqual(self.get(key=token).status_code, 401)

    def test_other_verbs_are_refused_as_json(self):
        for verb in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
            response = self.get(method=verb)
            self.assertEqual(response.status_code, 405, verb)
            self.assertEqual(set(response.headers["Allow"].split(", ")), {"GET", "HEAD"})
            self.assertEqual(response.json()["error"]["code"], errors.MethodNotAllowed.code)

    def test_surprise_is_an_error_without_its_cause(self):
        def fail(self, credential):
            raise RuntimeError("secret")

        self.patch(self.env.registry["jsonrpc.api.discovery"], "_document", fail)
        with self.assertLogs("odoo.http", "ERROR"):
            response = self.get()
        self.assertEqual(response.status_code, 500)
        self.assertEqual(response.json()["error"]["code"], errors.InternalError.code)
        self.assertNotIn("secret", response.text)

    def test_foreign_page_gets_nothing_by_the_session(self):
        self.authenticate("admin", "admin")
        response = self.get(Origin="https://evil.example.com")
        self.assertEqual(response.status_code, 403)
        self.assertNotIn("Access-Control-Allow-Origin", response.headers)


@tagged("post_install", "-at_install")
class TestReality(OpenRpcCase):
    """The document is what the server does, both ways."""

    def test_documented_calls_are_understood(self):
        key = self.issue_key()
        document = self.document(key=key)
        sampler = Sampler(document)
        impossible = {
            error.code: error.__name__
            for error in (errors.MethodNotFound, errors.InvalidParams, errors.InternalError, errors.Unauthenticated)
        }
        for method in document["methods"]:
            if self._fails_on_purpose(method["name"]):
                continue
            for sent in self._calls(method, sampler):
                with self.subTest(method["name"], params=sent):
                    response = self.rpc(method["name"], sent, key=key)
                    code = response.get("error", {}).get("code")
                    self.assertNotIn(code, impossible, response)
                    if code is None:
                        self.assertEqual(misfits(document, method["result"]["schema"], response["result"]), [])
                    else:
                        self.assertIn(code, self._codes(document, method), response)

    def _calls(self, method, sampler):
        """Params that the document says are right: its examples, by name and position, and each more param."""
        schemas = {param["name"]: param["schema"] for param in method["params"]}
        for example in method["examples"]:
            sent = {param["name"]: param["value"] for param in example["params"]}
            yield sent
            if list(sent) == list(schemas)[: len(sent)]:
                yield list(sent.values())
            for name in schemas.keys() - sent.keys() - {ALTERNATIVES.get(name) for name in sent} - OPAQUE:
                yield {**sent, name: sampler.smallest(schemas[name])}
                yield {**sent, name: sampler.whole(schemas[name])}

    def test_what_is_not_documented_is_refused(self):
        methods = self.env["jsonrpc.api"]._jsonrpc_methods()
        for options in ({}, {"key": self.issue_key(access="read")}, {"key": self.issue_key()}):
            for name in methods.keys() - self.names(**options):
                with self.subTest(name, **options):
                    code = self.refused(name, **options)["code"]
                    self.assertIn(code, (errors.Unauthenticated.code, errors.Forbidden.code))

    def test_what_is_found_by_introspection_is_documented(self):
        documented = self.names(key=self.issue_key())
        found = 0
        for model in self.env.registry.values():
            namespace = getattr(model, "_jsonrpc_namespace", None)
            for attribute in dir(model):
                if mark := mark_of(getattr(model, attribute, None)):
                    self.assertIn(f"{namespace}.{mark.name}", documented)
                    found += 1
        self.assertGreaterEqual(found, 6)

    def _codes(self, document, method):
        keys = (reference["$ref"].rpartition("/")[2] for reference in method["errors"])
        return {document["components"]["errors"][key]["code"] for key in keys}

    def _fails_on_purpose(self, name):
        """Whether it is a method that other tests brought to see it fail."""
        namespace = name.rpartition(".")[0]
        return any(
            model._original_module.startswith("test_")
            for model in self.env.registry.values()
            if getattr(model, "_jsonrpc_namespace", None) == namespace
        )
