"""What tokens cost, by the price map that comes with litellm: read as a file, without the package and the network."""

from __future__ import annotations

import os
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from simsoc.scenario.spec import BackendSpec

from .wire import Usage

_MAP = "model_prices_and_context_window_backup.json"
_TIERS = ("flex", "priority")  # OpenAI's service tiers that have prices of their own
_OPENAI = ("openai", "openai-embeddings")
_OWN = ("ollama/", "ollama_chat/")  # litellm's names for models on one's own machine, which cost nothing


class Price(Struct, frozen=True):
    """US dollars per token; `cached` for prompt tokens the server has seen before."""

    prompt: float
    completion: float
    cached: float

    def of(self, usage: Usage | None) -> float | None:
        """The cost of a completion; None when the server did not say what it used."""
        if usage is None or usage.prompt_tokens is None or usage.completion_tokens is None:
            return None
        details = usage.prompt_tokens_details
        known = details.get("cached_tokens") if isinstance(details, dict) else None
        cached = min(known, usage.prompt_tokens) if isinstance(known, int) else 0
        return (
            (usage.prompt_tokens - cached) * self.prompt
            + cached * self.cached
            + usage.completion_tokens * self.completion
        )


def price(spec: BackendSpec) -> Price | None:
    """The price of an `openai/...` model at OpenAI itself; None where it is not known, as for any other server."""
    provider, _, model = spec.model.partition("/")
    address = spec.base_url or os.environ.get("OPENAI_BASE_URL") or "https://api.openai.com/v1"
    host = urlsplit(address).hostname or ""
    if provider not in _OPENAI or not (host == "api.openai.com" or host.endswith(".api.openai.com")):
        return None
    return _listed(model, str(spec.extra.get("service_tier", "")))


def about(spec: BackendSpec) -> Price | None:
    """The price of any model, as far as the map knows it; models on one's own machine cost nothing."""
    provider, _, model = spec.model.partition("/")
    if provider != "litellm":
        return price(spec)
    if model.startswith(_OWN):
        return Price(0.0, 0.0, 0.0)
    return _listed(model, "") or _listed(model.partition("/")[2], "")


@cache
def _listed(model: str, tier: str) -> Price | None:
    """The price in the map; models tuned by oneself stand there under `ft:` and the model they were made from."""
    name = ":".join(model.split(":")[:2]) if model.startswith("ft:") else model
    entry = _entry(name)
    which = f"_{tier}" if tier in _TIERS else ""
    prompt = entry.get(f"input_cost_per_token{which}")
    completion = entry.get(f"output_cost_per_token{which}")
    if prompt is None or completion is None:
        return None
    return Price(prompt, completion, entry.get(f"cache_read_input_token_cost{which}", prompt))


def _entry(name: str) -> dict[str, Any]:
    """What the map says of a model; empty when it is not there."""
    package = find_spec("litellm")
    for folder in (package.submodule_search_locations or ()) if package is not None else ():
        file = Path(folder) / _MAP
        if file.is_file():
            entries = msgspec.json.decode(file.read_bytes(), type=dict[str, msgspec.Raw])
            return msgspec.json.decode(entries[name], type=dict[str, Any]) if name in entries else {}
    return {}


def unpriced(spec: BackendSpec) -> str | None:
    """Why the calls of a backend cannot be counted in dollars; None when they can, or cost nothing."""
    provider, _, model = spec.model.partition("/")
    if provider in _OPENAI:
        if price(spec) is not None:
            return None
        where = f"the server at {spec.base_url}" if spec.base_url else f"{spec.model} is not in the price map"
        return f"the price of a call is not known ({where})"
    if provider == "litellm" and not model.startswith(_OWN) and not _known_to_litellm(model):
        return f"the price of a call is not known ({model} is not in litellm's price map)"
    return None


def _known_to_litellm(model: str) -> bool:
    """Whether litellm has a price; a price of nothing counts only where the map says so itself."""
    from .litellm import package

    try:
        costs = package().cost_per_token(model=model, prompt_tokens=1000, completion_tokens=1000)
    except Exception:  # not mapped; litellm has many ways to say so
        return False
    return sum(costs) > 0 or any("input_cost_per_token" in _entry(name) for name in (model, model.partition("/")[2]))
