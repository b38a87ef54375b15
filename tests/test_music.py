"""Log-mel, MusiCNN whole and continual, and the music tokens."""

from __future__ import annotations

import hashlib
import math

import librosa
import numpy as np
import pytest
import soundfile
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from app.capture.media import AudioBlock
from app.features.music import MusicTokens
from app.features.sound import tokenise
from models.extractors import logmel, yamnet
from models.extractors.logmel import FFT, HOP, LOUDEST, MELS, RATE, Leveller, MelPower, compress
from models.extractors.musicnn import WINDOW, ContinualMusiCNN, load_musicnn


@pytest.fixture(scope="module")
def extractor() -> MusicTokens:
    return MusicTokens()


@pytest.fixture(scope="module")
def msd(assets):
    return load_musicnn(assets / "musicnn.safetensors")


def tune(seconds: float, rate: int = RATE) -> np.ndarray:
    """A little music: four notes a second with a drum of noise on every second one."""
    rng = np.random.default_rng(0)
    t = np.arange(round(seconds * rate)) / rate
    note = np.array([220, 277.2, 329.6, 440])[(t * 4).astype(int) % 4]
    decay = np.exp(-3 * (t * 4 % 1))
    sound = 0.2 * decay * np.sin(2 * np.pi * note * t) + 0.1 * decay * np.sin(4 * np.pi * note * t)
    drum = 0.1 * np.exp(-8 * (t * 2 % 1)) * rng.normal(size=len(t))
    return (sound + drum).astype(np.float32)


def stream(extractor: MusicTokens, sound: np.ndarray, rate: int, sizes, start: float = 0.0):
    """Tokens of ``sound`` given in blocks of these sizes, the last size over and over."""
    extractor.gap(start)
    tokens, at, sizes = [], 0, list(sizes)
    while at < len(sound):
        size = sizes.pop(0) if len(sizes) > 1 else sizes[0]
        tokens += extractor.audio(AudioBlock(sound[at : at + size], rate, start + at / rate, 0.0))
        at += size
    return tokens + extractor.flush()


def test_the_filterbanks_are_librosas() -> None:
    slaney = librosa.filters.mel(sr=RATE, n_fft=FFT, n_mels=MELS)
    htk = librosa.filters.mel(sr=RATE, n_fft=FFT, n_mels=64, fmin=125, fmax=7500, htk=True, norm=None)
    np.testing.assert_allclose(logmel.filterbank(), slaney.T, rtol=1e-5, atol=1e-9)
    np.testing.assert_allclose(yamnet.filterbank(), htk.T, rtol=1e-5, atol=1e-7)


def vectors(tokens) -> np.ndarray:
    return np.stack([token.vector for token in tokens])


def test_columns_are_those_of_librosa():
    sound = tune(2.3)
    expected = librosa.feature.melspectrogram(
        y=sound, sr=RATE, n_fft=512, hop_length=HOP, n_mels=MELS, center=True, pad_mode="constant"
    ).T
    columns = MelPower().push(sound)
    assert len(columns) >= len(expected) - 2
    np.testing.assert_allclose(columns, expected[: len(columns)], rtol=1e-4, atol=1e-6)


@settings(deadline=None, max_examples=20)
@given(st.lists(st.integers(1, 3000), min_size=1, max_size=12))
def test_columns_do_not_depend_on_the_blocks(sizes):
    sound = tune(0.8)
    mel = MelPower()
    cuts = np.cumsum(sizes)
    parts = [mel.push(part) for part in np.split(sound, cuts[cuts < len(sound)])]
    assert np.array_equal(np.concatenate(parts), MelPower().push(sound))


def test_levelled_columns_are_blind_to_gain_and_keep_silence_silent():
    power = MelPower().push(tune(4))
    levelled = Leveller().push(power)
    for gain in (0.01, 100):  # power: ±20 dB
        np.testing.assert_allclose(Leveller().push(power * np.float32(gain)), levelled, rtol=1e-4)
    assert 10 * np.log10(levelled.mean(1)[100:].max()) == pytest.approx(LOUDEST, abs=0.5)
    np.testing.assert_allclose(Leveller(10.0).push(power), 10 * levelled, rtol=1e-4)
    hiss = np.random.default_rng(0).normal(size=RATE).astype(np.float32) * 1e-4  # -80 dB
    assert compress(Leveller().push(MelPower().push(hiss))).max() < 0.1
    leveller = Leveller()
    before = leveller.push(power)[-1] / power[-1]
    leveller.push(np.zeros((600, MELS), np.float32))  # a pause does not raise the gain
    np.testing.assert_allclose(leveller.push(power[:1])[0] / power[0], before, rtol=0.05)


