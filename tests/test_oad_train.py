"""The paper's experiments on THUMOS14's real labels, with features that carry a known amount of signal."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from app.cli import main
from models.checkpoint import load_checkpoint
from models.continual.classifier import ContinualTransformer
from models.paper.oadtr import OadTR
from models.paper.presets import Preset, preset
from models.training.oad import learn as oad
from models.training.oad.check import Findings, check
from models.training.oad.data import Dataset, Labels, Video, read_info, read_labels
from models.training.oad.evaluation import _as_a_stream, evaluate
from models.training.oad.scoring import stream_videos, window_videos
from models.training.oad.tables import tables
from models.training.oad.windows import Objective, Stretches, Windows
from tests.oad_features import features

SIZES = {"rgb": 20, "flow": 12}
SMALL = {"model_size": 32, "heads": 4, "feedforward": 32, "input_size": 32, "dropout": 0.0}


@pytest.fixture(scope="module")
def real(data: Path) -> tuple[Dataset, dict[str, Labels]]:
    """THUMOS14 cut down to 40 training and 12 test videos of at most 700 frames."""
    folder = data / "thumos14"
    dataset = read_info(folder / "data_info.json", "THUMOS")
    labels = {k: v for k, v in read_labels([folder / "anno_thumos.zip"]).items() if len(v.targets) <= 700}
    splits = {
        split: [name for name in dataset.splits[split] if name in labels][:count]
        for split, count in (("train", 40), ("test", 12))
    }
    return dataset._replace(splits=splits), labels


def findings(real: tuple[Dataset, dict[str, Labels]], signal: float) -> Findings:
    dataset, labels = real
    named = [name for names in dataset.splits.values() for name in names]
    made = {name: features(name, labels[name].targets, SIZES, signal) for name in named}
    found = check(dataset, labels, made, progress=False)
    assert not found.faults
    return found


def small(model: str) -> Preset:
    of = preset(model, "ANet")
    return replace(of, features="made", config={**of.config, **SMALL})


def test_accuracy_rises_with_the_signal_and_both_forms_agree(real, tmp_path: Path) -> None:
    scores, points = [], []
    for signal in (0.0, 2.0, 5.0):
        found, out = findings(real, signal), tmp_path / f"{signal}.safetensors"
        options = {"recipe": "every-tick", "steps": 100, "batch": 4, "lr": 5e-3, "progress": False}
        oad.train(small("CoOadTR-b1"), real[0], found, out, **options)
        result = evaluate(out, real[0], found, progress=False)
        assert result["agreement"]["agree"] and result["agreement"]["max_probability"] < 1e-5
        assert abs(result["windowed"]["mAP"] - result["streaming"]["mAP"]) <= 1e-6
        assert abs(result["windowed"]["mcAP"] - result["streaming"]["mcAP"]) <= 1e-6
        scores.append(result["streaming"]["mAP"])
        at_once = [result[form]["streaming_scores"] for form in ("streaming", "windowed")]
        assert at_once[0]["point_f1"] == pytest.approx(at_once[1]["point_f1"], abs=1e-3)
        for figures in at_once:
            late = figures["with_run_time"]
            assert late["seconds_p50"] > 0 and late["delay"]["n"] == figures["delay"]["n"] > 0
        points.append(at_once[0]["point_f1"])
    assert scores[0] < 0.25 and scores[0] + 0.1 < scores[1] < scores[2] - 0.1, scores
    assert points[0] < points[1] < points[2] and points[2] > 0.5, points
    paper = evaluate(out, real[0], found, as_in_paper=True, progress=False)
    assert paper["streaming"]["frames"] < result["streaming"]["frames"]
    assert result["data"] == found.fingerprints["test"] and result["frames"] == sum(
        len(video.targets) for video in found.videos["test"]
    )
    json.dumps(result)


@pytest.mark.parametrize("model", ["CoOadTR-b1", "CoOadTR-b2", "OadTR-b1", "OadTR-b2", "OadTR"])
def test_the_papers_recipe_trains_every_model(real, tmp_path: Path, model: str) -> None:
    found, out = findings(real, 5.0), tmp_path / "out.safetensors"
    of = small(model)
    scores = oad.train(of, real[0], found, out, steps=3, batch=8, progress=False)
    assert np.isfinite(scores["loss"])
    first = {video.name for video in found.videos["test"][:2]}
    few = replace(found, videos={"test": [v for v in found.videos["test"] if v.name in first]})
    result = evaluate(out, real[0], few, progress=False)
    assert ("streaming" in result) == of.continual
    assert ("continual" in result["macs"]) == of.continual
    assert result.get("agreement", {"agree": True})["agree"]
    if model == "OadTR":
        with pytest.raises(ValueError, match="not a Continual Transformer's checkpoint"):
            load_checkpoint(out)  # what the window reads


@pytest.mark.parametrize("as_in_paper", [False, True])
def test_who_knows_all_has_all_streaming_scores(real, as_in_paper: bool) -> None:
    """Where frames are ambiguous, or left out as in the paper, nothing is missed and nothing is false."""
    dataset, videos = real[0], findings(real, 1.0).videos["test"]
    known = [(20 * video.targets).astype(np.float32) for video in videos]
    of = _as_a_stream(known, videos, dataset, as_in_paper, 4.0, 0.125, "streaming")
    assert of["point_f1"] == of["delay"]["found"] == of["segment_f1"]["0.5"] == 1.0
    assert of["wrong_and_sure"] == 0.0 and of["delay"]["median_s"] == 0.0
    late = of["with_run_time"]
    assert late["point_f1"] < 1.0 and late["delay"]["median_s"] == pytest.approx(0.125)
    blind = [-rows for rows in known]
    wrong = _as_a_stream(blind, videos, dataset, as_in_paper, 4.0, 0.0, "windowed")
    assert wrong["point_f1"] == 0.0 and wrong["with_run_time"]["point_f1"] == 0.0


def test_the_authors_optimizer_and_schedule() -> None:
    rates = [oad.quarters(step, 40, 1e-4, 2) for step in range(40)]
    assert rates == pytest.approx([1e-4] * 10 + [1e-5] * 10 + [1e-6] * 10 + [1e-7] * 10)
    assert oad.RECIPES["paper"].epochs == 4 and oad.RECIPES["paper"].batch == 128
    optimizer = oad.adam(torch.nn.Linear(2, 2), 1e-4, 1e-4)
    assert type(optimizer) is torch.optim.Adam and optimizer.defaults["weight_decay"] == 1e-4


def test_an_interrupted_run_goes_on_and_ends_the_same(real, tmp_path: Path, monkeypatch) -> None:
    found = findings(real, 2.0)
    options = {"recipe": "every-tick", "steps": 110, "batch": 2, "progress": False}
    oad.train(small("CoOadTR-b1"), real[0], found, tmp_path / "whole", **options)
    draw, calls = Stretches.__call__, []

    def failing(self, rng):
        calls.append(1)
        if len(calls) == 105:
            raise KeyboardInterrupt
        return draw(self, rng)

    monkeypatch.setattr(Stretches, "__call__", failing)
    with pytest.raises(KeyboardInterrupt):
        oad.train(small("CoOadTR-b1"), real[0], found, tmp_path / "halted", **options)
    oad.train(small("CoOadTR-b1"), real[0], found, tmp_path / "halted", **options)
    assert len(calls) == 105 + 1 + 10  # it looked at the first batch and went on from step 100
    whole, _ = load_checkpoint(tmp_path / "whole")
    halted, _ = load_checkpoint(tmp_path / "halted")
    for name, value in whole.state_dict().items():
        assert torch.equal(value, halted.state_dict()[name]), name
    assert sorted(path.name for path in tmp_path.iterdir()) == ["halted", "whole"]


def videos_of(*lengths: int, size: int = 6, classes: int = 4) -> list[Video]:
    rng = np.random.default_rng(0)
    return [
        Video(
            f"v{k}",
            np.eye(classes)[rng.integers(classes, size=n)],
            (rng.normal(size=(n, size)).astype(np.float32),),
        )
        for k, n in enumerate(lengths)
    ]


@pytest.mark.parametrize("blocks", [1, 2])
def test_lanes_give_what_each_video_gives_alone(blocks: int) -> None:
    torch.manual_seed(0)
    model = ContinualTransformer(
        input_size=6, classes=4, window=5, model_size=16, heads=2, feedforward=16, blocks=blocks
    ).eval()
    videos = videos_of(3, 90, 17, 1, 40, 66, 5, 90)
    together = stream_videos(model, videos, progress=False)
    windowed = window_videos(model, videos, 5, absolute=False, progress=False)
    for video, rows, recomputed in zip(videos, together.logits, windowed.logits, strict=True):
        state = model.initial_state(1)
        alone = [model.step(torch.from_numpy(video.tokens(k, k + 1)), state) for k in range(len(rows))]
        np.testing.assert_allclose(rows, torch.cat(alone).numpy(), atol=1e-5)
        np.testing.assert_allclose(rows, recomputed, atol=1e-5)


def test_a_regular_models_newest_token_is_always_in_the_last_place() -> None:
    torch.manual_seed(0)
    sizes = {"input_size": 6, "classes": 4, "window": 5, "model_size": 16, "heads": 2, "feedforward": 16}
    regular = ContinualTransformer(**sizes, norm="pre", period=5).eval()
    full = OadTR(**sizes, decoder_layers=2, queries=3).eval()
    (video,) = videos_of(9)
    for model in (regular, full):
        rows = window_videos(model, [video], 5, absolute=True, progress=False).logits[0]
        for end in range(1, 10):
            window = torch.from_numpy(video.tokens(max(0, end - 5), end))[None]  # (1, m, F)
            with torch.no_grad():
                wanted = model(window, tick=5 - window.shape[1])
            np.testing.assert_allclose(rows[end - 1], wanted[0].numpy(), atol=1e-6)


def test_windows_are_what_they_say() -> None:
    videos = videos_of(9, 4)
    videos[0].targets[6] = np.eye(4)[3]  # the ambiguous one
    windows = Windows(videos, 5, 200, ambiguous=3, phases=7)
    ambiguous = sum(int((video.targets.argmax(1) == 3).sum()) for video in videos)
    assert len(windows) == 13 - ambiguous
    batch = windows(np.random.default_rng(1))
    assert set(batch.ticks.tolist()) == set(range(7)) and set(batch.lengths.tolist()) >= {2, 3, 4, 5}
    whole = {(v.name, k): v.tokens(k, k + 1)[0] for v in videos for k in range(len(v.targets))}
    for row, length, target in zip(batch.tokens, batch.lengths, batch.targets, strict=True):
        name, end = next(key for key, token in whole.items() if np.array_equal(token, row[-1]))
        video = next(v for v in videos if v.name == name)
        assert length == min(5, end + 1) and np.array_equal(target, video.targets[end])
        assert np.array_equal(row[5 - length :], video.tokens(end + 1 - int(length), end + 1))
        assert target[3] == 0
    with pytest.raises(ValueError, match="no frame"):
        Windows(videos, 5, 2, ambiguous=3, phases=7, as_in_paper=True)


def test_stretches_have_targets_where_the_window_is_whole() -> None:
    videos = videos_of(40, 3)
    batch = Stretches(videos, 5, 64, 16, ambiguous=None, phases=9)(np.random.default_rng(2))
    targets = batch.targets.view(64, 16)
    for row, named in zip(batch.tokens, targets, strict=True):
        video = next(v for v in videos if row[0] in torch.from_numpy(v.tokens(0, 99)))
        at = int(np.flatnonzero((video.tokens(0, 99) == row[0].numpy()).all(1))[0])
        wanted = video.targets[at : at + 16].argmax(1)
        first = 0 if at == 0 else 4
        assert (named[:first] == -100).all() and (named[len(wanted) :] == -100).all()
        assert named[first : len(wanted)].tolist() == wanted[first:].tolist()


def test_oadtr_is_trained_on_the_frames_to_come_at_half_weight() -> None:
    torch.manual_seed(0)
    sizes = {"input_size": 6, "classes": 4, "window": 5, "model_size": 16, "heads": 2, "feedforward": 16}
    model = OadTR(**sizes, blocks=1, decoder_layers=1, queries=3, dropout=0.0)
    (video,) = videos_of(30)
    video.targets[:] = np.eye(4)[np.arange(30) % 3]
    batch = Windows([video], 5, 8, ambiguous=3, phases=1, queries=3)(np.random.default_rng(3))
    logits = Objective(model, 3)(batch.tokens, batch.ticks, batch.lengths)
    found = F.cross_entropy(logits, batch.targets)
    ends = [int(np.flatnonzero((video.features[0] == row[-1].numpy()).all(1))[0]) for row in batch.tokens]
    named = torch.tensor([end % 3 for end in ends])
    coming = [
        (8 + 3 * k + j, (end + 1 + j) % 3) for k, end in enumerate(ends) for j in range(3) if end + 1 + j < 30
    ]
    logp = logits[:, :3].log_softmax(1)  # the ambiguous class takes no part
    own = -logp[torch.arange(8), named].mean()
    later = -sum(logp[row, label] for row, label in coming) / 24
    torch.testing.assert_close(found, own + 0.5 * later)


def test_oadtr_is_the_published_size_and_costs_what_the_closed_form_says() -> None:
    for size, published in ((3072, 74.71), (4096, 75.76)):
        with torch.device("meta"):
            model = OadTR(input_size=size, classes=22)
        count = sum(p.numel() for p in model.parameters())
        # theirs has an encoding of the queries besides, which is never used
        assert (count + 8 * 1024) / 1e6 == pytest.approx(published, abs=0.006)
    with (
        torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH),
        FlopCounterMode(display=False) as counter,
    ):
        model.eval()(torch.empty(1, 64, 4096, device="meta"))
    unused = 8 * 1024 * 22  # the head on the queries, which only training asks
    assert counter.get_total_flops() // 2 + unused == sum(preset("OadTR").macs("regular").values())


def test_presets_fit_the_data_or_say_why_not(real) -> None:
    dataset = real[0]
    assert oad.fitted_preset("CoOadTR-b1", dataset, 3072) == preset("CoOadTR-b1", "ANet")
    assert oad.fitted_preset("OadTR", dataset, 4096).features == "Kin"
    other = oad.fitted_preset("CoOadTR-b2", dataset, 512, {"positional": "learned"})
    assert other.config["input_size"] == 512 and other.config["positional"] == "learned"
    for name, size, message in (
        ("CoOadTR-b1/Kin", 3072, "takes 4096 features and has 22 classes; the data has 3072 and 22"),
        ("CoOadTR-b9", 3072, "no preset CoOadTR-b9; there are OadTR, "),
        ("OadTR/Kin9", 3072, "OadTR has ANet, Kin"),
    ):
        with pytest.raises(ValueError, match=message):
            oad.fitted_preset(name, dataset, size)
    with pytest.raises(ValueError, match="OadTR-b1 is a regular model: period cannot be changed"):
        oad.fitted_preset("OadTR-b1", dataset, 3072, {"period": 64})
    with pytest.raises(ValueError, match="no recipe 'x'"):
        oad.train(small("OadTR-b1"), dataset, Findings(videos={"train": []}), "x", recipe="x")


def test_from_the_command_line_to_the_table(real, tmp_path: Path, capsys) -> None:
    """The paper's own size, on two short videos in the layout of LSTR."""
    dataset, labels = real
    splits = {
        split: sorted(names, key=lambda n: len(labels[n].targets))[:1]
        for split, names in dataset.splits.items()
    }
    for names in splits.values():
        for name in names:
            made = features(name, labels[name].targets, {"rgb": 2048, "flow": 1024}, 3.0)
            for folder, array in (
                ("target_perframe", labels[name].targets),
                ("rgb_anet", made["rgb"]),
                ("flow_anet", made["flow"]),
            ):
                (tmp_path / folder).mkdir(exist_ok=True)
                np.save(tmp_path / folder / f"{name}.npy", array)
    entry = {"class_index": dataset.classes} | {f"{k}_session_set": v for k, v in splits.items()}
    (tmp_path / "data_info.json").write_text(json.dumps({"THUMOS": entry}))
    where = ["--labels", str(tmp_path), "--features", str(tmp_path), "--threads", "1"]
    weights, result = tmp_path / "w.safetensors", tmp_path / "result.json"
    command = ["oad", "train", *where, "--preset", "CoOadTR-b1", "--steps", "2", "--batch", "4"]
    assert main([*command, "--seed", "3", "--out", str(weights)]) == 0
    assert main(["oad", "evaluate", *where, "--weights", str(weights), "--json", str(result)]) == 0
    said = capsys.readouterr().out
    assert "CoOadTR-b1/ANet on 1 videos of THUMOS (test)" in said and "predictions a second" in said
    found = json.loads(result.read_text())
    card = found["weights"]["card"]
    assert card["seed"] == 3 and card["command"].startswith("python main.py oad train --labels")
    assert found["command"].startswith("python main.py oad evaluate") and found["versions"]["torch"]
    assert found["macs"]["continual"] == sum(preset("CoOadTR-b1", "ANet").macs("continual").values())
    assert main(["oad", "table", str(result)]) == 0
    rows = capsys.readouterr().out.splitlines()
    (row,) = [r for r in rows if r.startswith("CoOadTR-b1") and "56.1±0.7  " in r and "9.6" in r]
    assert f"{100 * found['streaming']['mAP']:.1f} (1) *" in row
    assert "Streaming scores, measured here" in rows and "point F1" in said
    wrong = tmp_path / "wrong.json"
    wrong.write_text("{}")
    for arguments, message in (
        (["table", str(wrong)], "wrong.json is not a result"),
        (["evaluate", *where, "--weights", str(wrong)], "wrong.json is not a readable safetensors"),
        (["train", *where, "--preset", "CoOadTR-b1/Kin", "--out", str(weights)], "takes 4096 features"),
        (["train", *where, "--preset", "CoOadTR-b1", "--out", "x", "--recipe", "best"], "no recipe 'best'"),
        (["train", *where, "--preset", "OadTR-b1", "--out", "x", "--recipe", "every-tick"], "one block"),
    ):
        assert main(["oad", *arguments]) == 2
        lines = capsys.readouterr().err.strip().splitlines()
        assert message in lines[-1] and not any("Traceback" in line for line in lines)


