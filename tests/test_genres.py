"""Training and evaluation of the genres, from audio files to weights."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from app.features.music import MusicTokens
from app.features.sound import tokenise
from models.checkpoint import load_checkpoint
from models.continual.classifier import ContinualTransformer
from models.training.baselines import probe_path
from models.training.genres import contest
from models.training.genres.audio import augment, join, read
from models.training.genres.contest import COLUMNS, compare
from models.training.genres.learn import evaluate, train
from models.training.genres.lesson import SHAPE
from models.training.genres.scoring import Probe
from models.training.genres.songs import (
    EXTRA,
    GENRES,
    LABELS,
    Recording,
    Stream,
    Windows,
    alone,
    deal,
    find_recordings,
    make_streams,
)
from models.training.genres.start import start_as
from models.training.streaming import continual_logits
from models.training.train import Batch

RATE = 16000


NAMES = (*GENRES, "none")  # of files


def fake_tokens(sound: np.ndarray, rate: int, boost: float = 0.0) -> np.ndarray:
    """Loudness in eleven bands as tokens, two a second: enough to tell apart what this file makes."""
    pieces = sound[: len(sound) // (rate // 2) * (rate // 2)].reshape(-1, rate // 2)
    spectrum = np.abs(np.fft.rfft(pieces, axis=1))[:, : 11 * 250].reshape(len(pieces), 11, 250)
    return np.log1p(spectrum.mean(2)).astype(np.float32)


def write(path: Path, genre: int, seed: int, seconds: float = 4, rate: int = RATE) -> None:
    """Noise in the band of the genre's number."""
    rng = np.random.default_rng(seed)
    n = round(seconds * rate)
    spectrum = np.fft.rfft(rng.normal(size=n))
    frequency = np.fft.rfftfreq(n, 1 / rate)
    spectrum[(frequency < 500 * genre) | (frequency >= 500 * (genre + 1))] *= 0.05
    soundfile.write(path, 0.3 * np.fft.irfft(spectrum, n) / 0.3, rate)


@pytest.fixture
def folder(tmp_path) -> Path:
    songs = tmp_path / "songs"
    songs.mkdir()
    for genre, name in enumerate(NAMES):
        for track in range(10):
            write(songs / f"{name}.{track:05}.flac", genre, track)
    return songs


def test_recordings_are_found_by_name_and_others_named(folder):
    (folder / "polka.00001.flac").write_bytes(b"")
    (folder / "notes.txt").write_text("hello")
    (folder / "jazz.flac").write_bytes(b"")
    recordings, skipped = find_recordings([folder])
    assert len(recordings) == 110
    assert len(skipped) == 3 and any("polka" in reason for reason in skipped)
    with pytest.raises(ValueError, match="not a folder"):
        find_recordings([folder / "absent"])
    (folder / "empty").mkdir()
    with pytest.raises(ValueError, match="no recordings"):
        find_recordings([folder / "empty"])


def test_files_of_one_track_stay_on_one_side(folder):
    (folder / "more").mkdir()
    write(folder / "more" / "jazz.00003.longer.flac", 5, 3)
    recordings, _ = find_recordings([folder])
    assert sum(recording.track == "jazz.00003" for recording in recordings) == 2
    parts = deal(recordings)
    assert len(parts) == 110
    assert sorted(parts[f"jazz.{track:05}"] for track in range(10)) == sorted([*range(5), *range(5)])


def test_short_recordings_are_repeated_and_each_is_heard_by_itself(folder, tmp_path):
    recordings = find_recordings([folder])[0][:20]
    write(folder / "rock.long.flac", 9, 1, seconds=7)
    recordings.append(Recording(folder / "rock.long.flac", 9, "rock.long"))
    single = alone(recordings, fake_tokens, {}, tmp_path / "cache", False)
    assert [len(tokens) for tokens in single] == [8] * 20 + [14]
    recipe = {"seed": 0, "cache": tmp_path / "cache", "progress": False}
    streams = make_streams(recordings, [], single, fake_tokens, {}, 2.0, passes=2, **recipe)
    lengths = [len(stream.tokens) for stream in streams]
    assert sorted(lengths[:21]) == [10] * 20 + [14]  # 5.1 s, and the long one as it was
    assert all(9 <= length <= 11 for length in lengths[21:41]) and lengths[41] >= 12  # at another speed
    heard = next(s.tokens for s in streams if len(s.tokens) == 10 and s.genre == recordings[0].genre)
    np.testing.assert_allclose(heard[:7], single[0][:7], atol=0.01)
    folds = deal(recordings)
    assert sorted(s.fold for s in streams[:21]) == sorted(folds[r.track] for r in recordings)


