"""Writes that happen once, however often a client repeats them.

After draft-ietf-httpapi-idempotency-key-header. What a write answered is stored in its own
transaction, under the key that the client chose: there is no effect without its memory, and
none twice. Who repeats it gets the same answer; who sends something else under the same key,
or repeats it while it still runs, is refused.

It must not know HTTP, nor what the writes do.
"""

from __future__ import annotations

import hashlib
import hmac as constant_time
from typing import TYPE_CHECKING, Any

import orjson

from odoo.tools import hmac

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
#: Minutes for which a write of a caller who proved nothing is: enough to send it again after a cut.
STRANGERS_MINUTES = 10
#: Expired memories of strangers that one new memory of theirs deletes: they never grow beyond what is sent
#: within the minutes above, which limits bound.
_PURGED = 200

_FIND = """
    SELECT fingerprint, outcome FROM jsonrpc_idempotency
     WHERE scope = %s AND key = %s AND expires_at > now() AT TIME ZONE 'UTC'
"""
# An expired memory makes room. A fresh one that another transaction has made since ours began
# fails to serialize here, and Odoo replays us: then we find it.
_KEEP = """
    INSERT INTO jsonrpc_idempotency AS kept (scope, key, fingerprint, outcome, expires_at)
    VALUES (%s, %s, %s, %s, now() AT TIME ZONE 'UTC' + %s * interval '1 minute')
        ON CONFLICT (scope, key) DO UPDATE
       SET fingerprint = excluded.fingerprint, outcome = excluded.outcome, expires_at = excluded.expires_at
     WHERE kept.expires_at <= now() AT TIME ZONE 'UTC'
"""

# Two of these at once must not wait for each other, nor for a call that uses such a row.
_PURGE = """
    DELETE FROM jsonrpc_idempotency WHERE id IN (
        SELECT id FROM jsonrpc_idempotency
         WHERE scope LIKE 'address-%%' AND expires_at < now() AT TIME ZONE 'UTC'
         LIMIT %s FOR UPDATE SKIP LOCKED)
"""

# How the outcome of a write begins that was answered as a whole; then comes the result's text, and a brace.
_RESULT = '{"result":'

# What a repetition would be told again: the method refused, and not the gateway, the moment or
# a mistake of ours.
_FINAL = (ApplicationError, UserRefused, ValidationFailed, NotFound, Forbidden)


def is_final(error: RpcError) -> bool:
    """Whether an error is worth remembering: one that a repetition would not mend."""
    return isinstance(error, _FINAL)


#: How the scope of callers who proved nothing begins.
_STRANGERS = "address-"


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
        self._fingerprints = _fingerprints(context, spec, arguments)

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
        if not any(constant_time.compare_digest(fingerprint, own) for own in self._fingerprints):
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
        minutes = HOURS * 60
        if self._scope.startswith(_STRANGERS):
            minutes = STRANGERS_MINUTES
            self._cr.execute(_PURGE, [_PURGED])
        self._cr.execute(_KEEP, [self._scope, self._key, self._fingerprints[0], outcome, minutes])


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
    return f"{_STRANGERS}{context.remote_addr}"


def _fingerprints(context: CallContext, spec: MethodSpec, arguments: dict[str, Any]) -> tuple[str, ...]:
    """The digests that a call is known by; the first is the one to store.

    It covers secrets too: who repeats a call must know them. It is keyed by the secret of the database, so
    that nobody who reads the table can try out secrets against it. A plain digest, as versions before
    19.0.2.0.0 stored it, is known where the method has no secrets.
    """
    options = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
    digest = hashlib.sha256(orjson.dumps([spec.name, arguments], plain, options)).hexdigest()
    keyed = hmac(context.env(su=True), "jsonrpc_gateway.idempotency", digest)
    return (keyed,) if spec.secrets else (keyed, digest)
