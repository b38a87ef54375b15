"""The paper's tables, beside what was measured here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from models.paper.presets import PRESETS, Preset, preset

Result = dict[str, Any]

# Mean and deviation of five runs, as published at ICLR 2023 and met by the authors' logs.
_MODELS = ("OadTR", "OadTR-b2", "OadTR-b1", "CoOadTR-b2", "CoOadTR-b1")
_THUMOS = {
    "ANet": ("57.0±0.5", "56.6±0.3", "56.3±0.2", "56.8±0.4", "56.1±0.7"),
    "Kin": ("64.2±0.3", "64.5±0.5", "63.9±0.5", "64.4±0.1", "64.2±0.4"),
}
_TVSERIES = {
    "ANet": ("88.6±0.1", "88.3±0.2", "88.1±0.1", "87.7±0.6", "87.6±0.7"),
    "Kin": ("88.6±0.1", "88.3±0.2", "88.1±0.1", "87.6±0.7", "87.7±0.4"),
}
# Single figures of the paper's first version: other methods as (THUMOS14, TVSeries), and with sound.
_OTHERS = {
    "ANet": {
        "RED": (45.3, 79.2),
        "TRN": (47.2, 83.7),
        "IDN": (50.0, 84.7),
        "FATS": (51.6, 81.7),
        "TFN": (55.7, 85.0),
        "LSTR": (65.3, 88.1),
        "OadTR, first published": (58.3, 85.4),
    },
    "Kin": {
        "FATS": (59.0, 84.6),
        "IDN": (60.3, 86.1),
        "PKD": (64.5, 86.4),
        "LSTR": (69.5, 89.1),
        "OadTR, first published": (65.2, 87.2),
    },
}
_WITH_SOUND = {
    "ANet+A": ("57.5", "57.5", "57.1", "57.4", "57.1"),
    "Kin+A": ("64.4", "65.0", "65.0", "64.7", "64.3"),
}
# ANet, second of four epochs, from the authors' logs: (encoding, T) -> one block, two blocks.
_ENCODINGS = {
    ("cyclic", 64): ("54.5±1.8", "55.8±1.0"),
    ("cyclic", 127): ("56.1±0.7", "56.8±0.4"),
    ("learned", 64): ("55.6±0.3", "56.4±0.3"),
    ("learned", 127): ("55.6±0.3", "56.0±0.5"),
}

NOTES = """\
published: the ICLR 2023 figures, mean and deviation of five runs, which the authors' logs bear out;
           sound, and methods other than theirs: single figures of the paper's first version.
here:      mean, and deviation if there are several, of the results given (their number in brackets);
           streaming where a result has it. * where not scored as in the paper (--as-in-paper).