def test_windows_have_every_length_phase_and_genre():
    rng = np.random.default_rng(0)
    streams = [
        Stream(rng.normal(size=(30, 4)).astype(np.float32) + 10 * g, g, p)
        for g in range(len(LABELS))
        for p in (0, EXTRA)
    ]
    windows = Windows(
        streams, 60, lambda tokens, lengths: np.full((len(tokens), len(LABELS)), 1 / len(LABELS))
    )
    batches = [windows(np.random.default_rng(seed)) for seed in range(60)]
    assert {int(length) for batch in batches for length in batch.lengths} >= set(range(1, 33))
    assert {int(tick) for batch in batches for tick in batch.ticks} == set(range(119))
    for batch in batches:
        assert batch.tokens.shape[1] <= 60 and batch.lengths.max() <= batch.tokens.shape[1]
        np.testing.assert_allclose(batch.targets.sum(1), 1, atol=1e-5)
    again = windows(np.random.default_rng(0))
    assert all(np.array_equal(a, b) for a, b in zip(again, batches[0], strict=True))
    assert isinstance(again, Batch)


def test_train_then_evaluate(folder, tmp_path, assets):
    torch.set_num_threads(1)  # sums over several threads differ in their last bits from run to run
    features = {"extractor": "loudness of bands"}
    out = tmp_path / "genres.safetensors"
    recipe = {"cache": tmp_path / "cache", "passes": 2, "steps": 60, "progress": False}
    recipe["shape"] = {"model_size": 64, "feedforward": 64}  # learns in so few steps
    scores = train([folder], out, fake_tokens, features, 2.0, **recipe)
    assert scores["held_out"]["n"] == 22 and scores["held_out"]["clip_accuracy"] >= 0.9
    model, card = load_checkpoint(out)
    assert card["labels"] == list(LABELS) and card["features"] == features and card["window"] == model.window
    first = out.read_bytes()

    def never(sound: np.ndarray, rate: int, boost: float = 0.0) -> np.ndarray:
        raise AssertionError("what is in the cache was tokenised again")

    for interrupted in recipe["cache"].glob("*.run"):
        interrupted.unlink()
    train([folder], out, never, features, 2.0, **recipe)
    assert out.read_bytes() == first  # the same data and seed, the same weights

    other = tmp_path / "other"
    other.mkdir()
    for genre, name in enumerate(NAMES):
        write(other / f"{name}.new.wav", genre, 99, seconds=6, rate=44100)
    write(other / "jazz.long.wav", GENRES.index("jazz"), 98, seconds=11)
    write(other / "none.long.wav", len(GENRES), 97, seconds=11)  # long, but no music
    (other / "rock.broken.ogg").write_bytes(b"no sound at all")
    soundfile.write(other / "rock.short.wav", np.zeros(10), RATE)
    scores = evaluate([other], out, fake_tokens)
    assert json.loads(json.dumps(scores)) is not None
    assert scores["n"] == 13 and len(scores["skipped"]) == 2
    assert scores["long_n"] == 1 and scores["long_accuracy"] == 1
    assert {"tick_accuracy", "clip_accuracy", "top3", "ece", "coverage", "selective_accuracy"} <= set(scores)
    assert scores["clip_accuracy"] >= 0.8 and scores["baseline"]["clip_accuracy"] >= 0.8
    assert scores["settled_accuracy"] is not None
    # Two recordings of tracks that trained are left out, or counted when they are asked for.
    _, card = load_checkpoint(out)
    assert len(card["tracks"]) == 88 and "jazz.new" not in card["tracks"]
    for number, track in enumerate(card["tracks"][:2]):
        genre = GENRES.index(track.split(".")[0])
        write(other / f"{track}.again.wav", genre, number, seconds=6)
    scores = evaluate([other], out, fake_tokens)
    assert scores["n"] == 13 and scores["trained_on"] == {"left_out": 2, "scored": 0}
    scores = evaluate([other], out, fake_tokens, everything=True)
    assert scores["n"] == 15 and scores["trained_on"] == {"left_out": 0, "scored": 2}
    with pytest.raises(ValueError, match=r"all 80 recordings are of tracks that trained genres.*--all"):
        seen = tmp_path / "seen"
        seen.mkdir()
        for path in folder.iterdir():
            if ".".join(path.name.split(".")[:2]) in card["tracks"]:
                (seen / path.name).symlink_to(path)
        evaluate([seen], out, fake_tokens)
    kept = probe_path(out).read_bytes()
    for damaged in (kept[:99], (assets / "actions_probe.safetensors").read_bytes()):
        probe_path(out).write_bytes(damaged)
        with pytest.raises(ValueError, match=rf"{probe_path(out).name} is not the linear probe of"):
            evaluate([other], out, fake_tokens)
    probe_path(out).unlink()
    assert evaluate([other], out, fake_tokens)["baseline"] is None


