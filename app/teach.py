"""`teach`: a folder of takes, a folder a class, to a checkpoint that names them, too."""

from __future__ import annotations

import sys
from pathlib import Path

from tqdm import tqdm

from app.capture.media import CaptureError
from app.outputs import check_writable
from app.pipeline.teach_takes import Reader, read_folder
from app.pipeline.teaching import Teaching, in_words
from models.training.teach_school import Pace


def run(task: str, folder: Path, out: Path, weights: Path | None, seed: int, steps: int, command: str) -> int:
    """Teach, tell the score, and write the checkpoint; returns the exit code."""
    try:
        check_writable(out)
        teaching = Teaching(task, weights)
        teaching.pace = Pace(steps=steps)
        reader = Reader(task)
        try:
            with tqdm(desc="takes", unit="take", disable=sys.stderr is None) as bar:
                teaching.takes, faults = read_folder(folder, reader, lambda line: bar.update() and None)
        finally:
            reader.close()
        for fault in faults:
            print(fault, file=sys.stderr)
        with tqdm(desc="train", total=100, unit="%", disable=sys.stderr is None) as bar:
            taught, left_out = teaching.train(
                lambda share: bar.update(round(100 * share) - bar.n), command, seed
            )
        for line in left_out:
            print(line, file=sys.stderr)
        taught.save(out)
    except (ValueError, OSError, ImportError, CaptureError) as error:
        print(error, file=sys.stderr)
        return 2
    print("\n".join(in_words(taught.scores)))
    print(f"{out} names {', '.join(taught.card['taught']['classes'])} beside the shipped classes.")
    return 0
