"""Stands in for sentence-transformers: a model whose vectors tell the texts' lengths and the size of its weights."""

import os
import pathlib


class SentenceTransformer:
    def __init__(self, path, device):
        folder = pathlib.Path(path)
        expected = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_HUB_CACHE": str(folder.parents[2])}
        for name, value in expected.items():
            if os.environ.get(name) != value:
                raise SystemExit(f"{name} is {os.environ.get(name)}, expected was {value}")
        self.weights = sum(f.stat().st_size for f in folder.glob("*.safetensors"))

    def encode(self, texts, normalize_embeddings):
        return [[len(text), self.weights] for text in texts]