def test_tables_have_empty_cells_where_nothing_was_measured() -> None:
    text = tables([])
    (row,) = [line for line in text.splitlines() if line.split()[:3] == ["OadTR-b1", "Kin", "63.9±0.5"]]
    assert row.split()[3:] == ["673.0", "679.5"] and "*" not in text.split("published:")[0]
    many = [
        {
            "preset": "CoOadTR-b1/ANet",
            "dataset": "THUMOS",
            "as_in_paper": True,
            "config": {"positional": "cyclic", "period": period},
            "streaming": {"mAP": value, "mcAP": value},
        }
        for value, period in ((0.55, 127), (0.57, 127), (0.31, 64))
    ]
    lines = tables(many).splitlines()
    assert sum("56.0±1.4 (2)" in line for line in lines) == 2  # among the models, and among the encodings
    assert sum("31.0 (1)" in line for line in lines) == 1


@pytest.mark.parametrize("model", ["GRU", "DeepCoT", "RWKV", "smoothing"])
def test_rivals_train_and_are_scored_by_the_same_commands(real, tmp_path: Path, model: str) -> None:
    found, out = findings(real, 5.0), tmp_path / "out.safetensors"
    of = oad.fitted_preset(model, real[0], found.size)
    sizes = {"model_size": 32, "feedforward": 32, "heads": 2, "window": 16}
    of = replace(of, config={k: sizes.get(k, v) for k, v in of.config.items()})
    scores = oad.train(of, real[0], found, out, recipe="every-tick", steps=3, batch=2, progress=False)
    assert np.isfinite(scores["loss"])
    few = replace(found, videos={"test": found.videos["test"][:2]})
    result = evaluate(out, real[0], few, progress=False)
    assert result["preset"].startswith(model) and 0 <= result["streaming"]["mAP"] <= 1
    assert "windowed" not in result and result["macs"]["continual"] > 0
    with pytest.raises(ValueError, match="every-tick"):
        oad.train(of, real[0], found, out, steps=3, progress=False)
