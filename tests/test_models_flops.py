"""Closed forms of the cost against PyTorch's own counter, the authors' logs, and what was published."""

from __future__ import annotations

import json

import pytest
import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from models.continual.classifier import ContinualTransformer
from models.continual.positional import cyclic_table
from models.paper import flops
from models.paper.presets import PRESETS, oadtr_macs, preset

BUILT = [p for p in PRESETS if p.model != "OadTR"]


def counted(call) -> int:
    """Multiply-accumulates that run: the counter counts two operations each, and misses fused attention."""
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH), torch.no_grad():
        call()
    return counter.get_total_flops() // 2


@pytest.mark.parametrize("chosen", BUILT, ids=lambda p: f"{p.model}-{p.features}")
def test_every_preset_costs_what_its_closed_form_says(chosen) -> None:
    model = chosen.build()
    tokens = torch.zeros(1, model.window, model.config["input_size"])
    assert counted(lambda: model(tokens, all_outputs=True)) == sum(model.macs("regular").values())
    assert counted(lambda: model(tokens)) == sum(model.macs("regular_last").values())
    state = model.prefill(tokens)
    assert counted(lambda: model.step(tokens[:, 0], state)) == sum(model.macs("continual").values())


@pytest.mark.parametrize("deep", ["retroactive", "streaming"])
@pytest.mark.parametrize(("blocks", "hidden"), [(1, None), (1, 9), (2, None), (3, 9)])
def test_the_closed_form_holds_while_the_window_fills(blocks: int, hidden: int | None, deep: str) -> None:
    sizes = {"input_size": 5, "classes": 4, "window": 6, "model_size": 16, "heads": 4, "feedforward": 24}
    model = ContinualTransformer(**sizes, blocks=blocks, deep=deep, token_hidden=hidden).eval()
    tokens = torch.zeros(1, 8, 5)
    state = model.initial_state(1)
    for t in range(8):
        m = min(t + 1, 6)
        spent = counted(lambda t=t: model.step(tokens[:, t], state))
        assert spent == sum(model.macs("continual", filled=m).values())
        if deep == "retroactive":
            regular = counted(lambda m=m: model(tokens[:, :m], all_outputs=True))
            assert regular == sum(model.macs("regular", filled=m).values())
            assert counted(lambda m=m: model(tokens[:, :m])) == sum(
                model.macs("regular_last", filled=m).values()
            )


def test_the_papers_update_saves_the_attention_of_the_retroactive_block() -> None:
    chosen = preset("CoOadTR-b2", "ANet")
    refresh = sum(chosen.macs("continual").values())
    update = ContinualTransformer(**{**chosen.config, "retroactive": "update"}).eval()
    tokens = torch.zeros(1, 64, 3072)
    state = update.prefill(tokens)
    spent = sum(update.macs("continual").values())
    outer_products = 2 * 64 * 1024  # element-wise for PyTorch, so not counted there
    assert counted(lambda: update.step(tokens[:, 0], state)) + outer_products == spent
    assert round(refresh / 1e6, 1) == 354.6
    assert round(spent / 1e6, 1) == 346.5


def test_oadtr_costs_what_its_closed_form_says() -> None:
    """Built here from PyTorch's own layers, which have the same products."""
    d, n, queries, classes, features = 1024, 64, 8, 22, 3072
    encoder = nn.TransformerEncoder(
        nn.TransformerEncoderLayer(d, 8, d, batch_first=True, norm_first=True), 3, enable_nested_tensor=False
    ).eval()
    decoder = nn.TransformerDecoder(nn.TransformerDecoderLayer(d, 4, d, batch_first=True), 5).eval()
    embedding, head, query_head = nn.Linear(features, d), nn.Linear(2 * d, classes), nn.Linear(d, classes)

    def oadtr() -> None:
        x = torch.cat((embedding(torch.zeros(1, n, features)), torch.zeros(1, 1, d)), 1)
        memory = encoder(x)
        decoded = decoder(torch.zeros(1, queries, d), memory)
        query_head(decoded)
        head(torch.cat((memory[:, -1], decoded.mean(1)), -1))

    was = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        assert counted(oadtr) == sum(oadtr_macs(features, classes).values())
    finally:
        torch.backends.mha.set_fastpath_enabled(was)