def test_a_model_starts_as_its_probe():
    rng = np.random.default_rng(0)
    probe = Probe(rng.normal(size=(6, len(LABELS))) * 0.3, rng.normal(size=len(LABELS)) * 0.3)
    for blocks, deep in ((1, "retroactive"), (2, "retroactive"), (2, "streaming")):
        torch.manual_seed(0)
        shape = {**SHAPE, "blocks": blocks, "deep": deep}
        model = ContinualTransformer(input_size=6, classes=len(LABELS), window=8, **shape).eval()
        start_as(model, probe)
        stream = rng.normal(size=(20, 6)).astype(np.float32)
        logits = stream @ probe.weight + probe.bias
        means = np.stack([logits[max(0, k - 7) : k + 1].mean(0) for k in range(20)])
        (given,) = continual_logits(model, [stream])
        # What all classes have in common names none of them, and LayerNorm takes it away.
        given, means = (rows - rows.mean(1, keepdims=True) for rows in (given, means))
        np.testing.assert_allclose(given, means, atol=0.05)
    with pytest.raises(ValueError, match="expected 'pre', False, and at least 24"):
        start_as(
            ContinualTransformer(input_size=6, classes=11, window=8, **SHAPE | {"model_size": 16}), probe
        )


def test_music_from_elsewhere_makes_doubt_and_is_judged_once(folder, tmp_path):
    torch.set_num_threads(1)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for genre, name in enumerate(GENRES):  # of each pair the first, which counts, sounds like the second
        write(elsewhere / f"{name}.new.wav", genre + 1 - genre % 2, 99, seconds=6)
    recipe = {"cache": tmp_path / "cache", "passes": 1, "steps": 20, "progress": False}
    cards = []
    for name, folders in (("sure", ()), ("doubting", (elsewhere,))):
        out = tmp_path / f"{name}.safetensors"
        scores = train([folder], out, fake_tokens, {}, 2.0, elsewhere=folders, **recipe)
        cards.append(load_checkpoint(out)[1])
    assert scores["elsewhere"]["n"] == 5 and cards[1]["scores"]["elsewhere"]["n"] == 5
    assert "elsewhere" not in cards[0]["scores"]
    assert cards[1]["temperature"] >= cards[0]["temperature"]
    assert cards[1]["threshold"] >= cards[0]["threshold"]
    assert cards[0]["tracks"] == cards[1]["tracks"]  # it trained nothing


def test_rivals_learn_from_the_same_tokens(folder, tmp_path, monkeypatch):
    torch.set_num_threads(1)
    monkeypatch.setattr(contest, "price", partial(contest.price, budget=0.1))
    recipe = {"cache": tmp_path / "cache", "passes": 1, "steps": 20, "progress": False}
    names = ("b1", "random", "GRU", "strided", "probe")
    table = compare([folder], names, fake_tokens, {}, 2.0, elsewhere=[folder], **recipe)
    assert list(table) == list(names)
    for row in table.values():
        assert set(row) == {*COLUMNS, "macs", "step_us"}
    for name in ("b1", "probe"):  # the others cannot have learnt in so few steps
        assert table[name]["clip_accuracy"] >= 0.5 and table[name]["else_clip_accuracy"] >= 0.5
    assert table["probe"]["macs"] == 11 * len(LABELS) < table["b1"]["macs"] < table["strided"]["macs"]
    with pytest.raises(ValueError, match="model is 'LSTM', expected one of b1"):
        compare([folder], ["LSTM"], fake_tokens, {}, 2.0, **recipe)


