"""A client that reads and writes, and repeats a write until it is answered.

The loop is the one of the README ("Retries"), with shorter pauses: no answer, or an error that
asks to try again, and the same call goes out again under the same idempotency key. It must not
know why answers fail to come, nor what is true in the database.
"""

from __future__ import annotations

import itertools
import random
import threading
import time
from typing import Any

from ..client import ExchangeError, Server
from .tally import Tally
from .writes import API, Job, Jobs

#: Errors after which the same call may succeed.
PASSING = frozenset({"conflict", "in_progress", "rate_limited", "rolled_back", "unavailable"})
#: Seconds that an answer may take: impatient, for what is repeated while it still runs is a case too.
_TIMEOUT = 10.0
#: Seconds of the first and the longest pause before a repetition.
_PAUSE, _LONGEST_PAUSE = 0.1, 2.0
#: Of ten requests, so many read.
_READS_IN_TEN = 4


class Unanswered(Exception):
    """No JSON-RPC response came: nobody knows what has happened. Its text is a short reason."""


class Caller(threading.Thread):
    """One client, in a thread of its own.

    :param server: whom it calls
    :param token: its API key
    :param jobs: what it writes
    :param home: id of its own partner, which it reads
    :param tally: what it sees
    :param stop: on the monotonic clock, when it starts nothing more
    :param deadline: when it stops to repeat
    """

    def __init__(
        self, server: Server, token: str, jobs: Jobs, home: int, tally: Tally, *,
        rng: random.Random, stop: float, deadline: float,
    ):  # fmt: skip
        super().__init__(daemon=True)
        self._server, self._token = server, token
        self._jobs, self._home, self._tally = jobs, home, tally
        self._rng, self._stop_at, self._deadline = rng, stop, deadline
        self.done: list[Job] = []

    def run(self) -> None:
        while time.monotonic() < self._stop_at:
            if self._rng.randrange(10) < _READS_IN_TEN:
                self._read()
            else:
                job = self._jobs.next()
                self.done.append(job)
                self._write(job)

    def _read(self) -> None:
        request = {"jsonrpc": "2.0", "method": "partner.get_info", "params": {"partner_id": self._home}, "id": 1}
        try:
            answer = self._sent(API, request, {})
        except Unanswered as reason:
            self._tally.failed(str(reason))
            self._tally.add("reads failed")
            return
        if isinstance(answer, dict) and answer.get("result", {}).get("id") == self._home:
            self._tally.add("reads answered")
        else:
            self._tally.failed(error_type(answer))
            self._tally.add("reads failed")

    def _write(self, job: Job) -> None:
        for attempt in itertools.count():
            pause = min(_PAUSE * 2**attempt, _LONGEST_PAUSE) * self._rng.uniform(0.5, 1)
            waiting = job.waiting
            for write in waiting:
                write.attempts += 1
            try:
                answer = self._sent(job.path, job.payload(), job.headers())
            except Unanswered as reason:
                self._tally.failed(str(reason))
            else:
                pause = max(pause, self._settle(job, answer))
            if not job.waiting:
                return
            if job.gives_up or time.monotonic() > self._deadline:
                for write in job.waiting:
                    write.given_up = job.gives_up
                return
            time.sleep(pause)

    def _settle(self, job: Job, answer: Any) -> float:
        """Note what was answered; give back how long to wait before the rest is repeated."""
        waiting = job.waiting
        # One error may stand for a whole batch.
        answers = answer if isinstance(answer, list) else [{**answer, "id": n} for n in range(len(waiting))]
        pause = 0.0
        for response in answers:
            write = waiting[response["id"]]
            if "result" in response:
                write.acknowledged, write.result = True, response["result"]
                write.replayed = response.get("replayed", False)
                continue
            kind = error_type(response)
            self._tally.failed(kind)
            if kind in PASSING:
                pause = max(pause, response["error"]["data"].get("retry_after") or 0)
            else:
                write.refused = kind
        return pause

    def _sent(self, path: str, payload: Any, headers: dict[str, str]) -> Any:
        """Send a request once.

        :returns: the response object, or the array of them
        :raises Unanswered: nothing came, or something that is none
        """
        raw = self._server.compose(path, payload, {"Authorization": f"Bearer {self._token}", **headers})
        self._tally.add("requests")
        try:
            response, _ = self._server.exchange(raw, timeout=_TIMEOUT)
        except (OSError, ExchangeError) as error:
            raise Unanswered(type(error).__name__) from None
        try:
            answer = response.json()
            whole = is_response(answer) or (isinstance(answer, list) and all(map(is_response, answer)))
        except ExchangeError:
            whole = False
        if not whole:
            raise Unanswered(f"HTTP {response.status} without JSON-RPC")
        self._tally.answered()
        return answer


def is_response(value: Any) -> bool:
    """Whether a JSON value is a JSON-RPC response object."""
    return isinstance(value, dict) and ("result" in value or "type" in value.get("error", {}).get("data", {}))


def error_type(response: Any) -> str:
    """The type of a response's error; ``"wrong result"`` for one without."""
    return response["error"]["data"]["type"] if isinstance(response, dict) and "error" in response else "wrong result"
