"""Your own video, the whole way: features by chunks, a CSV of spans, labels, and what cannot be used."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from app.capture.media import Frame
from app.capture.opencv import cv2
from app.cli import main
from app.features.chunks import BINS, CELLS, FLOW_SIZE, ChunkTokens, flow_histogram
from app.pipeline.tasks import load_actions
from models.training.oad.spans import label_frames, read_spans, write_labels
from tests.devices import camera_server, ffmpeg  # noqa: F401


def picture(value: int) -> np.ndarray:
    return np.full((60, 80, 3), value, np.uint8)


@pytest.fixture(scope="module")
def extractor() -> ChunkTokens:
    return ChunkTokens("resnet18", weights="random", flow="dis")


def test_a_chunks_token_is_its_middle_picture_at_its_end(extractor: ChunkTokens) -> None:
    extractor.gap(0.0)
    pictures = [picture(7 * k) for k in range(24)]
    tokens = []
    for k, image in enumerate(pictures):
        tokens += extractor.frame(Frame(image, k / 24, 0.0))
    tokens += extractor.flush(1.0)
    assert [(token.tick, token.time) for token in tokens] == [(1, 0.25), (2, 0.5), (3, 0.75), (4, 1.0)]
    for chunk, token in enumerate(tokens):
        wanted = np.zeros(extractor.rgb_size, np.float32)
        extractor._write(pictures[6 * chunk + 3], wanted)  # of 0 to 5, the one at the chunk's middle
        np.testing.assert_allclose(token.vector[: extractor.rgb_size], wanted, atol=1e-6)
        assert len(token.vector) == extractor.size == extractor.rgb_size + FLOW_SIZE


def test_a_chunk_without_pictures_repeats_and_a_late_start_keeps_the_grid(extractor: ChunkTokens) -> None:
    extractor.gap(0.0)
    tokens = extractor.frame(Frame(picture(9), 0.3, 0.0))
    tokens += extractor.frame(Frame(picture(50), 1.1, 0.0)) + extractor.advance(1.25)
    assert [(token.tick, token.repeated) for token in tokens] == [
        (2, False),
        (3, True),
        (4, True),
        (5, False),
    ]
    assert np.array_equal(tokens[0].vector, tokens[1].vector)
    with pytest.raises(ValueError, match="announce a gap"):
        extractor.frame(Frame(picture(0), 0.5, 0.0))


def test_flow_says_where_things_go() -> None:
    right = np.zeros((40, 40, 2), np.float32)
    right[:20, :20, 0] = 1.0  # the upper left quarter moves right
    found = flow_histogram(right)
    shares, speed = found[: CELLS * CELLS * BINS].reshape(CELLS, CELLS, BINS), found[-CELLS * CELLS :]
    assert shares[:2, :2, 0].min() == 1.0 and shares[2:].max() == 0.0 and shares[:, 2:].max() == 0.0
    assert speed.reshape(CELLS, CELLS)[0, 0] == pytest.approx(100 / 40)


def test_motion_of_real_pictures_is_found(extractor: ChunkTokens) -> None:
    extractor.gap(0.0)
    noise = cv2.GaussianBlur(
        np.random.default_rng(0).integers(256, size=(120, 240, 3), dtype=np.uint8), (9, 9), 3
    )
    tokens = []
    for k in range(13):  # two pixels of a picture of 160 to the left, each time
        tokens += extractor.frame(Frame(noise[:, 2 * k : 2 * k + 160].copy(), k / 24, 0.0))
    flow = tokens[-1].vector[extractor.rgb_size :]
    shares = flow[: CELLS * CELLS * BINS].reshape(-1, BINS).sum(0)
    assert shares[BINS // 2 - 1 : BINS // 2 + 1].sum() > 0.8 * shares.sum()
    assert 0.8 < flow[-CELLS * CELLS :].mean() / (2 * 100 / 160) < 1.2


def test_batches_give_what_single_pictures_give() -> None:
    one, many = (ChunkTokens("resnet18", weights="random", batch=batch) for batch in (1, 3))
    rows = []
    for extractor in (one, many):
        tokens = []
        for k in range(31):
            tokens += extractor.frame(Frame(picture(5 * k), k / 24, 0.0))
        extractor.finish()
        rows.append(np.stack([token.vector for token in tokens]))
    np.testing.assert_allclose(rows[0], rows[1], atol=1e-5)
    assert np.ptp(rows[0], axis=0).max() > 0


@pytest.fixture(scope="module")
def films(tmp_path_factory) -> list[str]:
    folder = tmp_path_factory.mktemp("films")
    made = []
    for name, pattern in (("a", "testsrc2"), ("b", "mandelbrot"), ("c", "testsrc")):
        made.append(str(folder / f"{name}.mp4"))
        ffmpeg("-f", "lavfi", "-i", f"{pattern}=size=160x120:rate=24", "-t", "3", made[-1])
    return made


def test_from_a_folder_of_videos_and_a_csv_to_a_named_action(films, tmp_path: Path, capsys) -> None:
    command = ["oad", "features", *films, "--out", str(tmp_path), "--backbone", "resnet18", "--random"]
    command += ["--recipe", "chunks", "--flow", "dis"]
    assert main(command) == 0
    rgb, flow = tmp_path / "rgb_resnet18", tmp_path / "flow_dis"
    assert np.load(rgb / "a.npy").shape == (12, 512) and np.load(flow / "a.npy").shape == (12, FLOW_SIZE)
    # It goes on where it was: what is there is not made again, what is not there is.
    (rgb / "b.npy").unlink()
    before = (rgb / "a.npy").stat().st_mtime_ns
    assert main(command) == 0
    assert (rgb / "b.npy").exists() and (rgb / "a.npy").stat().st_mtime_ns == before
    (tmp_path / "spans.csv").write_text(
        "video,start,end,label\na.mp4,0.5,1.5,wave\na.mp4,2,3,bow\nb.mp4,0,1,bow\nb.mp4,1,2.5,wave\nc.mp4,1,2,wave\n"
    )
    out = ["--out", str(tmp_path), "--dataset", "MINE", "--test", "c"]
    assert main(["oad", "label", str(tmp_path / "spans.csv"), "--features", str(rgb), *out]) == 0
    assert "3 videos, 2 classes: bow, wave; 2 to train on, 1 to test on" in capsys.readouterr().out
    labels = np.load(tmp_path / "target_perframe" / "a.npy").argmax(1)
    assert labels.tolist() == [0, 0, 2, 2, 2, 2, 0, 0, 1, 1, 1, 1]  # by the middle of each chunk
    where = ["--labels", str(tmp_path), "--features", str(tmp_path), "--dataset", "MINE", "--threads", "1"]
    weights = tmp_path / "mine.safetensors"
    train = ["oad", "train", *where, "--preset", "CoOadTR-b1", "--steps", "1", "--batch", "2"]
    assert main([*train, "--out", str(weights)]) == 0
    assert main(["oad", "evaluate", *where, "--weights", str(weights)]) == 0
    extractor, stream = load_actions(weights)
    assert isinstance(extractor, ChunkTokens) and stream.info.labels == ("Background", "bow", "wave")
    lines = tmp_path / "lines.jsonl"
    assert main(["run", films[2], "--actions", str(weights), "--json", str(lines)]) == 0
    said = [json.loads(line) for line in lines.read_text("utf-8").splitlines()]
    assert sum(line.get("task") == "actions" for line in said) >= 11


def test_what_cannot_be_used_is_named_and_the_rest_goes_on(films, tmp_path: Path, capsys) -> None:
    features = ["oad", "features", "--out", str(tmp_path), "--backbone", "resnet18", "--random"]
    other = tmp_path / "sub" / "a.mp4"
    other.parent.mkdir()
    other.write_bytes(Path(films[0]).read_bytes()[:5000])
    assert main([*features, films[0], str(other)]) == 2
    assert "would all be written to a.npy" in capsys.readouterr().err
    broken = other.rename(other.with_name("broken.mp4"))
    assert main([*features, str(broken), films[1]]) == 2
    assert "broken.mp4" in capsys.readouterr().err
    assert (tmp_path / "rgb_resnet18" / "b.npy").exists()
    assert main([*features, "--recipe", "chunks", films[1]]) == 2
    assert "has other features in it" in capsys.readouterr().err
    assert main(features) == 2
    assert "no video is named" in capsys.readouterr().err
    assert main([*features, films[0], "--flow", "dis"]) == 2
    assert "--recipe chunks" in capsys.readouterr().err


def test_a_camera_gives_features_too(camera_server, tmp_path: Path, capsys) -> None:  # noqa: F811
    command = ["oad", "features", "--camera", camera_server.url, "--seconds", "1", "--out", str(tmp_path)]
    assert main([*command, "--backbone", "resnet18", "--random"]) == 0
    (path,) = (tmp_path / "rgb_resnet18").glob("camera-*.npy")
    assert str(path) in capsys.readouterr().out
    assert 4 <= len(np.load(path)) <= 5


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("video,begin,end,label\n", "has no rows"),
        ("video,begin,end,label\na,0,1,x\n", "lacks the column start"),
        ("video,start,end,label\na,zero,1,x\n", "row 2: 'zero' to '1', expected seconds"),
        ("video,start,end,label\na,0,1,x\na,2,1,x\n", "row 3: from 2 s to 1 s is no span"),
        ("video,start,end,label\na,0,inf,x\n", "from 0 s to inf s is no span"),
        ("video,start,end,label\na,0,1, \n", "row 2: no label"),
    ],
)
def test_a_table_that_is_none(tmp_path: Path, rows: str, message: str) -> None:
    path = tmp_path / "spans.csv"
    path.write_text(rows)
    with pytest.raises(ValueError, match=message):
        read_spans(path)


def test_spans_that_fit_nothing_are_named_with_both_values(tmp_path: Path) -> None:
    path = tmp_path / "spans.csv"
    path.write_text(
        "video,start,end,label\n"
        "a.mp4,0,1,wave\na.mp4,9,10,wave\na.mp4,0.5,2,bow\na.mp4,1,2,jump\nnone.mp4,0,1,wave\na.mp4,0.5,2,wave\n"
    )
    made = label_frames(read_spans(path), {"a": 12, "b": 12}, 4.0, classes=["wave", "bow"])
    assert made.classes == ("Background", "wave", "bow")
    assert made.skipped == [
        "none: it has spans and no features",
        "row 3: 9 to 10 s, and a has 3 s",
        "row 4: bow from 0.5 s overlaps wave of row 2, to 1 s",
        "row 5: 'jump' is none of the classes Background, wave, bow",
        "b: no span of it; a row of Background takes it in",
    ]
    assert made.targets["a"].argmax(1).tolist() == [1] * 8 + [0] * 4
    with pytest.raises(ValueError, match="labelled videos: 1, expected at least 2"):
        write_labels(made, tmp_path, "MINE", 0.25)
    made.targets["b"] = made.targets["a"]
    with pytest.raises(ValueError, match="no labels of x to test on; there are a, b"):
        write_labels(made, tmp_path, "MINE", ["x"])
    with pytest.raises(ValueError, match="none is left to train on"):
        write_labels(made, tmp_path, "MINE", ["a", "b"])
    with pytest.raises(ValueError, match="share to test on is 2"):
        write_labels(made, tmp_path, "MINE", 2.0)
    assert write_labels(made, tmp_path, "MINE", 0.25) == (["a"], ["b"])
