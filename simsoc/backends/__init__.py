"""Who answers: Ask in, Answer or NoAnswer out. Rules, the null mind, scripts, and models behind servers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simsoc.core.shelf import Shelf, nearest

if TYPE_CHECKING:
    from simsoc.core.protocols import Backend
    from simsoc.scenario.spec import BackendSpec

    from .prompts import Prompts

PROVIDERS = Shelf(
    "backends",
    {
        "mechanistic": "simsoc.backends.local:mechanistic",
        "null": "simsoc.backends.local:null",
        "scripted": "simsoc.backends.local:scripted",
        "openai": "simsoc.backends.providers:openai",
        "litellm": "simsoc.backends.providers:litellm",
        "openai-embeddings": "simsoc.backends.providers:openai_embeddings",
        "openai-moderation": "simsoc.backends.providers:openai_moderation",
        "replay": "simsoc.society.sources:replay",
    },
)
"""Provider name to a factory ``(model, spec, *, prompts, seed) -> Backend``."""

_MODELS = ("gpt-", "o1", "o3", "o4", "chatgpt-")


def build(spec: BackendSpec, *, prompts: Prompts, seed: int) -> Backend:
    """The backend a scenario names; nothing is connected yet.

    Raises LookupError for an unknown provider, saying which are known, ScenarioError for settings that cannot work, and
    MissingKey, naming the environment variable.
    """
    provider, _, model = spec.model.partition("/")
    if provider not in PROVIDERS:
        raise LookupError(_unknown(spec.model, provider, bool(model)))
    factory: Any = PROVIDERS.get(provider)
    backend: Backend = factory(model, spec, prompts=prompts, seed=seed)
    return backend


def packages_of(spec: BackendSpec) -> tuple[str, ...]:
    """The distributions that rendering and sending the calls of a backend takes."""
    provider, _, _ = spec.model.partition("/")
    if provider == "openai":
        return ("Jinja2", "aiohttp") if spec.transport == "lean" else ("Jinja2", "aiohttp", "openai")
    return PROVIDERS.packages(provider) if provider in PROVIDERS else ()


def _unknown(written: str, provider: str, has_model: bool) -> str:
    known = PROVIDERS.names()
    told = f"Known: {', '.join(known)}; models are written provider/model."
    if not has_model and written.startswith(_MODELS):
        return f"no backend '{written}': write openai/{written}. {told}"
    return f"no provider '{provider}'.{nearest(provider, known)} {told}"
