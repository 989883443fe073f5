"""The examples in the documentation: where they stand, and how an answer is compared with the one in the text.

A page's examples are its blocks of code, in order. What a test does with one depends on its language::

    text         calls (``-->``) and their answers (``<--``); else a picture, whose paths have to exist
    sh           commands: curl is run, others are only looked at
    json, http   the answer to the curl above; http is what ``curl -i`` shows
    python       run, and ``expression  # value`` compared; or a part of a file (see below)
    javascript   the same in a browser, with ``expression; // value``
    xml          loaded as an addon's data
    ini          options of Odoo's configuration
    nginx        directives of nginx

A comment above a block says what cannot be told from it: ``.. example: part of tests/addons/x.py`` for
code that stands in that file, which has tests of its own.

Answers are compared by :class:`Matcher`: ids, times and random values differ from run to run.
Standard library only: tests with and without Odoo use it.
"""

import json
import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LANGUAGES = {"text", "sh", "json", "http", "python", "javascript", "xml", "ini", "nginx", "sql"}

_DIRECTIVE = re.compile(r"( *)\.\. code-block:: *(\S*) *")
_MARK = re.compile(r" *\.\. example: (part of) (\S+) *")
_HEADER = re.compile(r"([A-Za-z][A-Za-z-]*): (.*)")
_PATH = re.compile(r"(GET|POST|PUT|DELETE) (/\S*)")


def pages():
    """The files that users read.

    :rtype: list[Path]
    """
    return [*sorted((ROOT / "docs").glob("*.rst")), ROOT / "README.rst", ROOT / "CONTRIBUTING.rst"]


def text_of_docs():
    """All of ``docs/`` in one text."""
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").glob("*.rst")))


@dataclass(frozen=True)
class Block:
    """One block of code.

    :ivar page: name of its file
    :ivar line: number of its first line, from 1
    :ivar language: as the directive says
    :ivar text: without the indentation
    :ivar part_of: the file that it has to be a part of, if it says so
    """

    page: str
    line: int
    language: str
    text: str
    part_of: str | None

    def __str__(self):
        return f"{self.page}:{self.line}"


def blocks(path):
    """The blocks of a page, in order.

    :raises ValueError: a block has no language that a test knows, or stands after ``::`` alone
    """
    lines = path.read_text(encoding="utf-8").split("\n")
    found, mark, number = [], None, 0
    while number < len(lines):
        line = lines[number]
        directive = _DIRECTIVE.fullmatch(line)
        number += 1
        if directive is None:
            if line.endswith("::") and not line.lstrip().startswith(".."):
                raise ValueError(f"{path.name}:{number}: a block of code without a language")
            mark = _MARK.fullmatch(line) or (mark if not line.strip() else None)
            continue
        indent = len(directive[1])
        start = number
        while number < len(lines) and (not lines[number].strip() or _indent(lines[number]) > indent):
            number += 1
        if directive[2] not in LANGUAGES:
            raise ValueError(f"{path.name}:{start}: no test knows what to do with {directive[2] or 'no language'}")
        text = textwrap.dedent("\n".join(lines[start:number])).strip("\n")
        first = next(at for at in range(start, number) if lines[at].strip()) + 1
        found.append(Block(path.name, first, directive[2], text, mark and mark[2]))
        mark = None
    return found


def _indent(line):
    return len(line) - len(line.lstrip(" "))


@dataclass
class Exchange:
    """A request and the answer to it.

    :ivar path: of the URL
    :ivar headers: of the request, beside its media type
    :ivar request: JSON
    :ivar answer: JSON; ``None`` where nothing is answered
    """

    path: str
    headers: dict
    request: object = None
    answer: object = None


def exchanges(block):
    """What a block of ``-->`` and ``<--`` says, in order.

    A request may begin with lines of headers, and one of the verb and the URL's path. JSON goes on
    in lines that begin with blanks. ``<-- (nothing)`` is an empty answer.

    :rtype: list[Exchange]
    """
    found, headers, path = [], {}, "/jsonrpc/2/api"
    for arrow, content in _messages(block.text):
        if arrow == "<--":
            found[-1].answer = None if content == "(nothing)" else _json(block, content)
        elif header := _HEADER.fullmatch(content):
            headers[header[1]] = header[2]
        elif where := _PATH.fullmatch(content):
            path = where[2]
        else:
            found.append(Exchange(path, headers, _json(block, content)))
            headers, path = {}, "/jsonrpc/2/api"
    return found


def _messages(text):
    """Arrow and content of each message, its lines joined."""
    messages = []
    for line in text.split("\n"):
        if line.startswith(("-->", "<--")):
            messages.append([line[:3], line[3:].strip()])
        elif messages and line.strip():
            messages[-1][1] += " " + line.strip()
    return messages


def _json(block, text):
    try:
        return json.loads(text)
    except ValueError as error:
        raise ValueError(f"{block}: {error}: {text}") from None


#: Members whose values nobody can foretell.
_RANDOM = {"request_id", "access_token"}
#: Members that hold ids of records, which depend on what else the database has seen.
_IDS = {"id", "ids", "partner_id"}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


class Matcher:
    """Compares answers with those in the text, and remembers which id stands for which.

    ``42`` in an answer of the text may be ``57`` in that of the server; from then on ``42`` in a
    request of the same page is sent as ``57``. So are cursors.
    """

    def __init__(self):
        self._sent = {}

    def sent(self, value):
        """A request as it has to be sent here, for one as it stands in the text."""
        if isinstance(value, dict):
            # The id of a call is no id of a record.
            is_call = "jsonrpc" in value
            return {name: item if is_call and name == "id" else self.sent(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self.sent(item) for item in value]
        return self._sent.get((type(value), value), value)

    def difference(self, told, real, path="", name=""):
        """What is wrong with the answer in the text.

        :param told: the answer in the text
        :param real: the answer of the server
        :param path: where they stand in the whole, for the sentence
        :param name: of the member that they are
        :returns: a sentence; ``None`` if they agree
        """
        if isinstance(told, dict) and isinstance(real, dict):
            if list(told) != list(real):
                return f"{path}: {list(told)} in the text, {list(real)} from the server"
            # The id of a call is no id of a record.
            is_call = "jsonrpc" in told
            pairs = [(f"/{key}", "" if is_call and key == "id" else key, told[key], real[key]) for key in told]
        elif isinstance(told, list) and isinstance(real, list):
            if len(told) != len(real):
                return f"{path}: {json.dumps(told)} in the text, {json.dumps(real)} from the server"
            pairs = [(f"/{index}", name, *both) for index, both in enumerate(zip(told, real, strict=True))]
        elif self._agree(told, real, name):
            return None
        else:
            return f"{path}: {told!r} in the text, {real!r} from the server"
        differences = (self.difference(here, there, path + step, key) for step, key, here, there in pairs)
        return next(filter(None, differences), None)

    def _agree(self, told, real, name):
        if type(told) is not type(real):
            return False
        if name in _RANDOM or (isinstance(told, str) and _MOMENT.fullmatch(told) and _MOMENT.fullmatch(real)):
            return True
        if isinstance(told, str) and told.endswith("..."):
            return real.startswith(told[:-3])
        if name == "next_cursor" or (name in _IDS and type(told) is int):
            return self._sent.setdefault((type(told), told), real) == real
        return told == real
