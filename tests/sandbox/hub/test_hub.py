# SPDX-License-Identifier: GPL-3.0-or-later
"""The model hub, met by the real huggingface_hub client."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from huggingface_hub import HfApi, hf_hub_download, snapshot_download
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from sandbox.common.launch import free_port, running

GRANITE = "ibm-granite/granite-8b-code-instruct-128k"
MISTRAL = "mistralai/Mistral-7B-Instruct-v0.3"
NOMIC = "nomic-ai/nomic-embed-text-v1.5"
LARGE = bytes(range(256)) * 16_000  # four pieces


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    own = tmp_path_factory.mktemp("repos")
    (own / "team" / "tiny" / "deep").mkdir(parents=True)
    (own / "team" / "tiny" / "deep" / "note.txt").write_text("hello\n")
    (own / "team" / "tiny" / "large.gguf").write_bytes(LARGE)
    url = f"http://127.0.0.1:{port}"
    log = tmp_path_factory.mktemp("hub") / "hub.log"
    with running("sandbox.hub", ["--port", str(port), "--repos", str(own)], url + "/_sandbox/health", log):
        yield url


@pytest.fixture
def api(hub: str) -> HfApi:
    return HfApi(endpoint=hub, token=False)


def test_model_info_has_sizes_and_digests(api: HfApi) -> None:
    info = api.model_info(GRANITE, files_metadata=True)
    files = {sibling.rfilename: sibling for sibling in info.siblings or []}
    shard = files["model-00001-of-00004.safetensors"]
    assert shard.lfs is not None
    assert shard.lfs.sha256
    assert shard.size == shard.lfs.size > 60_000
    assert files["config.json"].lfs is None
    assert len(info.sha or "") == 40
    assert api.model_info(GRANITE, revision="main").sha == info.sha
    assert api.model_info(GRANITE, revision=info.sha).sha == info.sha
    assert api.model_info(NOMIC, revision="v1.5").sha == api.model_info(NOMIC).sha


@pytest.mark.parametrize("repo", [GRANITE, NOMIC])
def test_snapshot_is_complete_and_true(hub: str, api: HfApi, repo: str, tmp_path: Path) -> None:
    folder = Path(snapshot_download(repo, endpoint=hub, local_dir=tmp_path / "model", token=False))
    info = api.model_info(repo, files_metadata=True)
    for sibling in info.siblings or []:
        content = (folder / sibling.rfilename).read_bytes()
        assert len(content) == sibling.size
        if sibling.lfs:
            assert hashlib.sha256(content).hexdigest() == sibling.lfs.sha256
    config = json.loads((folder / "config.json").read_text())
    assert config["max_position_embeddings"] >= 8192


def test_weight_map_names_every_shard(api: HfApi, hub: str, tmp_path: Path) -> None:
    index = hf_hub_download(GRANITE, "model.safetensors.index.json", endpoint=hub, local_dir=tmp_path, token=False)
    shards = set(json.loads(Path(index).read_text())["weight_map"].values())
    assert shards == {name for name in api.list_repo_files(GRANITE) if name.endswith(".safetensors")}


def test_gated_repository(hub: str, api: HfApi, tmp_path: Path) -> None:
    assert api.model_info(MISTRAL).gated == "auto"
    with pytest.raises(GatedRepoError) as stranger:
        hf_hub_download(MISTRAL, "config.json", endpoint=hub, local_dir=tmp_path, token=False)
    assert stranger.value.response.status_code == 401
    with pytest.raises(GatedRepoError) as user:
        hf_hub_download(MISTRAL, "config.json", endpoint=hub, local_dir=tmp_path, token="hf_sandbox_without_licence")
    assert user.value.response.status_code == 403
    assert "not in the authorized list" in str(user.value)
    with pytest.raises(HfHubHTTPError) as wrong:
        hf_hub_download(MISTRAL, "config.json", endpoint=hub, local_dir=tmp_path, token="hf_wrong")
    assert "Invalid credentials in Authorization header" in str(wrong.value)
    found = hf_hub_download(MISTRAL, "consolidated.safetensors", endpoint=hub, local_dir=tmp_path, token="hf_sandbox")
    assert Path(found).stat().st_size > 180_000


def test_what_is_not_there(hub: str, api: HfApi, tmp_path: Path) -> None:
    with pytest.raises(RepositoryNotFoundError):
        api.model_info("nobody/nothing")
    with pytest.raises(RevisionNotFoundError):
        api.model_info(GRANITE, revision="v9")
    with pytest.raises(EntryNotFoundError):
        hf_hub_download(GRANITE, "nothing.bin", endpoint=hub, local_dir=tmp_path, token=False)


def test_tree_and_paths_info(api: HfApi) -> None:
    top = {item.path for item in api.list_repo_tree(NOMIC)}
    assert {"1_Pooling", "onnx", "config.json"} <= top
    deep = {item.path for item in api.list_repo_tree(NOMIC, recursive=True)}
    assert "1_Pooling/config.json" in deep
    assert [item.path for item in api.list_repo_tree(NOMIC, "onnx")] == ["onnx/model.onnx", "onnx/model_quantized.onnx"]
    [info] = api.get_paths_info(GRANITE, ["model-00002-of-00004.safetensors", "absent"])
    assert info.size > 60_000  # type: ignore[union-attr]


def test_ranges_and_links(hub: str) -> None:
    with httpx.Client(base_url=hub) as client:
        head = client.head(f"/{GRANITE}/resolve/main/model-00001-of-00004.safetensors")
        assert head.status_code == 302
        assert head.headers["x-linked-size"]
        whole = client.get(head.headers["location"]).content
        part = client.get(head.headers["location"], headers={"Range": "bytes=100-199"})
        assert (part.status_code, part.content) == (206, whole[100:200])
        rest = client.get(head.headers["location"], headers={"Range": f"bytes={len(whole) - 3}-"})
        assert rest.content == whole[-3:]
        assert client.get(head.headers["location"], headers={"Range": "bytes=99999999-"}).status_code == 416
        assert client.get(head.headers["location"].split("?")[0]).status_code == 403
        config = client.get(f"/{GRANITE}/resolve/main/config.json")
        again = client.get(f"/{GRANITE}/resolve/main/config.json", headers={"If-None-Match": config.headers["etag"]})
        assert again.status_code == 304
        assert config.headers["x-repo-commit"] == client.get(f"/api/models/{GRANITE}").json()["sha"]


def test_who_am_i(hub: str) -> None:
    assert HfApi(endpoint=hub, token="hf_sandbox").whoami()["name"] == "sandbox"


def test_own_folder_and_a_broken_line(hub: str, tmp_path: Path) -> None:
    fault = [{"do": "truncate", "bytes": 2, "times": 1, "match": {"method": "GET", "path": "note.txt"}}]
    assert httpx.put(hub + "/_sandbox/faults", json=fault).status_code == 200
    found = hf_hub_download("team/tiny", "deep/note.txt", endpoint=hub, local_dir=tmp_path, token=False)
    assert Path(found).read_text() == "hello\n"
    counters = httpx.get(hub + "/_sandbox/counters").json()["by_path"]
    assert counters["GET /team/tiny/resolve/main/deep/note.txt"] == 2


def test_a_large_file_goes_out_in_pieces_and_from_any_byte(hub: str) -> None:
    address = f"{hub}/team/tiny/resolve/main/large.gguf"
    whole = httpx.get(address, follow_redirects=True)
    assert (whole.content, whole.headers["content-length"]) == (LARGE, str(len(LARGE)))
    rest = httpx.get(address, headers={"Range": "bytes=1000000-"}, follow_redirects=True)
    assert (rest.status_code, rest.content) == (206, LARGE[1_000_000:])
