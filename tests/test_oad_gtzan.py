"""The paper's audio experiment: tokens a quarter of a second apart, tracks split, both forms alike."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from app.cli import main
from app.features.music import MusicTokens
from app.features.sound import tokenise
from models.training.genres.songs import GENRES
from models.training.oad.gtzan_paper import RATE, Track, experiment, read_tokens, split, windows


def tracks(count: int, tokens: int = 130, size: int = 12) -> list[Track]:
    """Noise in which the genre is one raised feature."""
    rng = np.random.default_rng(0)
    made = []
    for genre, name in enumerate(GENRES):
        for k in range(count):
            rows = rng.normal(size=(tokens + k, size)).astype(np.float32)
            rows[:, genre] += 1
            made.append(Track(f"{name}.{k:05d}", genre, rows))
    return made


def test_tokens_cover_the_whole_track_a_quarter_of_a_second_apart() -> None:
    """30 s give 117 tokens, from 1 s to 30 s: not 120 within the first 8.4 s."""
    rate = 22050
    sound = np.random.default_rng(0).normal(size=30 * rate).astype(np.float32) * 0.1
    times = [token.time for token in tokenise(sound, rate, MusicTokens(rate=RATE))]
    assert np.allclose(np.diff(times), 0.25) and times[0] == 1.0 and times[-1] == 30.0 and len(times) == 117


def test_the_split_is_by_track_and_every_part_has_every_genre() -> None:
    for count, sizes in ((100, (720, 180, 100)), (5, (30, 10, 10)), (3, (10, 10, 10))):
        made = tracks(count, tokens=1)
        parts = split(made, 1)
        assert tuple(len(part) for part in parts.values()) == sizes
        names = [track.name for part in parts.values() for track in part]
        assert sorted(names) == sorted(track.name for track in made)
        assert all({track.genre for track in part} == set(range(10)) for part in parts.values())
    assert split(made, 1) == parts and split(made, 2) != parts
    with pytest.raises(ValueError, match="10 tracks are too few"):
        split(tracks(1), 0)


def test_a_track_is_its_newest_120_tokens() -> None:
    long, short = Track("a", 3, np.arange(400.0).reshape(200, 2)), Track("b", 1, np.ones((5, 2)))
    tokens, lengths, genres = windows([long, short], 120)
    assert tokens.shape == (2, 120, 2) and lengths.tolist() == [120, 5] and genres.tolist() == [3, 1]
    assert np.array_equal(tokens[0].numpy(), long.tokens[80:]) and tokens[1, :115].abs().sum() == 0


@pytest.mark.parametrize(("model", "epochs", "learnt"), [("GTZAN-b1", 12, 0.8), ("GTZAN-b2", 1, 0.0)])
def test_it_learns_and_both_forms_agree(tmp_path: Path, model: str, epochs: int, learnt: float) -> None:
    result = experiment(
        tracks(6), tmp_path / "w", model_name=model, epochs=epochs, lr=2e-3, seed=5, progress=False
    )
    assert result["streaming"]["accuracy"] >= learnt and result["agreement"]["agree"]
    assert result["agreement"]["max_probability"] < 1e-5
    assert result["config"]["model_size"] == 192 and result["config"]["heads"] == 16
    assert result["config"]["window"] == 120 and result["config"]["input_size"] == 12
    assert [path.name for path in tmp_path.iterdir()] == ["w"]


def test_wrong_tokens_are_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"has no genre\.track\.npy"):
        read_tokens(tmp_path)
    np.save(tmp_path / "blues.00000.npy", np.ones((3, 4), np.float32))
    for name, content, message in (
        ("polka.1.npy", np.ones((3, 4)), "'polka' is none of blues"),
        ("rock.1.npy", np.ones((3, 5)), r"rock\.1\.npy: 5 features, 4 in blues\.00000"),
        ("rock.1.npy", np.ones(3), r"float64 \(3,\), expected floats"),
        ("rock.1.npy", np.full((3, 4), np.nan), "not finite"),
        ("rock.1.npy", np.array([[{}]], object), "is refused"),
    ):
        np.save(tmp_path / name, content, allow_pickle=True)
        with pytest.raises(ValueError, match=message):
            read_tokens(tmp_path)
        (tmp_path / name).unlink()


def test_from_recordings_to_the_table(data: Path, tmp_path: Path, capsys) -> None:
    recordings = tmp_path / "gtzan"
    for genre in GENRES:
        (recordings / genre).mkdir(parents=True)
        for path in sorted((data / "gtzan" / "clips").glob(f"{genre}.*"))[:3]:
            shutil.copy(path, recordings / genre / path.name)
    (recordings / "jazz" / "jazz.99999.wav").write_bytes(b"damaged")
    out, result = tmp_path / "w.safetensors", tmp_path / "r.json"
    command = ["oad", "gtzan", str(recordings), "--out", str(out), "--cache", str(tmp_path / "cache")]
    assert main([*command, "--epochs", "2", "--json", str(result), "--threads", "1"]) == 0
    captured = capsys.readouterr()
    assert "streaming  accuracy" in captured.out and "jazz.99999.wav is not a readable" in captured.err
    found = json.loads(result.read_text())
    assert found["features"]["rate"] == 4.0 and len(found["tracks"]["test"]) == 10
    assert main(["oad", "table", str(result)]) == 0
    row = next(r for r in capsys.readouterr().out.splitlines() if r.startswith("GTZAN-b1"))
    assert f"{100 * found['streaming']['accuracy']:.1f} (1)" in row
    assert main(["oad", "gtzan", str(tmp_path / "none"), "--out", str(out)]) == 2
    assert "none is not a folder" in capsys.readouterr().err
