# SPDX-License-Identifier: GPL-3.0-or-later
"""What an image of a model server was built with: flags that its version knows, GPUs that it runs on. Pure."""

from __future__ import annotations

import re

#: vLLM's flags that are newer than the images of OpenShift AI up to 2.24
NEW_FLAGS = frozenset({"--enable-force-include-usage", "--enable-prompt-tokens-details", "--enable-log-outputs"})
_LAST_OLD = 24
#: beginning of a tag of text-embeddings-inference → the compute capability that it was compiled for
_TAGS = {"turing-": 75, "86-": 86, "89-": 89, "hopper-": 90, "120-": 120}
_OF_PLAIN_TAG = 80
_MANY = (75, 80, 86, 89, 90, 120)


def unknown_flags(image: str, flags: list[str]) -> list[str]:
    """The flags among these that the version of vLLM in this image does not know."""
    release = re.search(r"/vllm:rhoai-2\.(\d+)", image)
    if release is None or int(release.group(1)) > _LAST_OLD:
        return []
    return [flag for flag in flags if flag.partition("=")[0] in NEW_FLAGS]


def compiled_for(image: str) -> tuple[int, ...]:
    """The compute capabilities that an image of text-embeddings-inference carries; none for processors alone.

    A digest alone tells nothing of that: such an image counts as one that carries several.
    """
    named, _at, digest = image.partition("@")
    tag = named.rpartition("/")[2].partition(":")[2]
    if digest and not tag:
        return _MANY
    if tag.startswith("cpu-"):
        return ()
    if tag.startswith("cuda-"):
        return _MANY
    return (next((number for begin, number in _TAGS.items() if tag.startswith(begin)), _OF_PLAIN_TAG),)


def gpu_refusal(image: str, capability: str) -> str | None:
    """What the server says when it can't run on the GPU that it was given; None when it can.

    :param capability: ``8.6``; empty where the container has no GPU
    """
    compiled = compiled_for(image)
    if not compiled:
        return None
    if not capability:
        return 'DriverError(CUDA_ERROR_NO_DEVICE, "no CUDA-capable device is detected")'
    runtime = int(capability.replace(".", ""))
    if any(_fits(one, runtime) for one in compiled):
        return None
    return f"Runtime compute cap {runtime} is not compatible with compile time compute cap {compiled[-1]}"


def _fits(compiled: int, runtime: int) -> bool:
    """Code for 8.0 and 8.6 also runs on the later ones of that generation; else only on its own."""
    return compiled == runtime or (compiled in (80, 86) and compiled < runtime < 90)
