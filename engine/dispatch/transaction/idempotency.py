"""Writes that happen once, however often a client repeats them.

After draft-ietf-httpapi-idempotency-key-header. What a write answered is stored in its own
transaction, under the key that the client chose: there is no effect without its memory, and
none twice. Who repeats it gets the same answer; who sends something else under the same key,
or repeats it while it still runs, is refused.

It must not know HTTP, nor what the writes do.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import orjson

from ...protocol.errors import (
    ApplicationError,
    Forbidden,
    IdempotencyMismatch,
    InProgress,
    InternalError,
    NotFound,
    RpcError,
    UserRefused,
    ValidationFailed,
)
from ...protocol.jsonrpc import codec
from ...protocol.values import plain
from ..answer import Accepted, Answer, Whole

if TYPE_CHECKING:
    from ...protocol.spec import MethodSpec
    from ..context import CallContext

#: Hours for which a write is remembered.
HOURS = 24

_FIND = """
    SELECT fingerprint, outcome FROM jsonrpc_idempotency
     WHERE scope = %s AND key = %s AND expires_at > now() AT TIME ZONE 'UTC'
"""
# An expired memory makes room. A fresh one that another transaction has made since ours began
# fails to serialize here, and Odoo replays us: then we find it.
_KEEP = """
    INSERT INTO jsonrpc_idempotency AS kept (scope, key, fingerprint, outcome, expires_at)
    VALUES (%s, %s, %s, %s, now() AT TIME ZONE 'UTC' + %s * interval '1 hour')
        ON CONFLICT (scope, key) DO UPDATE
       SET fingerprint = excluded.fingerprint, outcome = excluded.outcome, expires_at = excluded.expires_at
     WHERE kept.expires_at <= now() AT TIME ZONE 'UTC'
"""


# How the outcome of a write begins that was answered as a whole; then comes the result's text, and a brace.
_RESULT = '{"result":'

# What a repetition would be told again: the method refused, and not the gateway, the moment or
# a mistake of ours.
_FINAL = (ApplicationError, UserRefused, ValidationFailed, NotFound, Forbidden)


def is_final(error: RpcError) -> bool:
    """Whether an error is worth remembering: one that a repetition would not mend."""
    return isinstance(error, _FINAL)


class Memory:
    """What is remembered of one write.

    :param context: of the call; its credential is whose idempotency key it is
    :param key: that the client chose
    :param spec: the method
    :param arguments: by name; with the method they are what the key stands for
    """

    def __init__(self, context: CallContext, key: str, spec: MethodSpec, arguments: dict[str, Any]):
        self._cr = context.env.cr
        self._scope = _scope(context)
        self._key = key
        self._fingerprint = _fingerprint(spec, arguments)

    def recall(self) -> Answer | None:
        """Find what the write answered, and keep repetitions of it out until our transaction ends.

        :returns: ``None`` if it never happened
        :raises InProgress: it is happening now, in another transaction
        :raises IdempotencyMismatch: something else happened under this key
        :raises RpcError: what the write was refused with
        """
        name = f"{self._scope}\n{self._key}"
        self._cr.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        if not self._cr.fetchone()[0]:
            raise InProgress(data={"retry_after": 1})
        self._cr.execute(_FIND, [self._scope, self._key])
        found = self._cr.fetchone()
        if found is None:
            return None
        fingerprint, outcome = found
        if fingerprint != self._fingerprint:
            raise IdempotencyMismatch
        if outcome.startswith(_RESULT):
            return Whole(outcome[len(_RESULT) : -1].encode(), replayed=True)
        members = orjson.loads(outcome)
        if "error" in members:
            raise _remembered(members["error"])
        return Accepted.of(**members["accepted"], replayed=True)

    def keep_answer(self, answer: Answer) -> None:
        """Remember an answer; part of the write, undone with it."""
        text = answer.text.decode()
        self._keep(f'{{"accepted":{text}}}' if isinstance(answer, Accepted) else f"{_RESULT}{text}}}")

    def keep_error(self, error: RpcError) -> None:
        """Remember what the write was refused with, after it was undone."""
        self._keep(codec.encode({"error": error.as_member()}, plain).decode())

    def _keep(self, outcome: str) -> None:
        self._cr.execute(_KEEP, [self._scope, self._key, self._fingerprint, outcome, HOURS])


class _Remembered(RpcError):
    """An error of a write that was made before, told again."""

    code, message, type = InternalError.code, "", ""


def _remembered(members: dict[str, Any]) -> _Remembered:
    data = dict(members["data"])
    error = _Remembered(members["message"], data={**data, "replayed": True})
    error.code, error.type = members["code"], data.pop("type")
    return error


def _scope(context: CallContext) -> str:
    """Whose idempotency keys are apart from everybody else's: a key's, a user's, or an address's."""
    credential = context.credential
    if credential.key_id:
        return f"key-{credential.key_id}"
    if credential.user_id and credential.kind != "public":
        return f"user-{credential.user_id}"
    return f"address-{context.remote_addr}"


def _fingerprint(spec: MethodSpec, arguments: dict[str, Any]) -> str:
    """The digest of a call; of what is secret in it not even that is stored."""
    told = {name: value for name, value in arguments.items() if name not in spec.secrets}
    options = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
    return hashlib.sha256(orjson.dumps([spec.name, told], plain, options)).hexdigest()