def test_musicnn_is_tensorflows(msd):
    # Given by TensorFlow 2.21 from the checkpoint of musicnn 0.1.0 and its own graph, for this input.
    expected_embedding = [-0.17717558, -0.1270288, -0.28482637, -0.275121, -0.3531506, 1.406839]
    expected_tags = [-3.2153533, -2.9155838, -3.7842016, -3.6614327, -0.35170233, -3.7944832]
    t, f = np.meshgrid(np.arange(WINDOW), np.arange(MELS), indexing="ij")
    columns = torch.from_numpy((2 + np.sin(t * f / 50) + np.cos(t / 7)).astype(np.float32))
    with torch.inference_mode():
        embedding, tags = msd(columns[None])
    np.testing.assert_allclose(embedding[0, :6], expected_embedding, atol=2e-5)
    np.testing.assert_allclose(tags[0, :6], expected_tags, atol=5e-5)


def test_continual_musicnn_is_the_front_end_of_all_and_the_pooling_of_the_window(msd):
    columns = torch.from_numpy(compress(MelPower().push(tune(9))))
    network = ContinualMusiCNN(msd)
    at = 0
    for stop in (1, 40, 41, 130, 190, 220, 251, 400, len(columns)):
        network.push(columns[at:stop])
        embedding, tags = network()
        with torch.inference_mode():
            x = msd.normalise(columns[None, :stop])
            front = [part(F.pad(x, (0, 0, part.past, part.ahead))) for part in msd.parts()]
            expected = msd.embed(torch.cat(front, 2)[:, -WINDOW:])
            if stop <= WINDOW:  # nothing has left the window: the network as it was published
                torch.testing.assert_close(msd(columns[None, :stop]), expected)
        torch.testing.assert_close(embedding, expected[0][0], atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(tags, expected[1][0], atol=1e-4, rtol=1e-4)
        at = stop
    network.reset()
    with pytest.raises(ValueError, match="no columns"):
        network()


def test_hearing_step_by_step_is_the_networks_over_their_windows(extractor, msd, data, assets):
    """Through a track, after a seek, and after a reset: every token, from the first one on."""
    yam = yamnet.load_yamnet(assets / "yamnet.safetensors")
    sound, rate = soundfile.read(data / "gtzan" / "tracks" / "rock.00002.flac", dtype="float32")
    sound = librosa.resample(sound, orig_sr=rate, target_sr=RATE)
    for begin, end in ((0.0, 8.0), (9.5, 12.0), (0.0, 2.0)):
        part = sound[round(begin * RATE) : round(end * RATE)]
        for number, token in enumerate(stream(extractor, part, RATE, [4000], start=begin)):
            heard = part[: round((token.time - begin) * RATE)]
            leveller = Leveller()
            columns = torch.from_numpy(compress(leveller.push(MelPower().push(heard))))[None]
            with torch.inference_mode():
                x = msd.normalise(columns)
                front = [part(F.pad(x, (0, 0, part.past, part.ahead))) for part in msd.parts()]
                expected = msd.embed(torch.cat(front, 2)[:, -WINDOW:])[0][0].numpy()
            np.testing.assert_allclose(token.vector[:200], expected, atol=1e-4)
            if number % 2 == 0:  # its patch ends here; the next token repeats what it said
                said = yamnet.likelihoods(yam, heard * np.float32(math.sqrt(leveller.gain)))
            np.testing.assert_allclose(token.vector[200:], said, atol=1e-4)
        assert number == 2 * (end - begin) - 2


def test_no_sound_is_gone_through_twice(extractor):
    """Of what the windows of both networks take together, a token costs less than a quarter."""
    assert sum(extractor.macs.values()) * 4 < sum(extractor.macs_regular.values())
    assert extractor.macs.keys() == extractor.macs_regular.keys()


def test_macs_are_those_that_torch_counts(msd):
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        msd(torch.zeros(1, WINDOW, MELS))
    assert counter.get_total_flops() == 2 * msd.macs(WINDOW, WINDOW)
    network = ContinualMusiCNN(msd)
    network.push(torch.zeros(400, MELS))
    network()
    network.push(torch.zeros(31, MELS))
    with FlopCounterMode(display=False) as counter:
        network()
    assert counter.get_total_flops() == 2 * network.macs(31)
    assert network.macs(31) < msd.macs(WINDOW, WINDOW) / 4


def test_weights_are_the_build_scripts_and_others_are_refused(assets, tmp_path):
    digest = hashlib.sha256((assets / "musicnn.safetensors").read_bytes()).hexdigest()
    assert digest in (assets / "build_musicnn.py").read_text()
    save_file({"x": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(ValueError, match="no MusiCNN"):
        load_musicnn(tmp_path / "other.safetensors")
    with pytest.raises(FileNotFoundError):
        load_musicnn(tmp_path / "absent.safetensors")


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 44100, 48000])
def test_streamed_tokens_are_those_of_the_whole_sound(extractor, rate):
    sound = tune(4.2, rate)
    whole = tokenise(sound, rate, extractor)
    assert [token.tick for token in whole] == list(range(2, 9))
    assert [token.time for token in whole] == [tick / extractor.rate for tick in range(2, 9)]
    for sizes in ([rate], [512], [1, 77, 5000, 333], [len(sound) - 1, 1]):
        streamed = stream(extractor, sound, rate, sizes)
        assert [token.tick for token in streamed] == [token.tick for token in whole]
        assert np.array_equal(vectors(streamed), vectors(whole))
    assert whole[0].vector.shape == (extractor.size,) and whole[0].vector.dtype == np.float32


def test_a_token_knows_nothing_of_the_future(extractor):
    sound = tune(4)
    other = sound.copy()
    other[round(2.5 * RATE) :] = np.random.default_rng(0).normal(size=len(sound) - round(2.5 * RATE))
    a, b = (vectors(tokenise(s, RATE, extractor)) for s in (sound, other))
    assert np.array_equal(a[:4], b[:4])  # ticks 2 to 5: up to 2.5 s
    assert not np.allclose(a[4], b[4])


def test_tokens_are_blind_to_gain_and_sample_rate(extractor):
    reference = vectors(tokenise(tune(4, 48000), 48000, extractor))
    resampled = librosa.resample(tune(4, 48000), orig_sr=48000, target_sr=22050)
    for part in (slice(200), slice(200, None)):  # MusiCNN's and YAMNet's
        spread = np.abs(reference[:, part]).mean()
        for gain in (0.1, 10):
            other = vectors(tokenise(tune(4, 48000) * gain, 48000, extractor))
            assert np.abs(other - reference)[:, part].mean() < 0.01 * spread
        other = vectors(tokenise(resampled, 22050, extractor))
        assert np.abs(other - reference)[:, part].mean() < 0.1 * spread


def test_silence_is_no_music(extractor):
    assert {token.status for token in tokenise(np.zeros(RATE * 3), RATE, extractor)} == {"no music"}
    sound = np.concatenate([np.zeros(RATE * 4, np.float32), tune(4), np.zeros(RATE * 5, np.float32)])
    status = {token.time: token.status for token in tokenise(sound, RATE, extractor)}
    assert status[3.5] == "no music" and status[6.0] == "" and status[12.5] == "no music"


def test_the_tick_grid_is_that_of_media_time(extractor):
    """A stream that starts at 3.3 s has its first token at the first tick with a second of sound."""
    sound = tune(3)
    tokens = stream(extractor, sound, RATE, [1000], start=3.3)
    assert [token.time for token in tokens] == [4.5, 5.0, 5.5, 6.0]
    assert [token.tick for token in tokens] == [9, 10, 11, 12]


def test_a_gap_starts_anew(extractor):
    fresh = vectors(stream(extractor, tune(3), RATE, [800], start=10.0))
    extractor.audio(AudioBlock(np.ones(RATE, np.float32), 48000, 0.0, 0.0))
    with pytest.raises(ValueError, match="16000 Hz after 48000 Hz"):
        extractor.audio(AudioBlock(tune(1), RATE, 1.0, 0.0))
    assert np.array_equal(vectors(stream(extractor, tune(3), RATE, [800], start=10.0)), fresh)


def test_level_and_columns_for_the_display(extractor):
    extractor.gap(0.0)
    extractor.columns()
    assert extractor.level == -math.inf
    t = np.arange(48000) / 48000
    extractor.audio(AudioBlock(np.sin(2 * np.pi * 440 * t).astype(np.float32), 48000, 0.0, 0.0))
    assert extractor.level == pytest.approx(-3.01, abs=0.05)
    columns = extractor.columns()
    assert columns.shape[1] == MELS and 50 <= len(columns) <= 62
    assert columns.min() >= 0 and columns.max() < 8
    assert extractor.columns().shape == (0, MELS)
    assert set(extractor.macs) == {"log-mel", "MusiCNN", "YAMNet"}


def test_real_music_has_the_tags_it_should(data, msd):
    for name, expected in (("metal.00002", {"metal", "heavy metal"}), ("jazz.00000", {"jazz"})):
        sound, rate = soundfile.read(data / "gtzan" / "tracks" / f"{name}.flac", dtype="float32")
        sound = librosa.resample(sound, orig_sr=rate, target_sr=RATE)
        with torch.inference_mode():
            columns = compress(Leveller().push(MelPower().push(sound)))
            _, tags = msd(torch.from_numpy(columns)[None])
        best = {msd.tags[i] for i in tags[0].argsort(descending=True)[:5]}
        assert expected & best
