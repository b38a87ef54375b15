"""`python main.py run` as its user runs it: a process, real files, real output."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app import cli
from app.capture.media_file import MediaFile
from app.pipeline import headless
from app.pipeline.recorder import InOrder
from app.pipeline.session import Session
from app.pipeline.state import Prediction
from tests.devices import PATIENCE, ffmpeg

ROOT = Path(__file__).resolve().parents[1]
DEMO = ROOT / "assets" / "demo.mp4"


def main(*arguments: object, timeout: float = 240, **options) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "main.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, cwd=ROOT, **options)


def rows_of(path: Path) -> tuple[list[dict], dict]:
    *rows, last = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return rows, last["summary"]


@pytest.fixture(scope="module")
def office(data, tmp_path_factory) -> tuple[list[dict], dict]:
    """office_jazz.mp4 in mode both."""
    out = tmp_path_factory.mktemp("office") / "out.jsonl"
    done = main("run", data / "video" / "office_jazz.mp4", "--mode", "both", "--json", out)
    assert done.returncode == 0, done.stderr
    return rows_of(out)


def test_both_modes_agree_at_every_step(office):
    rows, summary = office
    for row in rows:
        assert row["mode"] == "both" and row["seconds"] > 0 and row["seconds_regular"] > 0
        # the bound of float32 is 1e-5 · max(1, max |logit|); with the 1 alone it is stricter
        assert row["max_delta"] <= 1e-5
    for task in ("actions", "genres"):
        mine = [row for row in rows if row["task"] == task]
        cost = summary["tasks"][task]
        assert cost["predictions"] == len(mine)
        assert cost["macs"] == sum(row["macs"] for row in mine)
        assert cost["macs_saved"] == sum(row["macs_regular"] - row["macs"] for row in mine)
        assert cost["max_delta"] == max(row["max_delta"] for row in mine)


def test_ticks_are_all_there_and_in_order(office):
    rows, summary = office
    assert [(r["time"], r["task"]) for r in rows] == sorted((r["time"], r["task"]) for r in rows)
    actions = [row for row in rows if row["task"] == "actions"]
    assert [row["tick"] for row in actions] == list(range(actions[0]["tick"], actions[-1]["tick"] + 1))
    assert len(actions) == pytest.approx(summary["media_seconds"] * 15, abs=2)
    for row in rows:
        labels, probabilities = zip(*row["top"], strict=True)
        assert len(set(labels)) == len(labels) >= 9
        assert sum(probabilities) == pytest.approx(1, abs=1e-4)
        assert list(probabilities) == sorted(probabilities, reverse=True)


def test_quiet_jazz_under_steps_is_heard_at_times_and_never_named_another(office):
    rows, _ = office
    genres = [row for row in rows if row["task"] == "genres"]
    assert sum(row["top"][0][0] == "jazz" for row in genres) >= 3
    assert not [row for row in genres if row["confident"] and row["label"] != "jazz"]


def test_same_file_same_bytes(tmp_path):
    short = tmp_path / "short.mp4"
    ffmpeg("-i", DEMO, "-t", "3", "-c", "copy", short)
    texts = []
    assert main("run", short, "--mode", "both", "--json", tmp_path / "a.jsonl").returncode == 0
    assert cli.main(["run", str(short), "--mode", "both", "--json", str(tmp_path / "b.jsonl")]) == 0  # here
    for name in ("a.jsonl", "b.jsonl"):
        rows, _ = rows_of(tmp_path / name)
        for row in rows:
            row["seconds"] = row["seconds_regular"] = 0
        texts.append(json.dumps(rows))
    assert texts[0] == texts[1]


def test_modes_give_the_same_predictions(tmp_path):
    short = tmp_path / "short.mp4"
    ffmpeg("-i", DEMO, "-t", "3", "-c", "copy", short)
    tops = {}
    for mode in ("regular", "continual"):
        assert cli.main(["--mode", mode, "run", str(short), "--json", str(tmp_path / "out.jsonl")]) == 0
        rows, summary = rows_of(tmp_path / "out.jsonl")
        tops[mode] = [dict(row["top"]) for row in rows]
        spent = summary["tasks"]["actions"]
        assert (spent["macs_saved"] == 0) == (mode == "regular")
    for a, b in zip(tops["regular"], tops["continual"], strict=True):
        assert a == pytest.approx(b, abs=3e-6)


@pytest.mark.parametrize("kept, task", [("v", "actions"), ("a", "genres")])
def test_picture_only_and_sound_only(tmp_path, kept, task, capfd):
    part = tmp_path / "part.mkv"
    ffmpeg("-i", DEMO, "-t", "4", "-map", f"0:{kept}", "-c", "copy", part)
    assert cli.main(["run", str(part), "--json", str(tmp_path / "out.jsonl")]) == 0
    rows, summary = rows_of(tmp_path / "out.jsonl")
    assert {row["task"] for row in rows} == {task} == set(summary["tasks"])
    (missing,) = summary["missing"]
    assert f"No {missing}" in capfd.readouterr().err


def test_a_sound_too_short_for_a_prediction_has_no_figures(tmp_path, capfd):
    short = tmp_path / "short.wav"
    ffmpeg("-f", "lavfi", "-i", "sine", "-t", "0.2", short)
    assert cli.main(["run", str(short)]) == 0
    told = capfd.readouterr().err
    assert "genres: no prediction, since it ended before the first." in told
    assert "nan" not in told


def make_bad(kind: str, folder: Path) -> Path:
    path = folder / f"{kind}.mp4"
    match kind:
        case "empty":
            path.touch()
        case "text":
            path.write_text("this is no film\n" * 50)
        case "directory":
            path.mkdir()
        case "cut":  # the index of an mp4 stands at its end
            whole = folder / "whole.mp4"
            ffmpeg("-f", "lavfi", "-i", "testsrc=duration=2", "-c:v", "mpeg4", whole)
            path.write_bytes(whole.read_bytes()[:20_000])
    return path


@pytest.mark.parametrize("kind", ["missing", "empty", "text", "directory", "cut"])
def test_bad_files_are_one_clear_line(tmp_path, kind, capfd):
    path = make_bad(kind, tmp_path)
    arguments = ["run", str(path), "--json", str(tmp_path / "out.jsonl")]
    if kind == "missing":  # a process starts for seconds: one, and the others here
        done = main(*arguments)
        code, told = done.returncode, done.stderr
    else:
        code = cli.main(arguments)
        told = capfd.readouterr().err
    assert code == 2
    assert len(told.strip().splitlines()) == 1 and path.name in told
    assert "Traceback" not in told and not (tmp_path / "out.jsonl").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--camera", "99"],
        ["--camera", "no such camera"],
        ["--camera", "nonsense://host/"],
        ["--mic", "no such microphone"],
        ["--file", "no such file.mp4"],
    ],
)
def test_sources_that_cannot_be_had_are_one_clear_line(arguments):
    done = main(*arguments)
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1 and "Traceback" not in done.stderr


def test_wrong_json_paths(tmp_path, capfd):
    for out in (tmp_path / "no" / "out.jsonl", tmp_path, DEMO):
        assert cli.main(["run", str(DEMO), "--json", str(out)]) == 2
        assert len(capfd.readouterr().err.strip().splitlines()) == 1
    full = main("run", DEMO, "--json", "/dev/full")
    assert full.returncode == 2 and "space" in full.stderr and "Traceback" not in full.stderr


def test_truncated_file_is_used_as_far_as_it_goes(tmp_path, capfd):
    whole, cut = tmp_path / "whole.mkv", tmp_path / "cut.mkv"
    ffmpeg("-i", DEMO, "-t", "8", "-c", "copy", whole)
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    assert cli.main(["run", str(cut), "--json", str(tmp_path / "out.jsonl")]) == 1
    told = capfd.readouterr().err
    assert "cut short" in told
    rows, summary = rows_of(tmp_path / "out.jsonl")
    assert summary["truncated"] and rows[-1]["time"] > 2
    # lengths and speed are of what was decoded, not of the header's eight seconds
    assert rows[-1]["time"] <= summary["media_seconds"] < rows[-1]["time"] + 0.5
    assert f"{summary['media_seconds']:.1f} s of media in" in told


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_interrupting_leaves_a_readable_file(tmp_path, sent):
    out = tmp_path / "out.jsonl"
    command = [sys.executable, str(ROOT / "main.py"), "run", str(DEMO), "--json", str(out)]

    def attended() -> None:  # a shell's background job, as CI may be, ignores Ctrl-C, and so do its children
        signal.signal(signal.SIGINT, signal.default_int_handler)

    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT, preexec_fn=attended)
    deadline = time.monotonic() + PATIENCE
    while not (out.exists() and out.stat().st_size > 4000):
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.05)
    process.send_signal(sent)
    _, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130 and "Traceback" not in stderr
    rows, summary = rows_of(out)
    assert rows and summary["interrupted"]


@pytest.fixture
def in_the_middle(monkeypatch):
    """Let something happen after two seconds of a file."""

    def arrange(happen) -> None:
        whole = MediaFile.events

        def events(self, *arguments):
            late = False
            for event in whole(self, *arguments):
                if not late and event.time > 2.0:
                    late = True
                    happen()
                yield event

        monkeypatch.setattr(MediaFile, "events", events)

    return arrange


def test_a_fault_in_the_middle_of_a_file_is_in_the_summary(tmp_path, in_the_middle, capsys):
    def fail() -> None:
        raise RuntimeError("injected")

    short = tmp_path / "short.mp4"
    ffmpeg("-i", DEMO, "-t", "4", "-c", "copy", short)
    in_the_middle(fail)
    assert headless.run(short, json_path=tmp_path / "out.jsonl") == 1
    rows, summary = rows_of(tmp_path / "out.jsonl")
    assert len(summary["faults"]) == 1 and "short.mp4 cannot be played on" in summary["faults"][0]
    assert "injected" in capsys.readouterr().err
    actions = [row["tick"] for row in rows if row["task"] == "actions"]
    assert actions == list(range(actions[-1] + 1)) and actions[-1] in (29, 30), "all ticks up to the fault"


def test_a_file_that_is_deleted_while_it_is_read_is_read_to_its_end_and_that_is_said(tmp_path, in_the_middle):
    film = tmp_path / "film.avi"
    ffmpeg("-i", DEMO, "-t", "3", "-an", "-c:v", "mpeg4", film)
    in_the_middle(film.unlink)
    assert headless.run(film, json_path=tmp_path / "out.jsonl") == 1
    rows, summary = rows_of(tmp_path / "out.jsonl")
    assert not film.exists() and "is gone" in summary["truncated"]
    assert [row["tick"] for row in rows] == list(range(45))


@pytest.mark.parametrize(
    "streams",
    [
        ["-i", DEMO, "-af", "atrim=end=2.3"],  # the sound ends early
        ["-i", DEMO, "-itsoffset", "4", "-i", DEMO, "-map", "0:v", "-map", "1:a"],  # it begins late
    ],
)
def test_what_one_stream_lacks_holds_nothing_back(tmp_path, streams):
    film = tmp_path / "film.mkv"
    ffmpeg(*streams, "-t", "8", "-c:v", "copy", film)
    passed: list[Prediction] = []
    waiting: list[float] = []
    order = InOrder(("actions", "genres"), passed.append)

    def predicted(prediction: Prediction) -> None:
        order.add(prediction)
        waiting.append(prediction.time - (passed[-1].time if passed else 0.0))

    session = Session(on_prediction=predicted, on_progress=order.reach, on_task_ended=order.end)
    try:
        session.open_source(MediaFile(film))
        assert session.wait_ended(PATIENCE)
    finally:
        assert session.close()
    assert max(waiting) < 4.0, "answers wait for a stream that has nothing to say"
    assert [(p.time, p.task) for p in passed] == sorted((p.time, p.task) for p in passed)
    assert {p.task for p in passed} == {"actions", "genres"} and len(passed) == len(waiting)


@pytest.mark.parametrize("arguments", [["--json", "-"], []])
def test_a_reader_that_has_had_enough_ends_it_quietly(tmp_path, arguments):
    short = tmp_path / "short.mp4"
    ffmpeg("-i", DEMO, "-t", "6", "-c", "copy", short)
    command = [sys.executable, str(ROOT / "main.py"), "run", str(short), *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None and process.stderr is not None
    first = process.stdout.readline()
    assert first.startswith("{" if arguments else "     0")
    process.stdout.close()
    said = process.stderr.read()
    assert process.wait(PATIENCE) == 0, said
    assert "Traceback" not in said and "100%" not in said


def test_without_a_display_the_file_runs(tmp_path):
    short = tmp_path / "short.mp4"
    ffmpeg("-i", DEMO, "-t", "6", "-c", "copy", short)
    bare = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    bare.pop("QT_QPA_PLATFORM", None)
    bare["DISPLAY"] = ":4711"  # set, and nobody there
    done = main("--file", short, env=bare)
    assert done.returncode == 0, done.stderr
    assert "No window can open" in done.stderr and "actions" in done.stdout and "genres" in done.stdout
