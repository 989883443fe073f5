"""Collects everything that is wrong with a call, to refuse it once and for all of it.

It must not know what is checked.
"""

from __future__ import annotations

from ..protocol.errors import MAX_ERRORS, InvalidParams


class Failures:
    """The failures of one call, each ``{"path", "type", "message"}`` like those of pydantic."""

    __slots__ = ("_errors", "_omitted")

    def __init__(self) -> None:
        self._errors: list[dict[str, str]] = []
        self._omitted = 0

    def __bool__(self) -> bool:
        return bool(self._errors)

    def add(self, path: str, kind: str, message: str) -> None:
        """Note one failure.

        :param path: of the offender within the params, joined by dots
        :param kind: stable word that programs branch on
        :param message: one sentence for people, without the value that was sent
        """
        if len(self._errors) < MAX_ERRORS:
            self._errors.append({"path": path, "type": kind, "message": message})
        else:
            # A long list of wrong values must not become as long an answer.
            self._omitted += 1

    def merge(self, refusal: InvalidParams, prefix: str = "", replacement: str = "") -> None:
        """Take over what another check refused.

        :param prefix: what its paths start with there
        :param replacement: and here
        """
        for error in refusal.data.get("errors", ()):
            self.add(replacement + error["path"].removeprefix(prefix), error["type"], error["message"])
        self._omitted += refusal.data.get("omitted", 0)

    def unknown(self, path: str) -> None:
        """Note a name that stands for nothing, be it undefined or not for this caller."""
        self.add(path, "unknown_field", "There is no such field")

    def refuse(self) -> None:
        """:raises InvalidParams: if anything was noted"""
        if self._errors:
            raise InvalidParams.listing(self._errors, self._omitted)
