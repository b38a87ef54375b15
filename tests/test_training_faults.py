"""What goes wrong in training is said, and costs no more than it must."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from models.continual.classifier import ContinualTransformer
from models.training import kept
from models.training.actions.simulation import simulate
from models.training.actions.skeletons import read_mapping
from models.training.actions.streams import Studio
from models.training.dense import EveryTick
from models.training.train import fit
from tests.test_training import fresh, sample, score, weights

RECIPE = {"steps": 4, "every": 2, "progress": False}


def test_a_run_file_that_is_none_or_not_whole_is_named_with_the_remedy(tmp_path: Path) -> None:
    file = tmp_path / "a.run"
    fit(fresh(), sample, checkpoint=file, **RECIPE)
    whole = file.read_bytes()
    state = torch.load(file, weights_only=True)
    broken = {"model": {"linear.weight": torch.zeros(3, 4)}, "optimizer": {}, "average": {}, "best": 5}
    contents = [b"", b"hello", whole[: len(whole) // 2], whole[:-1], b"\x80\x02}q\x00."]
    for name, value in [*broken.items(), ("step", "x"), ("history", None), ("recipe", 3)]:
        torch.save(state | {name: value}, file)
        contents.append(file.read_bytes())
    for name in state:
        torch.save({key: value for key, value in state.items() if key != name}, file)
        contents.append(file.read_bytes())
    torch.save([1, 2], file)
    contents.append(file.read_bytes())
    for content in contents:
        file.write_bytes(content)
        with pytest.raises(
            ValueError, match=r"a\.run is no state of a training.*remove it, and the training"
        ):
            fit(fresh(), sample, checkpoint=file, **RECIPE)
    file.write_bytes(whole)
    fit(fresh(), sample, checkpoint=file, **RECIPE)


def test_a_score_that_is_no_number_is_never_chosen() -> None:
    scores = iter([math.nan, 0.3, math.nan])
    kept_weights = {}

    def validate(model) -> dict[str, float]:
        value = next(scores)
        kept_weights[value] = weights(model)
        return {"score": value}

    model = fresh()
    with pytest.warns(UserWarning, match="NaN: not chosen"):
        fit(model, sample, steps=6, every=2, validate=validate, progress=False)
    assert torch.equal(weights(model), kept_weights[0.3])


def test_no_score_that_is_a_number_is_an_error_and_not_the_initial_weights() -> None:
    def validate(model) -> dict[str, float]:
        return {"score": math.nan}

    with pytest.warns(UserWarning), pytest.raises(ValueError, match="none of the 2 validations gave a score"):
        fit(fresh(), sample, validate=validate, **RECIPE)


def test_a_score_of_minus_infinity_is_better_than_none() -> None:
    model = fresh()
    initial = weights(model)
    fit(model, sample, validate=lambda model: score(model) | {"score": -math.inf}, **RECIPE)
    assert not torch.equal(weights(model), initial)


def test_a_forward_pass_makes_its_tensors_where_the_tokens_are() -> None:
    """Without a second device at hand: what is made elsewhere does not go together with "meta"."""
    sizes = {"input_size": 3, "classes": 2, "window": 4, "model_size": 8, "heads": 2, "feedforward": 8}
    for config in ({}, {"blocks": 3}, {"blocks": 2, "deep": "streaming"}):
        model = ContinualTransformer(**sizes, **config).to("meta")
        tokens = torch.zeros(2, 4, 3, device="meta")
        ticks = torch.zeros(2, dtype=torch.int64, device="meta")
        assert model(tokens, tick=ticks).device.type == "meta"
        if config != {"blocks": 3}:
            assert EveryTick(model)(tokens, ticks).device.type == "meta"


def test_kept_arrays_are_whole_or_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "folder" / "a.npz"
    assert kept.load(file, ("a",)) is None
    kept.save(file, a=np.arange(9), b=np.zeros(2))
    whole = file.read_bytes()
    for content in (b"", b"no", whole[:99], whole[:-5], whole.replace(b"\x05", b"\x06")):
        file.write_bytes(content)
        assert kept.load(file, ("a", "b")) is None
    file.write_bytes(whole)
    assert kept.load(file, ("a", "c")) is None
    for array, expected in zip(kept.load(file, ("a", "b")) or (), (np.arange(9), np.zeros(2)), strict=True):
        assert (array == expected).all()

    def interrupted(target: Path, **arrays: np.ndarray) -> None:
        Path(target).write_bytes(b"half of it")
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez", interrupted)
    with pytest.raises(KeyboardInterrupt):
        kept.save(file, a=np.zeros(1))
    assert file.read_bytes() == whole and list(file.parent.iterdir()) == [file]


def test_streams_kept_by_halves_are_simulated_again(tmp_path: Path) -> None:
    studio = Studio([], read_mapping()["classes"], 15.0)
    made = simulate(studio, 2, 0, tmp_path, progress=False)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:1000])
    for again in (simulate(studio, 2, 0, tmp_path, progress=False) for _ in range(2)):  # made, then read
        assert all(np.array_equal(a.tokens, b.tokens) for a, b in zip(made, again, strict=True))
