"""`bench --music`: what a token of music costs, step by step and with both networks' windows recomputed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from app.program import ASSETS
from models.extractors import yamnet
from models.extractors.logmel import FFT, HOP, RATE, MelPower, compress
from models.extractors.musicnn import WINDOW, ContinualMusiCNN, load_musicnn

TOKENS = 24  # timed, after three of warming up


def run(as_json: bool = False) -> int:
    """Time both ways in turn on the same sound, and print the medians; returns the exit code."""
    rows = measure()
    if as_json:
        for row in rows:
            print(json.dumps(row))
        return 0
    heading = f"{'a token, 0.5 s of new sound':28} {'windows':>20} {'step by step':>20}"
    print(f"{heading} {'MACs':>8} {'time':>8}")
    for row in rows:
        line = f"{row['part']:28}"
        for way in ("window", "step"):
            line += f" {row[f'macs_{way}'] / 1e6:9.1f} M {row[f'ms_{way}']:5.1f} ms"
        print(f"{line} {row['macs_ratio']:6.1f} x {row['ratio']:6.1f} x")
    return 0


def measure() -> list[dict[str, Any]]:
    """MACs and median milliseconds of a token, by part and of all; ``ratio`` is windows over steps."""
    from app.features.music import MusicTokens

    tokens = MusicTokens()
    musicnn = load_musicnn(ASSETS / "musicnn.safetensors")
    network, mel = ContinualMusiCNN(musicnn), MelPower()
    names = yamnet.load_yamnet(ASSETS / "yamnet.safetensors")
    every = max(1, round(tokens.macs_regular["YAMNet"] / tokens.macs["YAMNet"]))
    step, window = RATE // 2, WINDOW * HOP + FFT
    rng = np.random.default_rng(0)
    sound = rng.normal(size=window + step * (TOKENS + 3)).astype(np.float32) * 0.1
    times: dict[str, list[float]] = {}

    def timed(name: str, call: Callable[..., Any], *arguments: Any) -> Any:
        begun = time.perf_counter()
        result = call(*arguments)
        times.setdefault(name, []).append(time.perf_counter() - begun)
        return result

    network.push(torch.from_numpy(compress(mel.push(sound[:window]))))
    network()
    for k in range(TOKENS + 3):
        newest = sound[k * step :][: window + step]
        columns = timed("log-mel window", lambda x: compress(MelPower().push(x))[-WINDOW:], newest[step:])
        with torch.inference_mode():
            timed("MusiCNN window", musicnn, torch.from_numpy(columns)[None])
        timed("YAMNet window", yamnet.likelihoods, names, newest)
        new = timed("log-mel step", lambda x: compress(mel.push(x)), newest[-step:])
        network.push(torch.from_numpy(new))
        timed("MusiCNN step", network)
        if k % every == 0:
            timed("YAMNet step", yamnet.likelihoods, names, newest)
    rows = []
    for part in (*tokens.macs, "all"):
        row: dict[str, Any] = {"part": part}
        for way, macs in (("window", tokens.macs_regular), ("step", tokens.macs)):
            parts = list(macs) if part == "all" else [part]
            row[f"macs_{way}"] = sum(macs[name] for name in parts)
            for name in parts:  # YAMNet steps once in `every` ticks
                share = 1 / every if (name, way) == ("YAMNet", "step") else 1.0
                spent = float(np.median(times[f"{name} {way}"][1:])) * share
                row[f"ms_{way}"] = row.get(f"ms_{way}", 0.0) + 1e3 * spent
        row["macs_ratio"] = row["macs_window"] / row["macs_step"]
        row["ratio"] = row["ms_window"] / row["ms_step"]
        rows.append(row)
    return rows
