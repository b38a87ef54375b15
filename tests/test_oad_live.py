"""From films to a model in the session: features of a backbone with random weights, which mean nothing."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from app.capture.media import CaptureError, Frame
from app.capture.media_file import MediaFile
from app.cli import main
from app.features.backbone import BACKBONES, RANDOM, BackboneTokens
from app.pipeline.session import Session
from app.pipeline.tasks import load_actions
from models.checkpoint import load_checkpoint, save_checkpoint
from models.training.streaming import continual_logits
from tests.devices import PATIENCE, ffmpeg

CLASSES = ["Background", "Walk", "Ambiguous"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> tuple[Path, Path]:
    """A film, and a model trained on such features of it: both made by the commands."""
    folder = tmp_path_factory.mktemp("live")
    for name, pattern in (("a", "testsrc2"), ("b", "mandelbrot")):
        ffmpeg("-f", "lavfi", "-i", f"{pattern}=size=160x120:rate=10", "-t", "4", str(folder / f"{name}.mp4"))
    films = [str(folder / "a.mp4"), str(folder / "b.mp4")]
    command = ["oad", "features", *films, "--out", str(folder), "--backbone", "resnet18", "--random"]
    assert main(command) == 0
    (folder / "target_perframe").mkdir()
    for name in "ab":
        count = len(np.load(folder / "rgb_resnet18" / f"{name}.npy"))
        assert count == 16  # four a second
        np.save(folder / "target_perframe" / f"{name}.npy", np.eye(3)[np.arange(count) // 4 % 2])
    info = {"FILMS": {"class_index": CLASSES, "train_session_set": ["a"], "test_session_set": ["b"]}}
    (folder / "data_info.json").write_text(json.dumps(info))
    where = ["--labels", str(folder), "--features", str(folder), "--dataset", "FILMS", "--threads", "1"]
    out = folder / "out.safetensors"
    train = ["oad", "train", *where, "--preset", "CoOadTR-b1", "--steps", "1", "--batch", "2"]
    assert main([*train, "--out", str(out)]) == 0
    return folder / "a.mp4", out


def test_the_session_gives_what_the_features_on_disk_give(trained: tuple[Path, Path]) -> None:
    film, weights = trained
    model, card = load_checkpoint(weights)
    assert card["features"]["weights"] == RANDOM and card["features"]["extractor"] == "torchvision resnet18"
    assert card["task"] == "oad:FILMS" and card["rate"] == 4.0
    tokens = np.load(film.parent / "rgb_resnet18" / "a.npy")
    (logits,) = continual_logits(model, [tokens])
    wanted = torch.from_numpy(logits).softmax(1).numpy()
    seen = []

    def note(prediction) -> None:
        if prediction.task == "actions":
            seen.append(prediction)

    session = Session(mode="both", actions=weights, on_prediction=note)
    try:
        info = session.tasks["actions"]
        assert info.labels == tuple(CLASSES) and info.extractor_macs["resnet18"] > 1e9
        session.open_source(MediaFile(film))
        assert session.wait_ended(PATIENCE)
    finally:
        session.close()
    assert [prediction.tick for prediction in seen[:16]] == list(range(16))
    np.testing.assert_allclose([p.probabilities for p in seen[:16]], wanted, atol=1e-4)
    assert max(prediction.max_delta for prediction in seen) < 1e-4


def test_run_takes_the_weights_and_refuses_those_that_cannot_run(
    trained: tuple[Path, Path], tmp_path: Path, capsys, monkeypatch
) -> None:
    film, weights = trained
    out = tmp_path / "out.jsonl"
    assert main(["run", str(film), "--actions", str(weights), "--json", str(out)]) == 0
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert sum(line.get("task") == "actions" for line in lines) >= 16
    model, card = load_checkpoint(weights)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    real = card["features"] | {"weights": "IMAGENET1K_V1"}
    for changed, message in (
        ({"features": {"size": 512}}, "features that no extractor here makes"),
        ({"continual": False}, "it is a regular model"),
        ({"features": real}, "The weights of resnet18 are not on this machine"),
        ({"features": card["features"] | {"size": 9}}, "was trained on other tokens"),
    ):
        save_checkpoint(tmp_path / "w.safetensors", model, card | changed)
        assert main(["run", str(film), "--actions", str(tmp_path / "w.safetensors")]) == 2
        (line,) = capsys.readouterr().err.strip().splitlines()[-1:]
        assert message in line
    assert main(["run", str(film), "--actions", str(tmp_path / "none")]) == 2
    assert "no weights at" in capsys.readouterr().err


def test_downloaded_weights_are_read_where_torchvision_keeps_them(tmp_path: Path, monkeypatch) -> None:
    """With a file of the right name and shape in their place, made here."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(CaptureError, match=r"resnet18-\w+\.pth.*--backbone resnet18 --download") as refused:
        BackboneTokens("resnet18")
    path = Path(str(refused.value).partition("(")[2].partition(")")[0])
    import torchvision.models

    network = torchvision.models.get_model("resnet18", weights=None)
    path.parent.mkdir(parents=True)
    torch.save(network.state_dict(), path)
    extractor = BackboneTokens("resnet18")
    assert extractor.features["weights"] == "IMAGENET1K_V1"
    image = np.random.default_rng(0).integers(256, size=(300, 400, 3), dtype=np.uint8)
    (token,) = extractor.frame(Frame(image, 0.0, 0.0)) + extractor.advance(0.0)
    network.fc = torch.nn.Identity()
    with torch.no_grad():
        wanted = network.eval()(extractor._prepare(image))[0].numpy()
    np.testing.assert_allclose(token.vector, wanted, atol=1e-5)
    path.write_bytes(b"damaged")
    with pytest.raises(CaptureError, match="is damaged"):
        BackboneTokens("resnet18")


def test_pictures_are_prepared_as_torchvision_does() -> None:
    """Up to how each of the two interpolates: a smooth picture is all but the same."""
    extractor = BackboneTokens("mobilenet_v3_large", weights="random")
    import torchvision.models

    kind = torchvision.models.get_model_weights("mobilenet_v3_large").DEFAULT
    y, x = np.mgrid[:300, :500]
    image = np.stack([x / 2, y / 2, 255 - x / 2], -1).clip(0, 255).astype(np.uint8)  # BGR
    mine = extractor._prepare(image)
    rgb = torch.from_numpy(image[..., ::-1].copy()).permute(2, 0, 1)
    theirs = kind.transforms()(rgb)[None]
    assert mine.shape == theirs.shape and (mine - theirs).abs().mean() < 0.02


def test_every_backbone_gives_tokens_of_its_size() -> None:
    image = np.random.default_rng(0).integers(256, size=(120, 90, 3), dtype=np.uint8)
    for name in BACKBONES[2:]:  # the others are seen above
        extractor = BackboneTokens(name, rate=2.0, weights="random")
        tokens = extractor.frame(Frame(image, 0.0, 0.0)) + extractor.advance(1.0)
        assert [(t.tick, t.repeated) for t in tokens] == [(0, False), (1, True), (2, True)]
        assert all(t.vector.shape == (extractor.size,) and t.vector.dtype == np.float32 for t in tokens)
    with pytest.raises(ValueError, match="no backbone 'vgg'; there are resnet18"):
        BackboneTokens("vgg")


def test_the_pose_extractor_is_still_the_one_of_the_shipped_weights() -> None:
    extractor, stream = load_actions()
    assert type(extractor).__name__ == "PoseTokens" and stream.info.task == "actions"
    extractor.close()
