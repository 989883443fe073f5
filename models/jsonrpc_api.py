"""The model ``jsonrpc.api``: the registry of what can be called on this database.

Addons add methods by inheriting from it (``api.py`` shows how). It knows how methods are
found; it must not know how a call reaches them.
"""

import logging
from types import MappingProxyType

from odoo import api, models
from odoo.tools import ormcache

from ..api import mark_of
from ..protocol import signature
from ..protocol.credential import Credential
from ..protocol.errors import MethodNotFound

_logger = logging.getLogger(__name__)


class JsonrpcApi(models.AbstractModel):
    _name = "jsonrpc.api"
    _description = "JSON-RPC API"

    #: First part of the names of this model's methods; set by each inheriting model.
    _jsonrpc_namespace = None

    @api.model
    def _jsonrpc_method(self, name):
        """The method with this name.

        :param str name: as in the request's ``method``
        :returns: a :class:`~.protocol.spec.MethodSpec`
        :raises MethodNotFound: there is none
        """
        spec = self._jsonrpc_methods().get(name)
        if spec is None:
            raise MethodNotFound
        return spec

    @api.model
    @ormcache()
    def _jsonrpc_methods(self):
        """All methods of this database, whoever may call them.

        From the registry and the resources and nothing else, so it is right for each database
        and right again after an addon was uninstalled.

        :returns: a read-only mapping of names to :class:`~.protocol.spec.MethodSpec`
        :raises ValueError: two models declare the same name
        """
        specs = self._jsonrpc_declared_methods()
        for spec in self.env["jsonrpc.resource"]._jsonrpc_specs():
            if spec.name in specs:
                # Saving such a resource is refused; the method came later, with an addon.
                _logger.error("The JSON-RPC method %r of a resource gives way to one declared in Python", spec.name)
            else:
                specs[spec.name] = spec
        return MappingProxyType(specs)

    @api.model
    def _jsonrpc_declared_methods(self):
        """The methods that addons declare in Python.

        :returns: a dict of names to :class:`~.protocol.spec.MethodSpec`
        :raises ValueError: two models declare the same name
        """
        specs = {}
        for model_name in sorted(self.env.registry.descendants(["jsonrpc.api"], "_inherit")):
            for spec in self.env[model_name]._jsonrpc_own_methods():
                if spec.name in specs:
                    raise ValueError(f"The JSON-RPC method {spec.name!r} is declared twice, once in {model_name!r}.")
                specs[spec.name] = spec
        return specs

    @api.model
    def _jsonrpc_own_methods(self):
        """Yield the specifications of the methods that this model adds."""
        cls = self.env.registry[self._name]
        if not self._jsonrpc_namespace:
            return
        for attribute in sorted(dir(cls)):
            marked = _marked(cls, attribute)
            if marked is not None:
                yield self._jsonrpc_spec(attribute, marked)

    @api.model
    def _jsonrpc_spec(self, attribute, function):
        """Describe one published method.

        :param str attribute: its name in the model; the call goes through it, so that
            overrides and ``super()`` work as everywhere in Odoo
        :param function: the most derived definition that carries the decorator
        :returns: a :class:`~.protocol.spec.MethodSpec`
        """
        mark = mark_of(function)
        model_name = self._name
        injected = signature.injected_names(function, (Credential,))
        spread = signature.arguments(function)

        def invoke(context, values):
            args, kwargs = spread(values | dict.fromkeys(injected, context.credential))
            return getattr(context.env[model_name], attribute)(*args, **kwargs)

        return signature.describe(
            function,
            name=f"{self._jsonrpc_namespace}.{mark.name}",
            invoke=invoke,
            access=mark.access,
            actions=(mark.action,) if mark.action else (),
            public=mark.public,
            publishable=mark.publishable,
            needs_grant=mark.needs_grant,
            errors=mark.errors,
            deprecated=mark.deprecated,
            injected=(Credential,),
        )


def _marked(cls, attribute):
    """The most derived definition of ``attribute`` that carries our decorator, if any."""
    for ancestor in cls.__mro__:
        function = ancestor.__dict__.get(attribute)
        if mark_of(function) is not None:
            return function
    return None