MACs:      millions of multiply-accumulates a prediction, "FLOPs" in the paper: see `flops` for what differs.
TVSeries:  the paper's mcAP is over the first 20 of 30 actions, and not to be compared with other papers'.
GTZAN:     no published figure could be verified, so none is printed."""


def tables(results: Sequence[Result]) -> str:
    """All tables as text; cells without a measurement are empty.

    Parameters
    ----------
    results : sequence of dict
        As :func:`models.training.oad.evaluation.evaluate` returns them.
    """
    parts = [
        _detection("THUMOS14, per-frame mAP (%)", _THUMOS, "THUMOS", "mAP", results, others=0),
        _detection("TVSeries, per-frame mcAP (%)", _TVSERIES, "TVSERIES", "mcAP", results, others=1),
        _detection("THUMOS14 with sound, per-frame mAP (%)", _WITH_SOUND, "THUMOS", "mAP", results),
        _encodings(results),
        _gtzan(results),
        *_elsewhere(results),
        *_streaming(results),
        NOTES,
    ]
    return "\n\n".join(parts)


def _detection(
    title: str,
    published: Mapping[str, Sequence[str]],
    dataset: str,
    metric: str,
    results: Sequence[Result],
    others: int | None = None,
) -> str:
    rows = []
    for features, figures in published.items():
        if others is not None:
            for name, scores in _OTHERS[features].items():
                rows.append((name, features, f"{scores[others]:.1f}", "", "", ""))
        for model, figure in zip(_MODELS, figures, strict=True):
            # TVSeries' two kinds of features are of one size, which is its preset's.
            of = preset(model, "TVSeries" if dataset == "TVSERIES" else features)
            costs = of.published_continual if of.continual else of.published_regular
            rows.append(
                (
                    model,
                    features,
                    figure,
                    _here(results, dataset, metric, _is(of)),
                    "" if costs is None else f"{costs / 1e6:,.1f}",
                    f"{_macs(of) / 1e6:,.1f}",
                )
            )
    return _layout(title, ("model", "features", "published", "here", "MACs published", "MACs here"), rows)


def _is(of: Preset) -> Callable[[Result], bool]:
    """Whether a result is of this preset, unchanged."""
    encoding = {
        "positional": of.config["positional"],
        "period": of.config.get("period", 2 * of.config["window"] - 1),
    }

    def same(result: Result) -> bool:
        config = result["config"]
        return result["preset"] == f"{of.model}/{of.features}" and all(
            config[key] == value
            for key, value in encoding.items()
            if key in config  # OadTR has no choice
        )

    return same


def _macs(of: Preset) -> int:
    return sum(of.macs("continual" if of.continual else "regular").values())


def _here(results: Sequence[Result], dataset: str, metric: str, fits: Callable[[Result], bool]) -> str:
    chosen = [r for r in results if r["dataset"].upper() == dataset and fits(r)]
    values = [100 * v for r in chosen if (v := (r.get("streaming") or r["windowed"])[metric]) is not None]
    if not values:
        return ""
    spread = f"±{np.std(values, ddof=1):.1f}" if len(values) > 1 else ""
    mark = "" if all(r.get("as_in_paper", True) for r in chosen) else " *"
    return f"{np.mean(values):.1f}{spread} ({len(values)}){mark}"


def _encodings(results: Sequence[Result]) -> str:
    rows = []
    for (kind, period), figures in _ENCODINGS.items():
        for model, figure in zip(("CoOadTR-b1", "CoOadTR-b2"), figures, strict=True):

            def fits(r: Result, model: str = model, kind: str = kind, period: int = period) -> bool:
                config = r["config"]
                encoding = (config.get("positional"), config.get("period"))
                return r["preset"] == f"{model}/ANet" and encoding == (kind, period)

            rows.append((model, kind, str(period), figure, _here(results, "THUMOS", "mAP", fits)))
    return _layout(
        "Recycling positional encoding, THUMOS14 with ANet features, mAP (%)",
        ("model", "encoding", "T", "published", "here"),
        rows,
    )


def _gtzan(results: Sequence[Result]) -> str:
    rows = []
    for of in (p for p in PRESETS if p.features == "VGGish"):
        here = _here(results, "GTZAN", "accuracy", lambda r, of=of: r["preset"].startswith(of.model))  # type: ignore[misc]
        regular, continual = (sum(of.macs(mode).values()) / 1e6 for mode in ("regular", "continual"))
        rows.append((of.model, "", here, f"{regular:,.1f}", f"{continual:,.1f}"))
    heads = ("model", "published", "here", "MACs regular", "MACs continual")
    return _layout("GTZAN, accuracy by track (%)", heads, rows)


def _elsewhere(results: Sequence[Result]) -> list[str]:
    """What was measured with features that the paper did not use."""
    names = {f"{p.model}/{p.features}" for p in PRESETS}
    others = [r for r in results if r["preset"] not in names and r["dataset"] != "GTZAN"]
    if not others:
        return []
    kinds = sorted({(r["preset"], r["dataset"]) for r in others})
    rows = []
    for name, dataset in kinds:
        model, _, features = name.partition("/")

        def fits(r: Result, name: str = name) -> bool:
            return bool(r["preset"] == name)

        cells = (_here(others, dataset.upper(), metric, fits) for metric in ("mAP", "mcAP"))
        rows.append((model, features, dataset, *cells))
    return [_layout("With other features", ("model", "features", "dataset", "mAP here", "mcAP here"), rows)]


def _streaming(results: Sequence[Result]) -> list[str]:
    """What annoys, of each result and form: at once, and with the model's own run time counted in."""
    heads = (
        *("model", "dataset", "form", "an answer takes", "point F1", "segment F1, half", "found", "after"),
        *("wrong and sure", "point F1, late", "segment F1, half, late", "after, late"),
    )
    rows = []
    for result in results:
        for form in ("streaming", "windowed"):
            if not (scores := result.get(form, {}).get("streaming_scores")):
                continue
            late = scores["with_run_time"]
            rows.append(
                (
                    *(result["preset"], result["dataset"], form, f"{1e3 * late['seconds_p50']:.2f} ms"),
                    *(_share(scores["point_f1"]), _share(scores["segment_f1"]["0.5"])),
                    *(_share(scores["delay"]["found"]), _seconds(scores["delay"]["median_s"])),
                    *(_share(scores["wrong_and_sure"]), _share(late["point_f1"])),
                    *(_share(late["segment_f1"]["0.5"]), _seconds(late["delay"]["median_s"])),
                )
            )
    return [_layout("Streaming scores, measured here", heads, rows)] if rows else []


def _share(value: float | None) -> str:
    return "none" if value is None else f"{value:.3f}"


def _seconds(value: float | None) -> str:
    return "never" if value is None else f"{value:.2f} s"


def _layout(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[k]) for row in (heads, *rows)) for k in range(len(heads))]

    def line(row: Sequence[str]) -> str:
        return "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()

    return "\n".join([title, line(heads), line(["-" * width for width in widths]), *map(line, rows)])
