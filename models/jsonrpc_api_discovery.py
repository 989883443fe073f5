"""The method ``rpc.discover``, and the document that it gives: what this caller may call.

It must not know how a document is made of methods, nor HTTP.
"""

import gzip
import hashlib
from dataclasses import replace
from typing import NamedTuple

from odoo import api, models
from odoo.tools import ormcache

from ..engine.access.credential import Credential
from ..engine.compat import odoo_server
from ..engine.protocol import signature
from ..engine.protocol.jsonrpc import codec
from ..engine.protocol.jsonrpc.message import Encoded
from ..engine.protocol.openrpc.document import openrpc_document

#: Where calls are sent to.
_ENDPOINT = "/jsonrpc/2/api"
_RESULT = {
    "type": "object",
    "title": "OpenRPC document",
    "description": "As https://spec.open-rpc.org says.",
    "required": ["openrpc", "info", "methods"],
}


class Document(NamedTuple):
    """An OpenRPC document, encoded once for all who may see the same.

    :ivar body: the JSON text
    :ivar compressed: the same, by gzip
    :ivar etag: the same for the same text only (RFC 9110 section 8.8.3), without quotes
    """

    body: bytes
    compressed: bytes
    etag: str


def _discover(caller: Credential):
    """The OpenRPC document of what the caller may call.

    "The method MUST be named `rpc.discover`" (OpenRPC 1.3.2, "Service Discovery Method").

    :returns: the same document as `GET /jsonrpc/2/openrpc.json`
    """


class JsonrpcApiDiscovery(models.AbstractModel):
    _name = "jsonrpc.api.discovery"
    _inherit = "jsonrpc.api"
    _description = "JSON-RPC API: discovery"

    @api.model
    def _jsonrpc_own_methods(self):
        """Yield ``rpc.discover``; only the gateway itself may take a reserved name."""
        model_name = self._name

        def invoke(context, values):
            return Encoded(context.env[model_name]._document(context.credential).body)

        spec = signature.describe(
            _discover,
            name="rpc.discover",
            invoke=invoke,
            access="read",
            public=True,
            reserved=True,
            injected=(Credential,),
        )
        yield replace(spec, result=_RESULT)

    @api.model
    def _document(self, credential):
        """The document for a caller, in the language of the environment.

        :param credential: a :class:`Credential`
        :rtype: Document
        """
        methods = self.env["jsonrpc.api"]._jsonrpc_methods()
        names = tuple(sorted(name for name, spec in methods.items() if credential.may(spec)))
        hidden = self.env["jsonrpc.resource"]._jsonrpc_hidden()
        return self._document_of(names, self.env.lang, self.get_base_url(), hidden)

    @api.model
    @ormcache("names", "lang", "base_url", "hidden")
    def _document_of(self, names, lang, base_url, hidden=()):
        """The document of some methods.

        In the cache by what is in it and not by whom it is for: however rights come to
        differ, callers with the same ones share a document and others cannot. The cache is
        the one that the methods are in, so a change of them empties both.

        :param tuple names: of the methods, sorted
        :param lang: of the environment
        :param str base_url: of this server
        :param tuple hidden: fields of resources that do not exist for these callers
        :rtype: Document
        """
        methods = self._translated(lang, hidden)
        body = codec.encode(
            openrpc_document(
                (methods[name] for name in names),
                title=self.env._("Odoo JSON-RPC API"),
                description=self._document_description(),
                version=odoo_server.addon_version("jsonrpc_gateway"),
                server_url=base_url + _ENDPOINT,
            )
        )
        return Document(body, gzip.compress(body, mtime=0), hashlib.sha256(body).hexdigest()[:32])

    @api.model
    def _translated(self, lang, hidden):
        """All methods, those of resources with the texts of a language.

        What they do is the same in any; the texts are for reading only.

        :returns: a dict of names to :class:`~..engine.protocol.spec.MethodSpec`
        """
        methods = dict(self.env["jsonrpc.api"]._jsonrpc_methods())
        resources = self.env["jsonrpc.resource"]
        translated = {spec.name: spec for spec in resources._jsonrpc_specs(lang, hidden)}
        for spec in resources._jsonrpc_specs():
            # Not one that gave way to a method of the same name in Python.
            if methods.get(spec.name) is spec:
                methods[spec.name] = translated.get(spec.name, spec)
        return methods

    @api.model
    def _document_description(self):
        """What holds for every method, as Markdown."""
        return self.env._(
            "JSON-RPC 2.0 over HTTP: send a request, or an array of them, by POST as"
            " `application/json`. Prove who you are with `Authorization: Bearer <API key>`."
            " Only the methods that you may call are listed.\n\n"
            "Errors carry a stable `type` and the `request_id` in `data`. Dates are ISO 8601,"
            " datetimes in UTC; an empty value is `null`."
        )
