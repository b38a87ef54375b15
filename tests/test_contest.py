"""One table of all that one might train on the same tokens."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from app import learning
from models.continual.classifier import ContinualTransformer
from models.training import contest
from models.training.actions import contest as actions
from models.training.streaming import continual_logits
from tests.test_actions_training import write_set

SIZE = {"input_size": 6, "classes": 3, "window": 4, "model_size": 8, "heads": 2, "feedforward": 8}


def test_each_gives_an_answer_at_every_tick_and_has_a_price() -> None:
    torch.manual_seed(0)
    models = {name: contest.build(name, SIZE) for name in contest.MODELS}
    streams = [torch.randn(length, 6).numpy() for length in (20, 9)]
    for name, model in models.items():
        rows = contest.answers(name, model.eval(), streams)
        assert [row.shape for row in rows] == [(20, 3), (9, 3)], name
        assert np.isfinite(np.concatenate(rows)).all()
    priced = contest.price(models, budget=0.1)
    assert list(priced) == list(contest.MODELS)
    assert priced["b1"]["macs"] < priced["streaming"]["macs"] < priced["b2"]["macs"]
    regular = sum(models["b1"].macs("regular").values())
    assert priced["strided"]["macs"] == regular / contest.STRIDE
    assert all(row["step_us"] > 0 for row in priced.values())


def test_a_window_with_a_stride_answers_late() -> None:
    torch.manual_seed(0)
    model = contest.build("strided", SIZE).eval()
    assert isinstance(model, ContinualTransformer)
    tokens = torch.randn(20, 6).numpy()
    (every,), (held,) = continual_logits(model, [tokens]), contest.answers("strided", model, [tokens])
    assert not held[:7].any()
    np.testing.assert_array_equal(held[7:15], np.repeat(every[7:8], 8, 0))
    np.testing.assert_array_equal(held[15:], np.repeat(every[15:16], 5, 0))


def test_the_table_of_the_actions_has_a_row_for_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    skeletons = write_set(tmp_path / "set.npz")
    monkeypatch.setattr(actions, "WIDTH", {"model_size": 16, "heads": 2, "feedforward": 16})
    monkeypatch.setattr(actions, "price", partial(contest.price, budget=0.1))
    names = ["b1", "b2", "GRU", "strided", "probe"]
    table = actions.compare([skeletons], names, streams=3, steps=1, cache=None, progress=False)
    assert list(table) == names
    assert all(set(row) == {*actions.COLUMNS, "macs", "step_us"} for row in table.values())
    told = contest.in_words(table, actions.COLUMNS).splitlines()
    assert len(told) == 2 + len(names) and told[2].startswith("| b1 | ") and told[2].endswith(" ms |")
    monkeypatch.setattr(actions, "compare", lambda *_, **__: table)
    out = tmp_path / "table.json"
    assert learning.compare("actions", [skeletons], names, out) == 0
    assert json.loads(out.read_text()) == table and "| GRU |" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("task", "told"),
    [
        ("actions", "model is 'b9', expected one of b1"),
        ("genres", "is not a folder of recordings named genre.track"),
    ],
)
def test_what_cannot_be_compared_is_told_at_once(
    task: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert learning.compare(task, [tmp_path / "gone.npz"], ["b9"], tmp_path / "table.json") == 2
    assert told in capsys.readouterr().err
