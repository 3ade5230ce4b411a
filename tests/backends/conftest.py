from __future__ import annotations

from pathlib import Path

import pytest

from simsoc.backends.prompts import Prompts

from .helpers import KEY, TRANSPORTS, prompts


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_KEY", KEY)
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_API_BASE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(params=TRANSPORTS)
def transport(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def templates(tmp_path: Path) -> Prompts:
    return prompts(tmp_path)
