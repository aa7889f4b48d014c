"""A service that answers JSON with JSON, asked again while it is busy.

The providers' own packages would each be a dependency of their own, 1 to 30 MB with theirs, for one request,
and each with another way to retry and to fail. urllib3 has no dependencies, keeps connections, and retries by
rules that are well worn.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from typing import Any, Optional
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from ..error import InvalidArgumentError
from ..extras import load
from ..model import ModelError, count

RETRIES = 5
"""How often a request is repeated: with the waits below a service may be gone for half a minute."""

TIMEOUT = 60.0
"""Seconds without a byte from the service: a large batch on a processor takes tens of seconds before the first."""

LONGEST_WAIT = 30.0
"""Most seconds between two requests, whatever the service asks for: a call has to come to an end."""

_FIRST_WAIT = 0.5
"""Seconds before the second repetition, doubled from then on; the first comes at once."""

_BUSY = (408, 409, 429, 500, 502, 503, 504, 529)
"""What a service answers when the same request may succeed later. 409 and 529 are those of model services."""

_CONNECTIONS = 8
"""Connections that are kept, for as many threads."""

_SHOWN = 300
"""How much of a service's answer a message shows, in characters."""


class ApiKey:
    """A secret that nothing shows."""

    def __init__(self, given: str) -> None:
        self._key = given

    @classmethod
    def find(cls, given: Optional[str], *variables: str) -> ApiKey:
        """The key that was given, or that one of these environment variables holds."""
        found = given
        if found is None:
            found = next((os.environ[name] for name in variables if os.environ.get(name)), None)
        if found is None:
            named = " or ".join(variables)
            raise InvalidArgumentError(f"api_key: expected one here or in the environment variable {named}")
        if not isinstance(found, str):
            raise TypeError(f"api_key: expected a str, got {type(found).__name__}")
        found = found.strip()
        # A header takes no other characters; what is wrong is not shown.
        if not found or not found.isascii() or not found.isprintable():
            raise InvalidArgumentError("api_key: expected printable ASCII characters, got others, or nothing")
        return cls(found)

    def header(self) -> dict[str, str]:
        """What authorises a request."""
        return {"Authorization": f"Bearer {self._key}"}

    def hidden(self, message: str) -> str:
        """A message without the key, should a service repeat it."""
        return message.replace(self._key, "***")

    def __repr__(self) -> str:
        return "ApiKey(***)"


class Service:
    """One address that is sent JSON.

    - `name`: of the provider, for messages.
    - `timeout`: seconds without a byte.
    - `retries`: how often a request is repeated when the service is busy or cannot be reached.
    """

    def __init__(
        self,
        name: str,
        url: str,
        key: Optional[ApiKey],
        *,
        extra: str,
        timeout: float = TIMEOUT,
        retries: int = RETRIES,
    ) -> None:
        self._name = name
        self._key = key
        self._extra = extra
        if isinstance(timeout, bool) or not isinstance(timeout, (int, float)):
            raise TypeError(f"timeout: expected a number of seconds, got {type(timeout).__name__}")
        if not 0 < timeout < math.inf:
            raise InvalidArgumentError(f"timeout: expected seconds above 0, got {timeout}")
        self._timeout = timeout
        self._retries = count("retries", retries, 0)
        parts = urlsplit(url) if isinstance(url, str) else None
        if parts is None:
            raise TypeError(f"base_url: expected a str, got {type(url).__name__}")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InvalidArgumentError("base_url: expected http:// or https:// and a host")
        self._url = url
        self._host = parts.hostname
        # The pool, and the process that it belongs to: a forked child must not write into its parent's
        # connections.
        self._pool: Optional[tuple[int, Any]] = None
        load("urllib3", extra)

    def ask(self, request: Mapping[str, Any]) -> Any:
        """The JSON that the service answers with."""
        urllib3 = load("urllib3", self._extra)
        headers = {"User-Agent": "vectlite", **(self._key.header() if self._key else {})}
        retry = self._retry(urllib3)
        try:
            answer = self._connections().request(
                "POST", self._url, json=dict(request), headers=headers, redirect=False, retries=retry
            )
        except urllib3.exceptions.HTTPError as error:
            raise self.failed(f"could not be asked at {self._host}: {error}") from None
        if answer.status != 200:
            refused = self.failed(f"answered {answer.status}: {_message(answer.data)}")
            refused.status = answer.status
            raise refused
        try:
            return json.loads(answer.data)
        except ValueError:
            raise self.failed(f"expected JSON, got {_shown(answer.data)}") from None

    def rows(self, answer: Any, *path: str) -> Any:
        """What stands in an answer under these keys."""
        for key in path:
            if not isinstance(answer, dict) or key not in answer:
                found = _shown(json.dumps(answer).encode())
                raise self.failed(f"expected {'.'.join(path)} in the answer, got {found}")
            answer = answer[key]
        return answer

    def failed(self, what: str) -> ModelError:
        """An error of this service, without its key."""
        message = f"{self._name}: {what}"
        return ModelError(self._key.hidden(message) if self._key else message)

    def _retry(self, urllib3: Any) -> Any:
        return urllib3.Retry(
            total=self._retries,
            status_forcelist=_BUSY,
            allowed_methods=None,
            backoff_factor=_FIRST_WAIT,
            backoff_max=LONGEST_WAIT,
            backoff_jitter=_FIRST_WAIT,
            retry_after_max=LONGEST_WAIT,
            raise_on_status=False,
        )

    def _connections(self) -> Any:
        if self._pool is None or self._pool[0] != os.getpid():
            urllib3 = load("urllib3", self._extra)
            timeout = urllib3.Timeout(connect=self._timeout, read=self._timeout)
            options = {"timeout": timeout, "maxsize": _CONNECTIONS}
            proxy = None if proxy_bypass(self._host) else getproxies().get(urlsplit(self._url).scheme)
            if proxy is None:
                pool = urllib3.PoolManager(**options)
            else:
                user = urllib3.util.parse_url(proxy).auth
                login = urllib3.make_headers(proxy_basic_auth=user) if user else None
                pool = urllib3.ProxyManager(proxy, proxy_headers=login, **options)
            self._pool = (os.getpid(), pool)
        return self._pool[1]


def _message(data: bytes) -> str:
    """What a service says of an error: its own words, where they are found in the usual places."""
    try:
        answer = json.loads(data)
    except ValueError:
        return _shown(data)
    for key in ("error", "message", "detail"):
        if isinstance(answer, dict) and answer.get(key):
            answer = answer[key]
    return answer[:_SHOWN] if isinstance(answer, str) else _shown(data)


def _shown(data: bytes) -> str:
    shown = data[: 4 * _SHOWN].decode(errors="replace")
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
