"""What a soak's rows come to: a table, a picture, a verdict."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

SETTLED = 10  # minutes after which nothing may grow
RSS = 30.0  # MB of memory that may come and go after that, without a file open
TICK = 1000 / 15  # ms
LEFT = 3  # threads and descriptors that may come and go

Row = dict[str, object]


def append(row: Row, folder: Path) -> None:
    """Add a minute to the table on disk, so that a crash leaves it."""
    first = row["minute"] == 1
    with (folder / "soak.csv").open("w" if first else "a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(row))
        if first:
            writer.writeheader()
        writer.writerow(row)


def column(rows: Sequence[Row], name: str) -> np.ndarray:
    """A column as numbers, nan where there is none."""
    return np.array([float(row[name]) if row[name] not in ("", None) else np.nan for row in rows])  # type: ignore[arg-type]


def report(rows: Sequence[Row], faults: Sequence[str], folder: Path) -> int:
    """Draw the picture and print the verdict; 0 when nothing grew, drifted or stayed away."""
    _plot(rows, folder / "soak.png")
    wrong = [*faults, *judge(rows)]
    print("\n".join(wrong))
    print(f"{len(rows)} min: {'FAILED' if wrong else 'flat'} ({folder / 'soak.csv'}, {folder / 'soak.png'})")
    return 1 if wrong else 0


def judge(rows: Sequence[Row]) -> list[str]:
    """What grew or drifted after the first ten minutes, but for those with a file open: it has tokens."""
    later = [row for row in rows[SETTLED:] if not row["file"]]
    if len(later) < 4:
        return [f"too short: {len(later)} minutes of devices after the first {SETTLED}"]
    half = len(later) // 2
    wrong = []
    memory = column(later, "rss_mb")
    growth = np.polyfit(column(later, "minute") / 60, memory, 1)[0]
    print(f"memory {memory.min():.0f} to {memory.max():.0f} MB, {growth:+.1f} MB an hour")
    if np.ptp(memory) > RSS:
        wrong.append(
            f"memory went from {memory.min():.0f} to {memory.max():.0f} MB, {RSS:g} MB may be between"
        )
    for name in ("tasks", "descriptors", "widgets"):
        counts = column(later, name)
        before, after = counts[:half].min(), counts[half:].min()
        print(f"{name} at least {before:.0f}, then {after:.0f}")
        if after > before + LEFT:
            wrong.append(f"{name} grew from {before:.0f} to {after:.0f}")
    drift = column(later, "drift_ms")
    if not np.isfinite(drift).any():
        return [*wrong, "no minute in which both marks were read"]
    parts = [np.nanmedian(part) for part in (drift[:half], drift[half:])]
    worst = np.nanmax(np.abs(drift - np.nanmedian(drift)))
    print(f"sound against picture {parts[0]:.0f} ms, then {parts[1]:.0f} ms; worst minute {worst:.0f} ms off")
    if abs(parts[1] - parts[0]) > TICK:
        wrong.append(f"sound drifted from {parts[0]:.0f} to {parts[1]:.0f} ms, a tick is {TICK:.0f} ms")
    return wrong


def _plot(rows: Sequence[Row], path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    groups = (
        ("MB", ("rss_mb", "heap_used_mb", "heap_free_mb")),
        ("number", ("tasks", "descriptors")),
        ("ms", ("drift_ms", "picture_late_ms", "sound_late_ms")),
        ("ms", ("actions_late_p50_ms", "actions_late_p95_ms", "paint_p50_ms", "paint_p99_ms")),
        ("of cores", ("load", "cpu")),
    )
    figure, axes = pyplot.subplots(len(groups), sharex=True, figsize=(10, 12), layout="constrained")
    minutes = column(rows, "minute")
    live = np.array([not row["file"] for row in rows], bool)
    for axis, (unit, names) in zip(axes, groups, strict=True):
        for name in names:
            values = column(rows, name)
            line = axis.plot(minutes, values, linewidth=0.8, label=name)[0]
            axis.plot(minutes[live], values[live], ".", color=line.get_color())
        axis.axvline(SETTLED, color="grey", linewidth=0.5)
        axis.set_ylabel(unit)
        axis.legend(loc="upper left", fontsize="small")
    axes[2].set_ylim(-100, 500)
    axes[-1].set_xlabel("minutes; dots: no file open")
    figure.savefig(path, dpi=90)
