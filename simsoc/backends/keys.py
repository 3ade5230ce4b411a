"""API keys: taken from the environment, handed to a transport, and kept out of everything that is written down."""

from __future__ import annotations

import os
import re

from simsoc.core.errors import MissingKey

DUMMY = "none"
"""Sent to a server of one's own that asks for no key."""
_LOOKS_LIKE_A_KEY = re.compile(r"\b(?:sk|pk|gsk|xai)-[A-Za-z0-9_*.-]{6,}|(?i:\bbearer\s+)[^\s\"',}]+")

_SECRET_NAME = re.compile(r"(?:KEY|TOKEN|SECRET|PASSWORD|CREDENTIALS)$", re.IGNORECASE)


class Key:
    """A secret that does not show itself. `value` is read by transports alone.

    value: the key; origin: the environment variable it came from; others: further secrets to keep out of texts.
    """

    __slots__ = ("_secrets", "_value", "origin")

    def __init__(self, value: str, origin: str, others: tuple[str, ...] = ()) -> None:
        self._value = value
        self._secrets = tuple(secret for secret in (value, *others) if secret and secret != DUMMY)
        self.origin = origin

    @property
    def value(self) -> str:
        """The key itself."""
        return self._value

    def __repr__(self) -> str:
        return f"Key(from {self.origin})"

    def __reduce__(self) -> str:
        raise TypeError("a key is not written down")

    def blot(self, text: str) -> str:
        """The text without this key."""
        for secret in self._secrets:
            text = text.replace(secret, "[key]")
        return text

    def redact(self, text: str) -> str:
        """The text without this key and without whatever else looks like one: for what servers and libraries say."""
        return _LOOKS_LIKE_A_KEY.sub("[key]", self.blot(text))


def find_key(variable: str | None, usual: str, base_url: str | None) -> Key:
    """The key from the environment.

    variable: the scenario's `key_from`; usual: the provider's usual variable, tried when the scenario says nothing.
    With a `base_url` and no key a dummy is used. Raises MissingKey, naming the variable, otherwise.
    """
    name = variable or usual
    value = os.environ.get(name, "").strip()
    if value:
        if not value.isascii() or not value.isprintable() or " " in value:
            raise MissingKey(f"the environment variable {name} holds characters that no API key has")
        return Key(value, name)
    if variable is None and base_url is not None:
        return Key(DUMMY, "nowhere")
    where = "named by `key_from`" if variable else "or name another with `key_from`"
    raise MissingKey(f"no API key: set the environment variable {name} ({where})")


def keys_around() -> Key:
    """No key of ours: a library takes its own from the environment. Whatever looks like a secret there is kept out."""
    found = [value for name, value in sorted(os.environ.items()) if _SECRET_NAME.search(name) and len(value) >= 8]
    return Key("", "the environment", tuple(found))
