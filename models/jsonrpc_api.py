"""The model ``jsonrpc.api``: the registry of what can be called on this database.

Addons add methods by inheriting from it (``api.py`` shows how). It knows how methods are
found; it must not know how a call reaches them.
"""

import logging
from functools import partial
from inspect import isgeneratorfunction
from types import MappingProxyType
from typing import NamedTuple

from odoo import api, models
from odoo.tools import ormcache

from ..api import mark_of
from ..engine.access.credential import Credential
from ..engine.compat import odoo_orm
from ..engine.protocol import signature
from ..engine.protocol.errors import MethodNotFound

_logger = logging.getLogger(__name__)


class Fault(NamedTuple):
    """A declared method that cannot be served.

    :ivar name: by which it would be called
    :ivar where: the model, and the function if that is what is wrong
    :ivar reason: for whoever wrote it
    """

    name: str
    where: str
    reason: str


class JsonrpcApi(models.AbstractModel):
    _name = "jsonrpc.api"
    _description = "JSON-RPC API"

    #: First part of the names of this model's methods; set by each inheriting model.
    _jsonrpc_namespace = None

    @api.model
    def _jsonrpc_method(self, name):
        """The method with this name.

        :param str name: as in the request's ``method``
        :returns: a :class:`~..engine.protocol.spec.MethodSpec`
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

        :returns: a read-only mapping of names to :class:`~..engine.protocol.spec.MethodSpec`
        """
        specs, faults = self._jsonrpc_declared_methods()
        for fault in faults:
            self._jsonrpc_log_once("The JSON-RPC method %s of %s cannot be served: %s", *fault)
        for spec in self.env["jsonrpc.resource"]._jsonrpc_specs():
            if spec.name in specs:
                # Saving such a resource is refused; the method came later, with an addon.
                self._jsonrpc_log_once("The JSON-RPC method %s of a resource gives way to one in Python", spec.name)
            else:
                specs[spec.name] = spec
        return MappingProxyType(specs)

    @api.model
    def _jsonrpc_declared_methods(self):
        """The methods that addons declare in Python.

        A method that cannot be served is left out alone: a mistake in one addon must not take
        the API of the database down. Of two with one name neither is served, since nobody can
        tell which of them a caller means.

        :returns: a dict of names to :class:`~..engine.protocol.spec.MethodSpec`, and the
            :class:`Fault` of each that was left out
        """
        specs, faults, owners = {}, [], {}
        for model_name in sorted(self.env.registry.descendants(["jsonrpc.api"], "_inherit")):
            for found in self.env[model_name]._jsonrpc_own_methods():
                if isinstance(found, Fault):
                    faults.append(found)
                elif found.name in owners:
                    first = owners[found.name]
                    specs.pop(found.name, None)
                    faults.append(Fault(found.name, model_name, f"{first} declares a method of this name too"))
                else:
                    specs[found.name], owners[found.name] = found, model_name
        return specs, faults

    @api.model
    def _jsonrpc_check_methods(self):
        """See to it that every declared method is served; for the tests of those who write them.

        :raises ValueError: one is not; the message has the reason of each
        """
        _specs, faults = self._jsonrpc_declared_methods()
        if faults:
            raise ValueError("\n".join(f"{name} of {where}: {reason}" for name, where, reason in faults))

    @api.model
    def _jsonrpc_log_once(self, message, *args):
        """Log an error at its first time since the registry was loaded: its caches are emptied far more often."""
        logged = odoo_orm.kept_with_registry(self.env.registry, "logged", set)
        if (message, args) not in logged:
            logged.add((message, args))
            _logger.error(message, *args)

    @api.model
    def _jsonrpc_own_methods(self):
        """Yield the specifications of the methods that this model adds, and a :class:`Fault` for each wrong one."""
        cls = self.env.registry[self._name]
        if not self._jsonrpc_namespace:
            return
        for attribute in sorted(dir(cls)):
            marked = _marked(cls, attribute)
            if marked is None:
                continue
            try:
                found = self._jsonrpc_spec(attribute, marked)
            except Exception as exc:  # noqa: BLE001 - what another addon annotates may raise anything
                name = f"{self._jsonrpc_namespace}.{mark_of(marked).name}"
                where = f"{self._name} ({marked.__module__}.{marked.__qualname__})"
                found = Fault(name, where, f"{type(exc).__name__}: {exc}")
            yield found

    @api.model
    def _jsonrpc_spec(self, attribute, function):
        """Describe one published method.

        :param str attribute: its name in the model; the call goes through it, so that
            overrides and ``super()`` work as everywhere in Odoo
        :param function: the most derived definition that carries the decorator
        :returns: a :class:`~..engine.protocol.spec.MethodSpec`
        :raises TypeError: it is to stream and no generator, or as :func:`signature.describe`
        """
        mark = mark_of(function)
        if mark.streams and not isgeneratorfunction(function):
            raise TypeError("a method that streams is a generator")
        model_name = self._name
        injected = signature.injected_names(function, (Credential,))
        spread = signature.arguments(function)

        def call(env, context, values):
            args, kwargs = spread(values | dict.fromkeys(injected, context.credential))
            return getattr(env[model_name], attribute)(*args, **kwargs)

        def invoke(context, values):
            if mark.streams:
                # Not called before the stream has an environment of its own.
                return partial(call, context=context, values=values)
            return call(context.env, context, values)

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
            streams=mark.streams,
            injected=(Credential,),
        )


def _marked(cls, attribute):
    """The most derived definition of ``attribute`` that carries our decorator, if any."""
    for ancestor in cls.__mro__:
        function = vars(ancestor).get(attribute)
        if mark_of(function) is not None:
            return function
    return None
