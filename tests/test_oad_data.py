"""Labels and features of online action detection: both layouts, and everything that does not fit, by name."""

from __future__ import annotations

import collections
import json
import mmap
import os
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from app.cli import main
from models.training.oad.check import check
from models.training.oad.data import Dataset, Labels, load_pickle, read_features, read_info, read_labels

DATASET = Dataset(
    "THUMOS", ("Background", "Run", "Jump", "Ambiguous"), 3, {"train": ["a", "b"], "test": ["c"]}
)
LENGTHS = {"a": 12, "b": 7, "c": 9}


def made() -> tuple[dict[str, np.ndarray], dict[str, dict[str, np.ndarray]]]:
    """Labels and features by video."""
    rng = np.random.default_rng(0)
    labels = {name: np.eye(4)[rng.integers(4, size=length)] for name, length in LENGTHS.items()}
    features = {
        name: {stream: rng.normal(size=(length, size)).astype(np.float32) for stream, size in sizes}
        for name, length in LENGTHS.items()
        for sizes in [(("flow", 3), ("rgb", 5))]  # not in the order in which they are joined
    }
    return labels, features


def write_pickles(folder: Path, protocol: int = 4) -> tuple[list[Path], list[Path]]:
    labels, features = made()
    paths = [folder / "anno.pickle", folder / "features.pickle"]
    annotated = {k: {"anno": v, "feature_length": len(v)} for k, v in labels.items()}
    for path, content in zip(paths, (annotated, features), strict=True):
        path.write_bytes(pickle.dumps(content, protocol=protocol))
    return paths[:1], paths[1:]


def write_info(folder: Path, dataset: Dataset = DATASET) -> Path:
    entry = {"class_index": dataset.classes} | {f"{k}_session_set": v for k, v in dataset.splits.items()}
    path = folder / "data_info.json"
    path.write_text(json.dumps({dataset.name: entry}))
    return path


def mapped(array: np.ndarray) -> bool:
    """Whether the numbers lie in a file, not in memory."""
    base = array.base
    return isinstance(base, (np.memmap, mmap.mmap)) or (isinstance(base, np.ndarray) and mapped(base))


def found(labels: list[Path], features: list[Path] | None, **options):
    read = read_features(features) if features else None
    return check(DATASET, read_labels(labels), read, progress=False, **options)


