"""The table of costs: every preset, regular and continual, beside what was published."""

from __future__ import annotations

from json import dumps
from typing import Any

from models.paper.presets import PRESETS, Preset

NOTES = """\
Millions of multiply-accumulates a prediction ("FLOPs" in the paper): matrix products only, attention counted.
regular    all outputs of the window recomputed, the newest classified: what the paper compares with
last only  a regular encoder that computes only the newest output
continual  one step; two blocks by exact refresh of the retroactive one

Where this differs from what was published:
- OadTR, b1, b2: the authors' counter missed the attention itself (8.39 M a block), and added biases,
  activations and a head on all 64 tokens.  So counted, OadTR-b1's 605,491,222 is met to the unit.
- CoOadTR-b2: the authors compute the second block's query for all 64 tokens; only the newest needs one.
  The paper's subtract-and-add update in place of the exact refresh would save 8.1 M more.
- CoOadTR-b1: biases, and 2 x 1024 element-wise operations; otherwise the same.
- streaming-deep is another network, trained as such, with every block single-output.  Its regular figures
  are those of the encoder it stands in for.
- GTZAN: no published figure could be verified."""


def flops_table() -> list[dict[str, Any]]:
    """Costs of all presets.

    Returns
    -------
    list of dict
        ``model, features, blocks, macs_regular, macs_regular_last, macs_continual, ratio, published_regular,
        published_continual``, in multiply-accumulates; None for what does not apply.
    """
    rows = []
    for preset in PRESETS:
        rows.append(_row(preset))
        if preset.continual and preset.blocks > 1:
            streaming = {**preset.config, "deep": "streaming"}
            rows.append(_row(Preset(f"{preset.model} streaming-deep", preset.features, streaming, True)))
    return rows


def _row(preset: Preset) -> dict[str, Any]:
    modes = ("regular", "regular_last", "continual")
    regular, last, continual = (sum(preset.macs(mode).values()) for mode in modes)
    return {
        "model": preset.model,
        "features": preset.features,
        "blocks": preset.blocks,
        "macs_regular": regular,
        "macs_regular_last": last,
        "macs_continual": continual if preset.continual else None,
        "ratio": regular / continual if preset.continual else None,
        "published_regular": preset.published_regular,
        "published_continual": preset.published_continual,
    }


def run(json: bool = False) -> int:
    """Print the table, as text or as JSON lines; returns the exit code."""
    rows = flops_table()
    if json:
        for row in rows:
            print(dumps(row))
        return 0

    def millions(count: float | None) -> str:
        return "" if count is None else f"{count / 1e6:,.1f}"

    heads = ("model", "features", "regular", "published", "last only", "continual", "published", "ratio")
    layout = "{:26} {:9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>6}"
    print(layout.format(*heads))
    for row in rows:
        ratio = "" if row["ratio"] is None else f"{row['ratio']:.1f}"
        counts = (
            "macs_regular",
            "published_regular",
            "macs_regular_last",
            "macs_continual",
            "published_continual",
        )
        print(layout.format(row["model"], row["features"], *(millions(row[key]) for key in counts), ratio))
    print("\n" + NOTES)
    return 0