def test_each_fifth_is_held_out_once_and_then_all_train(folder, tmp_path):
    torch.set_num_threads(1)
    out = tmp_path / "genres.safetensors"
    recipe = {"cache": tmp_path / "cache", "passes": 1, "steps": 40, "progress": False}
    scores = train([folder], out, fake_tokens, {}, 2.0, folds=True, **recipe)
    assert scores["held_out"]["n"] == 110 and len(scores["folds"]) == 5
    mean = np.mean([line["clip_accuracy"] for line in scores["folds"]])
    assert scores["held_out"]["clip_accuracy"] == pytest.approx(mean)
    runs = sorted(path.name for path in (tmp_path / "cache").glob("*.run"))
    assert runs == sorted(f"genres-genres-0-{left_out}.run" for left_out in (0, 1, 2, 3, 4, None))
    _, card = load_checkpoint(out)
    assert card["scores"]["folds"] == scores["folds"] and "confusion" not in card["scores"]["held_out"]
    first = out.read_bytes()
    train([folder], out, fake_tokens, {}, 2.0, folds=True, **recipe)  # taken up where it ended
    assert out.read_bytes() == first


def test_weights_of_another_task_are_refused(folder, assets):
    with pytest.raises(ValueError, match="not for genres"):
        evaluate([folder], assets / "actions.safetensors", fake_tokens)


def test_augmented_sound_is_sound_of_about_the_same_length():
    t = np.arange(2 * RATE) / RATE
    tone = (0.3 * np.sin(2 * np.pi * 440 * t)).astype(np.float32)
    results = [augment(tone, RATE, np.random.default_rng(seed)) for seed in range(20)]
    for sound in results:
        assert sound.dtype == np.float32 and np.isfinite(sound).all()
        assert 0.9 <= len(sound) / len(tone) <= 1.1
    assert not np.allclose(results[0][:RATE], results[1][:RATE])
    assert len(join([tone, tone], RATE)) == 4 * RATE - round(0.02 * RATE)


def test_read_takes_other_formats_and_refuses_what_is_no_sound(tmp_path, data):
    stereo = np.stack([np.full(8000, 0.5), np.zeros(8000)], 1)
    soundfile.write(tmp_path / "a.wav", stereo, 8000)
    sound, rate = read(tmp_path / "a.wav")
    assert rate == 8000 and sound == pytest.approx(0.25, abs=1e-3) and len(sound) == 8000
    sound, rate = read(next((data / "music").glob("*Vibe_Ace.ogg")))
    assert len(sound) / rate == pytest.approx(61.5, abs=0.2)
    (tmp_path / "b.wav").write_text("no sound")
    with pytest.raises(ValueError, match=r"b\.wav"):
        read(tmp_path / "b.wav")


def test_shipped_weights_know_the_genres(data, assets, tmp_path):
    """On one recording a genre that they were trained on: a floor that broken features fall through."""
    extractor = MusicTokens()
    found = {path.name.split(".")[0]: path for path in sorted((data / "gtzan" / "tracks").iterdir())}
    for path in found.values():
        (tmp_path / path.name).symlink_to(path)

    def tokens(sound: np.ndarray, rate: int) -> np.ndarray:
        return np.stack([token.vector for token in tokenise(sound, rate, extractor)])

    _, card = load_checkpoint(assets / "genres.safetensors")
    assert card["features"] == extractor.features and card["rate"] == extractor.rate
    where = ([tmp_path], assets / "genres.safetensors", tokens)
    with pytest.raises(ValueError, match="all 10 recordings are of tracks that trained"):
        evaluate(*where)
    scores = evaluate(*where, everything=True)
    assert scores["clip_accuracy"] >= 0.8 and scores["top3"] >= 0.9