def test_every_layout_gives_the_same_videos(tmp_path: Path) -> None:
    labels, features = made()
    prints = []
    for protocol in (2, 4, 5):
        prints.append(found(*write_pickles(tmp_path, protocol)))
    with zipfile.ZipFile(tmp_path / "anno.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(tmp_path / "anno.pickle", "anno.pickle")
    prints.append(found([tmp_path / "anno.zip"], [tmp_path / "features.pickle"]))
    plain = tmp_path / "tvseries.pickle"
    plain.write_bytes(pickle.dumps(labels))  # TVSeries' labels are bare arrays
    prints.append(found([plain], [tmp_path / "features.pickle"]))
    for name in LENGTHS:
        for folder, array in (
            ("target_perframe", labels[name].astype(np.uint8)),
            ("rgb_kinetics_resnet50", features[name]["rgb"]),
            ("flow_kinetics_bninception", features[name]["flow"].astype(np.float64)),
        ):
            (tmp_path / "npy" / folder).mkdir(parents=True, exist_ok=True)
            np.save(tmp_path / "npy" / folder / f"{name}.npy", array)
    prints.append(found([tmp_path / "npy"], [tmp_path / "npy"]))
    prints.append(found([tmp_path / "npy" / "target_perframe"], sorted((tmp_path / "npy").glob("[rf]*"))))
    assert all(not p.faults for p in prints)
    assert {json.dumps(p.fingerprints) for p in prints} == {json.dumps(prints[0].fingerprints)}
    video = prints[-1].videos["train"][1]
    assert mapped(video.features[0]) and prints[-1].size == video.size == 8
    wanted = np.concatenate([features["b"]["rgb"], features["b"]["flow"]], 1)  # rgb first
    assert np.array_equal(video.tokens(2, 5), wanted[2:5]) and video.tokens(2, 5).dtype == np.float32
    changed = {**features, "a": {**features["a"], "rgb": features["a"]["rgb"] + 1e-6}}
    (tmp_path / "features.pickle").write_bytes(pickle.dumps(changed))
    other = found([tmp_path / "anno.pickle"], [tmp_path / "features.pickle"])
    assert other.fingerprints["train"] != prints[0].fingerprints["train"]
    assert other.fingerprints["test"] == prints[0].fingerprints["test"]


class Bomb:
    def __reduce__(self):
        return os.mkdir, ("it ran",)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (Bomb(), "mkdir"),
        ({"a": {"anno": Bomb()}}, "mkdir"),
        ({"a": torch.ones(2)}, "torch"),
        (collections.Counter(), "collections.Counter"),
        ({"a": np.array([Bomb()], object)}, "mkdir"),
        (eval, "eval"),
    ],
)
def test_a_pickle_with_anything_but_numpy_in_it_is_refused_by_name(
    tmp_path: Path, monkeypatch, content, named: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for protocol in (0, 2, 4, 5):
        path = tmp_path / "bad.pickle"
        path.write_bytes(pickle.dumps(content, protocol=protocol))
        with pytest.raises(ValueError, match=named) as refused:
            read_labels([path])
        assert "bad.pickle" in str(refused.value)
    assert not (tmp_path / "it ran").exists()


def test_damaged_files_are_named(tmp_path: Path) -> None:
    whole = pickle.dumps({"a": np.eye(3)})
    for damaged in (b"", b"no pickle", whole[:-20], whole.replace(b"numpy", b"numqy")):
        (tmp_path / "x.pickle").write_bytes(damaged)
        with pytest.raises(ValueError, match=r"x\.pickle"):
            read_labels([tmp_path / "x.pickle"])
    with (tmp_path / "x.pickle").open("wb") as file:
        pickle.dump([1, 2], file)
    with pytest.raises(ValueError, match=r"x\.pickle holds a list, expected a dictionary"):
        read_labels([tmp_path / "x.pickle"])
    for value, seen in ((np.ones(3), r"float64 \(3,\)"), (np.array([["a"]]), "<U1"), ("text", "str")):
        (tmp_path / "x.pickle").write_bytes(pickle.dumps({"film": value}))
        with pytest.raises(ValueError, match=f"labels of film is {seen}"):
            read_labels([tmp_path / "x.pickle"])
    (tmp_path / "rgb_x").mkdir()
    with pytest.raises(ValueError, match=r"rgb_x has no \.npy"):
        read_features([tmp_path / "rgb_x"])
    np.save(tmp_path / "rgb_x" / "a.npy", np.array([Bomb()], object), allow_pickle=True)
    with pytest.raises(ValueError, match=r"a\.npy is refused"):
        read_features([tmp_path / "rgb_x"])
    (tmp_path / "rgb_y").mkdir()
    with pytest.raises(ValueError, match=r"2 folders of rgb features \(rgb_x, rgb_y\)"):
        read_features([tmp_path])
    (tmp_path / "depth").mkdir()
    np.save(tmp_path / "depth" / "a.npy", np.ones((2, 2)))
    with pytest.raises(ValueError, match="depth is none of rgb"):
        read_features([tmp_path / "depth"])
    assert load_pickle((tmp_path / "x.pickle").open("rb"), "x") == {"film": "text"}


def test_a_video_twice_is_named(tmp_path: Path) -> None:
    labels, features = write_pickles(tmp_path)
    with pytest.raises(ValueError, match="a has labels in another file too"):
        read_labels(labels * 2)
    with pytest.raises(ValueError, match="a has rgb features in another file too"):
        read_features(features * 2)


def test_every_fault_is_named_with_the_video_and_the_numbers() -> None:
    labels, features = made()

    def faults(label=None, feature=None, **options) -> list[str]:
        """Of the data with video b's labels and features replaced."""
        stated = {k: Labels(v, len(v)) for k, v in labels.items()} | (label or {})
        found = check(DATASET, stated, {**features, **(feature or {})}, progress=False, **options)
        assert [video.name for video in found.videos["train"]] == ["a"] or not found.faults
        return found.faults

    rgb, flow = features["b"]["rgb"], features["b"]["flow"]
    bad = rgb.copy()
    bad[4, 1] = np.nan
    zero = labels["b"].copy()
    zero[3] = 0
    assert faults() == []
    assert faults(feature={"b": {"rgb": rgb[:-1], "flow": flow}}) == ["b: 7 labels, 6 rgb features"]
    assert faults(label={"b": Labels(labels["b"], 8)}) == ["b: 7 labels, feature_length says 8"]
    assert faults(feature={"b": {"rgb": rgb[:, 1:], "flow": flow}}) == ["b: 4 rgb features, 5 expected"]
    assert faults(feature={"b": {"rgb": rgb}}) == ["b: no flow features, 3 expected"]
    assert faults(feature={"b": {"rgb": rgb, "flow": flow, "audio": flow}}) == [
        "b: 3 audio features, most videos have none"
    ]
    assert faults(feature={"b": {"rgb": bad, "flow": flow}}) == [
        "b: 1 rgb features are not finite, the first is of frame 4"
    ]
    assert faults(label={"b": Labels(labels["b"][:, :3], None)})[0] == "b: labels of 3 classes, 4 in THUMOS"
    assert faults(label={"b": Labels(zero, None)}) == ["b: 1 frames without a label, the first is 3: sum 0"]
    trimmed = check(
        DATASET,
        {k: Labels(v, len(v)) for k, v in labels.items()},
        {**features, "b": {"rgb": rgb[:-2], "flow": flow[:-1]}},
        trim=True,
        progress=False,
    )
    assert not trimmed.faults and trimmed.videos["train"][1].tokens(0, 9).shape == (5, 8)
    assert len(trimmed.videos["train"][1].targets) == 5
    missing = check(DATASET, {"a": Labels(labels["a"], None)}, {"b": features["b"]}, progress=False)
    assert missing.faults == ["a: no features", "b: no labels", "c: no labels", "c: no features"]


def test_the_info_file(data: Path, tmp_path: Path) -> None:
    info = data / "thumos14" / "data_info.json"
    thumos, series = read_info(info, "thumos"), read_info(info, "TVSeries")
    assert (len(thumos.classes), len(thumos.splits["train"]), len(thumos.splits["test"])) == (22, 200, 213)
    assert thumos.ambiguous == 21 and thumos.classes[5] == "CliffDiving"
    assert (len(series.classes), len(series.splits["train"]), len(series.splits["test"])) == (31, 20, 7)
    assert series.ambiguous is None
    with pytest.raises(ValueError, match="no dataset 'EPIC'; it has HDD, TVSERIES"):
        read_info(info, "EPIC")
    (tmp_path / "x.json").write_text("[1]")
    with pytest.raises(ValueError, match=r"x\.json is not a data_info"):
        read_info(tmp_path / "x.json", "THUMOS")
    leaky = DATASET._replace(splits={"train": ["a"], "test": ["a"]})
    with pytest.raises(ValueError, match="a is in the train and in the test split"):
        read_info(write_info(tmp_path, leaky), "THUMOS")


def test_the_command_lists_what_is_there_and_what_is_wrong(tmp_path: Path, capsys) -> None:
    labels, features = write_pickles(tmp_path)
    write_info(tmp_path)
    command = ["oad", "check", "--labels", str(labels[0]), "--features", str(features[0])]
    assert main(command) == 0
    said = capsys.readouterr().out
    assert "features: rgb 5 + flow 3" in said and "train: 2 of 2 videos fit, 19 frames" in said
    assert "everything fits" in said
    content = pickle.loads(features[0].read_bytes())
    content["b"]["rgb"] = content["b"]["rgb"][:4]
    features[0].write_bytes(pickle.dumps(content))
    assert main(command) == 2
    assert "b: 7 labels, 4 rgb features" in capsys.readouterr().out
    out = tmp_path / "out.safetensors"
    train = ["oad", "train", *command[2:], "--preset", "CoOadTR-b1", "--out", str(out)]
    assert main(train) == 2
    captured = capsys.readouterr()
    assert captured.err.splitlines()[-1] == "b: 7 labels, 4 rgb features" and not out.exists()
    for wrong, message in (
        (["--labels", str(tmp_path / "none.pickle"), *command[4:]], "none.pickle"),
        ([*command[2:], "--dataset", "EPIC"], "no dataset 'EPIC'"),
        ([*command[2:], "--info", str(labels[0])], "is not a data_info.json"),
    ):
        assert main(["oad", "check", *wrong]) == 2
        assert message in capsys.readouterr().err
