# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a repository, made from its entry in repos.yml. Pure and deterministic."""

from __future__ import annotations

import hashlib
import json
import struct
from typing import Any

Files = dict[str, bytes]


def _json(data: Any) -> bytes:
    return (json.dumps(data, indent=2) + "\n").encode()


def noise(seed: str, size: int) -> bytes:
    """``size`` bytes that look random and are always the same."""
    return hashlib.shake_256(seed.encode()).digest(size)


def safetensors(seed: str, names: list[str], size: int) -> bytes:
    """A valid safetensors file with one float32 vector for each name, about ``size`` bytes in all."""
    each = max(4, size // max(1, len(names)) // 4 * 4)
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    for number, name in enumerate(names):
        header[name] = {"dtype": "F32", "shape": [each // 4], "data_offsets": [number * each, (number + 1) * each]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + noise(seed, each * len(names))


def _common(repo: str, spec: dict[str, Any]) -> Files:
    tags = "\n".join(f"- {tag}" for tag in spec.get("tags", ["text"]))
    readme = f"---\nlicense: apache-2.0\ntags:\n{tags}\n---\n# {repo}\n\nA small stand-in of the sandbox's model hub.\n"
    attributes = "*.safetensors filter=lfs diff=lfs merge=lfs -text\n"
    return {"README.md": readme.encode(), ".gitattributes": attributes.encode()}


def _tokenizer(spec: dict[str, Any]) -> Files:
    vocabulary = {f"token{number}": number for number in range(64)}
    return {
        "tokenizer.json": _json({"version": "1.0", "model": {"type": "BPE", "vocab": vocabulary}}),
        "tokenizer_config.json": _json(
            {"model_max_length": spec["context"], "tokenizer_class": "PreTrainedTokenizerFast"}
        ),
        "special_tokens_map.json": _json({"bos_token": "<s>", "eos_token": "</s>"}),
    }


def _config(spec: dict[str, Any]) -> bytes:
    return _json(
        {
            "architectures": [spec["architecture"]],
            "model_type": spec["architecture"].removesuffix("ForCausalLM").removesuffix("Model").lower(),
            "max_position_embeddings": spec["context"],
            "hidden_size": spec.get("vector_size", 4096),
            "vocab_size": spec["vocabulary"],
            "torch_dtype": "float32",
        }
    )


def _generator(repo: str, spec: dict[str, Any], size: int) -> Files:
    files = {"config.json": _config(spec), "generation_config.json": _json({"bos_token_id": 0, "eos_token_id": 0})}
    total = spec["shards"]
    weights: dict[str, str] = {}
    for number in range(1, total + 1):
        name = f"model-{number:05d}-of-{total:05d}.safetensors"
        layers = [f"model.layers.{number * 2 + part}.self_attn.q_proj.weight" for part in (0, 1)]
        files[name] = safetensors(f"{repo}/{name}", layers, size)
        weights.update(dict.fromkeys(layers, name))
    index = {"metadata": {"total_size": total * size}, "weight_map": weights}
    files["model.safetensors.index.json"] = _json(index)
    if spec.get("consolidated"):
        files["consolidated.safetensors"] = safetensors(f"{repo}/consolidated", ["layers.0.wq.weight"], size * total)
    return files


def _embedding(repo: str, spec: dict[str, Any], size: int) -> Files:
    weights = safetensors(f"{repo}/model", ["embeddings.word_embeddings.weight"], size)
    return {"config.json": _config(spec), "model.safetensors": weights}


def files_of(repo: str, spec: dict[str, Any], size: int) -> Files:
    """All files of a repository; ``size`` is the size in bytes of one file of weights."""
    files = _common(repo, spec)
    if spec["kind"] == "empty":
        return files
    files |= _tokenizer(spec)
    files |= _generator(repo, spec, size) if spec["kind"] == "generator" else _embedding(repo, spec, size)
    for name in [*spec.get("also", []), *spec.get("folders", [])]:
        text_like = name.endswith((".json", ".txt"))
        files[name] = _json({"name": name}) if text_like else noise(f"{repo}/{name}", size // 2)
    return files
