"""The real package, loading a tiny model with random weights that the test makes; skipped without the extra."""

import json

import numpy as np
import pytest

from simsoc.minds.embed import sentence_transformers
from simsoc.society import Society

pytest.importorskip("sentence_transformers", reason="the extra `embeddings` is not installed")
pytestmark = pytest.mark.filterwarnings("ignore")  # what other packages warn of is not ours

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "party", "mara", "sings", "plans", "green", "rain", "##s"]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A model of two layers and sixteen numbers, in the folder that sentence-transformers writes and reads."""
    import torch
    from sentence_transformers import SentenceTransformer, models
    from transformers import BertConfig, BertModel, BertTokenizer

    folder = tmp_path_factory.mktemp("tiny")
    (folder / "vocab.txt").write_text("\n".join(WORDS))
    torch.manual_seed(1)
    shape = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    BertModel(BertConfig(vocab_size=len(WORDS), max_position_embeddings=64, **shape)).save_pretrained(folder / "bert")
    BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder / "bert")
    word = models.Transformer(str(folder / "bert"), max_seq_length=32)
    SentenceTransformer(modules=[word, models.Pooling(16)], device="cpu").save(str(folder / "model"))
    assert json.loads((folder / "model" / "modules.json").read_text())
    return folder / "model"


def test_a_model_in_a_folder_is_loaded_and_asked(tiny):
    embed = sentence_transformers(model=str(tiny))
    assert embed.dim == 16
    vectors = embed(["mara plans a party", "rain", "mara plans a party", ""])
    assert vectors.shape == (4, 16)
    assert vectors.dtype == np.float32
    assert np.allclose((vectors * vectors).sum(axis=1), 1, atol=0.01)
    assert (vectors * 2**11 == np.round(vectors * 2**11)).all()
    assert (vectors[0] == vectors[2]).all()
    assert (vectors[0] != vectors[1]).any()
    assert (embed(["rain"])[0] == vectors[1]).all(), "whatever was embedded beside it"
    again = sentence_transformers(model=str(tiny))
    assert (again(["rain"]) == vectors[1]).all()


def test_a_town_lives_with_it(tiny):
    embedder = {"kind": "sentence-transformers", "model": str(tiny)}
    overrides = {"world__days": 0.4, "minds__memory": {"embedder": embedder}}
    digests = set()
    for _ in range(2):
        society = Society("scenarios/town_small.yaml", **overrides)
        society.run_model()
        digests.add(society.digest)
    assert len(digests) == 1
