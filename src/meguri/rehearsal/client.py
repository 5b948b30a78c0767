"""A thin client, made of the OpenAPI document that the server itself serves.

An operation is called by its `operationId`; method, path and place of each argument come from the document, so an
operation that the server does not have is noticed before anything is sent. Requests repeated after a cut line carry the
same Idempotency-Key.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote, urlencode

from meguri.rehearsal.line import Cut, Line, Request, Response, Sockets
from meguri.rehearsal.timings import Timings

DOCUMENT_PATH = "/api/v1/openapi.json"
METHODS = ("get", "post", "put", "patch", "delete")
ATTEMPTS = 6
WAIT_MOST_SECONDS = 8.0
BUSY = frozenset({429, 502, 503, 504})

Body = Mapping[str, Any]


class Refused(Exception):
    """The server said no, with a code and a sentence in both languages."""

    def __init__(self, code: str, *, status: int, sentence: str = "") -> None:
        super().__init__(f"{sentence} [{code}, {status}]")
        self.code, self.status, self.sentence = code, status, sentence


class UnknownOperation(LookupError):
    """The server's document has no such operation."""


class Unreachable(ConnectionError):
    """No answer, after all attempts."""


@dataclass(frozen=True, slots=True)
class Operation:
    """How one operation is called."""

    name: str
    method: str
    path: str
    in_path: frozenset[str]


def operations(document: Mapping[str, Any]) -> dict[str, Operation]:
    """The operations of an OpenAPI document, by operationId."""
    found = {}
    for path, item in document.get("paths", {}).items():
        for method in METHODS:
            if "operationId" in item.get(method, {}):
                name = item[method]["operationId"]
                parameters = [*item.get("parameters", []), *item[method].get("parameters", [])]
                in_path = frozenset(p["name"] for p in parameters if p.get("in") == "path")
                found[name] = Operation(name=name, method=method, path=path, in_path=in_path)
    return found


class ApiClient:
    """Calls operations over kept-alive lines. Safe to use from several threads."""

    def __init__(
        self, line: Line, document: Mapping[str, Any], *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._line, self._sleep = line, sleep
        self.timings = Timings()
        self.operations = operations(document)

    @classmethod
    def connect(cls, base_url: str, *, line: Line | None = None) -> Self:
        """Read the server's document. Raises Unreachable when there is none, ValueError for no address."""
        line = line or Sockets(base_url)
        try:
            answer = line.send(Request("GET", DOCUMENT_PATH, {"Accept": "application/json"}))
            if not answer.ok:
                raise Unreachable(f"{base_url}{DOCUMENT_PATH}: {answer.status}")
            return cls(line, json.loads(answer.content))
        except (Cut, json.JSONDecodeError) as problem:
            raise Unreachable(f"{base_url}{DOCUMENT_PATH}: {problem}") from problem

    def missing(self, names: Iterable[str]) -> list[str]:
        """Which of the operations the server does not have."""
        return sorted(set(names) - self.operations.keys())

    def has(self, name: str) -> bool:
        return name in self.operations

    def call(self, name: str, body: Body | None = None, *, token: str = "", key: str = "") -> Any:
        """Call an operation; gives the decoded JSON (None for an empty answer).

        Arguments whose names stand in the path go there; the others go into the query of a GET, else into the body.
        Raises UnknownOperation, Refused, Unreachable.
        """
        if name not in self.operations:
            raise UnknownOperation(name)
        operation = self.operations[name]
        request = _request(operation, dict(body or {}), token=token, key=key)
        with self.timings.timed(name):
            response = self._send(request)
        return _read(response)

    def close(self) -> None:
        self._line.close()

    def _send(self, request: Request) -> Response:
        """Send, and send the same again while the line is cut or the server is busy."""
        problem: object = None
        for attempt in range(ATTEMPTS):
            wait = min(WAIT_MOST_SECONDS, 0.2 * 2**attempt)
            try:
                response = self._line.send(request)
            except Cut as cut:
                problem = cut
            else:
                if response.status not in BUSY:
                    return response
                problem = response.status
                wait = _retry_after(response, otherwise=wait)
            if attempt < ATTEMPTS - 1:
                self._sleep(wait)
        raise Unreachable(f"{request.method} {request.path}: {problem} after {ATTEMPTS} attempts")


def _request(operation: Operation, body: dict[str, Any], *, token: str, key: str) -> Request:
    path = operation.path.format(**{name: quote(str(body.pop(name)), safe="") for name in operation.in_path})
    headers = {"Accept": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    if key:
        headers["Idempotency-Key"] = key
    if operation.method == "get":
        return Request("GET", f"{path}?{urlencode(body)}" if body else path, headers)
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return Request(operation.method.upper(), path, headers | {"Content-Type": "application/json"}, content)


def _retry_after(response: Response, *, otherwise: float) -> float:
    said = response.retry_after
    return min(WAIT_MOST_SECONDS, float(said)) if said.isdecimal() else otherwise


def _read(response: Response) -> Any:
    if response.ok:
        return json.loads(response.content) if response.content else None
    try:
        problem = json.loads(response.content)
    except ValueError:
        problem = {}
    problem = problem if isinstance(problem, dict) else {}
    raise Refused(
        str(problem.get("code") or f"http_{response.status}"), status=response.status, sentence=said(problem)
    )


def said(problem: Mapping[str, Any]) -> str:
    """A problem's own words, Japanese first."""
    both = dict.fromkeys(str(problem.get(name) or "") for name in ("title", "title_en"))
    return " / ".join(words for words in both if words)[:300] or str(problem.get("detail") or "")[:300]
