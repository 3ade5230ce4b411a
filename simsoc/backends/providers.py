"""Factories of live backends: settings checked and keys found before anything runs; nothing is connected here."""

from __future__ import annotations

from simsoc.core.errors import ScenarioError
from simsoc.core.shelf import needs
from simsoc.scenario.spec import BackendSpec

from .embeddings import Embeddings
from .keys import find_key, keys_around
from .lean import Lean
from .litellm import LiteLlm, need_key
from .live import Model
from .moderation import Moderations
from .openai_sdk import Sdk
from .prices import price
from .prompts import Prompts
from .wire import Transport

_OPENAI = "https://api.openai.com/v1"
_OURS = ("model", "messages", "stream", "n", "response_format", "logprobs", "top_logprobs")


def openai(model: str, spec: BackendSpec, *, prompts: Prompts, seed: int) -> Model:
    """OpenAI, or any server that speaks its protocol (vLLM, Ollama, llama.cpp, LM Studio) at `base_url`."""
    _check("openai", model, spec)
    key = find_key(spec.key_from, "OPENAI_API_KEY", spec.base_url)
    transport: Transport
    if spec.transport == "lean":
        transport = Lean(spec.base_url or _OPENAI, key, spec.slots)
    else:
        transport = Sdk(spec.base_url, key, spec.slots)
    return Model(spec.model, model, spec, transport, key, prompts, price=price(spec))


def openai_moderation(model: str, spec: BackendSpec, *, prompts: Prompts, seed: int) -> Model:
    """OpenAI's moderation service, for the scorer of this name: it scores a text and can answer nothing else."""
    _check("openai-moderation", model, spec)
    key = find_key(spec.key_from, "OPENAI_API_KEY", spec.base_url)
    return Model(spec.model, model, spec, Moderations(spec.base_url, key, spec.slots), key, prompts)


def openai_embeddings(model: str, spec: BackendSpec, *, prompts: Prompts, seed: int) -> Model:
    """Embeddings of OpenAI or any other server, for minds that ask for them: it can answer nothing else."""
    _check("openai-embeddings", model, spec)
    key = find_key(spec.key_from, "OPENAI_API_KEY", spec.base_url)
    transport = Embeddings(spec.base_url, key, spec.slots)
    return Model(spec.model, model, spec, transport, key, prompts, price=price(spec))


@needs("Jinja2", "aiohttp", "litellm", "openai")
def litellm(model: str, spec: BackendSpec, *, prompts: Prompts, seed: int) -> Model:
    """Any provider litellm knows, as litellm/<provider>/<model>; costs by its offline price map."""
    _check("litellm", model, spec)
    if spec.key_from is not None or spec.base_url is not None:
        key = find_key(spec.key_from, f"{model.partition('/')[0].upper()}_API_KEY", spec.base_url)
    else:
        need_key(model)
        key = keys_around()
    transport = LiteLlm(model, spec.base_url, key, spec.slots, spec.timeout)
    return Model(spec.model, model, spec, transport, key, prompts)


def _check(provider: str, model: str, spec: BackendSpec) -> None:
    if not model:
        raise LookupError(f"which model? Write {provider}/<model>, e.g. openai/gpt-4o-mini.")
    if spec.base_url is not None and not spec.base_url.startswith(("http://", "https://")):
        raise ScenarioError("backend.base_url: write the whole address, e.g. http://localhost:11434/v1")
    for name in spec.extra:
        if name in _OURS:
            raise ScenarioError(f"backend.extra.{name}: simsoc sets this field itself")