def test_the_authors_logs_are_met_to_the_unit_when_counted_as_they_counted() -> None:
    parts = preset("OadTR-b1", "ANet").macs("regular")
    biases_and_gelu = 1024 + 3 * 1024 + 64 * 1024 + 22
    head_on_every_token = 63 * parts["head"]
    theirs = sum(parts.values()) - parts["attention"] + biases_and_gelu + head_on_every_token
    assert theirs == 605_491_222
    per_block = preset("OadTR-b2", "ANet").macs("regular")
    block = sum(per_block.values()) - sum(parts.values()) - parts["attention"] + 3 * 1024 + 64 * 1024
    assert block == 402_721_792
    step = preset("CoOadTR-b1", "Kin").macs("continual")
    biases = 1024 + 1024 + 2 * 1024 + 22
    scaling, elementwise = 8 * 2 * 128, 2 * 1024
    assert sum(step.values()) + biases + scaling + elementwise == 10_647_574


def test_ratios_are_those_of_the_paper_and_of_the_fair_comparison() -> None:
    row = next(r for r in flops.flops_table() if (r["model"], r["features"]) == ("CoOadTR-b1", "Kin"))
    assert round(row["ratio"], 1) == 63.9
    assert round(row["macs_regular_last"] / row["macs_continual"], 1) == 38.3
    for row in flops.flops_table():
        for published, ours in (
            ("published_regular", "macs_regular"),
            ("published_continual", "macs_continual"),
        ):
            if row[published] is not None and row["model"] not in ("CoOadTR-b2",):
                assert row[ours] == pytest.approx(row[published], rel=0.02)


def test_presets_have_the_papers_parameter_counts() -> None:
    def millions(model: str, features: str) -> float:
        return sum(p.numel() for p in preset(model, features).build().parameters()) / 1e6

    assert millions("GTZAN-b1", "VGGish") == pytest.approx(0.2867, abs=0.0005)
    assert millions("GTZAN-b2", "VGGish") == pytest.approx(0.5098, abs=0.0006)
    assert millions("CoOadTR-b1", "Kin") == pytest.approx(10.52, abs=0.02)
    assert millions("CoOadTR-b2", "ANet") == pytest.approx(15.8, abs=0.1)
    with pytest.raises(ValueError, match="no preset CoOadTR-b3/Kin; there are OadTR/ANet"):
        preset("CoOadTR-b3")
    with pytest.raises(ValueError, match="decoder"):
        preset("OadTR").build()


def test_the_command_prints_a_table_and_json_lines(capsys) -> None:
    assert flops.run() == 0
    assert "CoOadTR-b1" in capsys.readouterr().out
    assert flops.run(json=True) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert rows == flops.flops_table()
    keys = "model features blocks macs_regular macs_regular_last macs_continual ratio"
    assert list(rows[0]) == [*keys.split(), "published_regular", "published_continual"]


def test_the_static_encoding_is_cyclic_and_is_the_authors() -> None:
    table = cyclic_table(127, 64)
    near = torch.linalg.vector_norm(table[[0]] - table[[1, 126]], dim=1)
    assert near.max() < 0.5 * torch.linalg.vector_norm(table[0] - table[40])
    torch.testing.assert_close(near[0], near[1], rtol=0.2, atol=0)
    authors = pytest.importorskip("continual.positional_encoding", reason="the bench extra is not installed")
    expected = authors.CyclicPositionalEncoding(127, 64).pattern
    torch.testing.assert_close(table, expected, rtol=0, atol=0.02)  # theirs is sampled on a grid of 0.01
