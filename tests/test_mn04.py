"""Hearing with a network of the user's own: EfficientAT's mn04_as, here with random weights."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from torch.utils.flop_counter import FlopCounterMode

from app.capture.media import AudioBlock
from app.cli import main
from app.features import mn04
from app.features.mn04 import MN04Tokens, keep
from app.features.sound import tokenise
from app.learning import music_tokens
from app.pipeline.tasks import load_genres
from models.checkpoint import load_checkpoint
from models.extractors import efficientat
from models.extractors.efficientat import BANDS, MN04, SOUNDS, load_mn04, log_mel
from models.training.genres.learn import train

RATE = 16000


@pytest.fixture(scope="module")
def weights(tmp_path_factory) -> Path:
    """Random weights of the network, in a file like the published one."""
    torch.manual_seed(0)
    model = MN04()
    for layer in model.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.momentum = 1.0  # so that one batch sets it: else nothing comes through so many layers
    sounds = [hum(3.0, 100 * 2**k, 300 * 2**k, k, efficientat.RATE) for k in range(6)]
    with torch.no_grad():
        model.train()(torch.from_numpy(np.stack([log_mel(sound) for sound in sounds])))
        model.classifier[-1].weight.mul_(10)
    path = tmp_path_factory.mktemp("weights") / "random.pt"
    torch.save(model.state_dict(), path)
    return path


@pytest.fixture(autouse=True)
def kept(tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr(mn04, "KEPT", tmp_path / "extractors")
    return tmp_path / "extractors"


def hum(seconds: float, low: float, high: float, seed: int = 0, rate: int = RATE) -> np.ndarray:
    """Noise of a band."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).normal(size=round(seconds * rate)))
    frequency = np.fft.rfftfreq(round(seconds * rate), 1 / rate)
    spectrum[(frequency < low) | (frequency > high)] = 0
    return (0.3 * np.fft.irfft(spectrum, round(seconds * rate))).astype(np.float32)


def test_the_network_is_of_the_published_size_and_names(weights):
    model = load_mn04(weights)
    assert sum(p.numel() for p in model.parameters()) == 983_599  # 0.983 M, as its authors say
    names = set(model.state_dict())
    assert {
        "features.0.0.weight",
        "features.4.block.2.conc_se_layers.0.fc1.bias",
        "features.16.1.running_var",
        "classifier.5.bias",
    } <= names
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        assert model(torch.zeros(2, BANDS, 300)).shape == (2, SOUNDS)
    assert counter.get_total_flops() == 2 * 2 * model.macs(300)


def test_the_spectrogram_is_kaldis_of_the_sound_made_brighter():
    sound = hum(3.0, 200, 9000, rate=efficientat.RATE)
    patch = log_mel(sound)
    assert patch.shape == (BANDS, 300) and patch.dtype == np.float32
    mel = np.linspace(0, 1127 * np.log(1 + 15000 / 700), BANDS + 2)
    risen = sound[1:] - np.float32(0.97) * sound[:-1]
    window = np.zeros(1024)
    window[112:912] = np.hanning(800)
    for frame, band in ((5, 3), (100, 40), (250, 100)):
        power = np.abs(np.fft.rfft(risen[frame * 320 - 512 :][:1024] * window)) ** 2
        at = 1127 * np.log(1 + np.arange(513) * 32000 / 1024 / 700)
        weight = np.clip(np.minimum(at - mel[band], mel[band + 2] - at) / (mel[1] - mel[0]), 0, None)
        expected = (np.log(weight @ power + 1e-5) + 4.5) / 5
        assert patch[band, frame] == pytest.approx(expected, abs=1e-3)
    assert log_mel(sound[:1000])[:, :100].max() == pytest.approx((np.log(1e-5) + 4.5) / 5)  # silence before


def test_tokens_do_not_depend_on_blocks_nor_on_gain(weights):
    extractor = MN04Tokens(weights)
    sound = hum(3.2, 300, 3000)
    whole = tokenise(sound, RATE, extractor)
    assert [token.tick for token in whole] == [2, 3, 4, 5, 6] and whole[0].vector.shape == (SOUNDS,)
    extractor.gap(0.0)
    blocks = [AudioBlock(sound[at : at + 777], RATE, at / RATE, 0.0) for at in range(0, len(sound), 777)]
    streamed = [token for block in blocks for token in extractor.audio(block)] + extractor.flush()
    louder = tokenise(sound * 5, RATE, extractor)
    for one, other, loud in zip(whole, streamed, louder, strict=True):
        assert np.array_equal(one.vector, other.vector)
        np.testing.assert_allclose(loud.vector, one.vector, atol=1e-3)
    assert extractor.macs == extractor.macs_regular and extractor.macs["mn04_as"] < 40e6


def test_other_files_are_refused_with_the_reason(weights, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"absent\.pt.*mn04_as_mAP_432\.pt"):
        load_mn04(tmp_path / "absent.pt")
    other = tmp_path / "other.pt"
    other.write_bytes(b"no weights at all")
    with pytest.raises(ValueError, match=r"other\.pt holds no mn04_as"):
        keep(other)
    wide = torch.load(weights)
    wide["classifier.5.bias"] = torch.zeros(10)
    torch.save(wide, other)
    with pytest.raises(ValueError, match=r"holds no mn04_as.*classifier\.5\.bias"):
        keep(other)
    broken = torch.load(weights)
    broken["classifier.5.bias"][3] = torch.nan
    torch.save(broken, other)
    with pytest.raises(ValueError, match=r"not finite: classifier\.5\.bias"):
        keep(other)


def test_from_the_users_file_to_a_genre_in_a_run(weights, kept, tmp_path, capsys):
    """Trained on two bands of noise, by random weights: the whole way, not the model."""
    songs = tmp_path / "songs"
    songs.mkdir()
    for track in range(5):
        soundfile.write(songs / f"jazz.{track}.wav", hum(2.5, 100, 900, track), RATE)
        soundfile.write(songs / f"metal.{track}.wav", hum(2.5, 2000, 7000, track), RATE)
    torch.set_num_threads(1)
    extractor = MN04Tokens(keep(weights))
    out = tmp_path / "own.safetensors"
    train(
        [songs],
        out,
        partial(music_tokens, extractor),
        extractor.features,
        extractor.rate,
        cache=tmp_path / "cache",
        passes=1,
        steps=20,
        progress=False,
    )
    card = load_checkpoint(out)[1]
    assert card["features"]["extractor"].startswith("EfficientAT mn04_as")
    assert load_genres(out)[0].features == extractor.features
    film = tmp_path / "new.wav"
    soundfile.write(film, hum(6.0, 2000, 7000, 99), RATE)
    assert main(["run", str(film), "--genres", str(out), "--json", "-"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    named = [line["top"][0][0] for line in lines if "top" in line]
    assert len(named) == 11 and set(named) == {"metal"}
    next(kept.glob("*.pt")).unlink()
    assert main(["run", str(film), "--genres", str(out)]) == 2
    assert "--hearing" in capsys.readouterr().err
    assert main(["run", str(film), "--genres", str(out), "--hearing", str(weights)]) == 0
