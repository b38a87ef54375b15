"""`run` on many files and folders: the same lines from one process, from several, and from a Dask cluster."""

from __future__ import annotations

import importlib.util
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from joblib.externals.loky import get_reusable_executor

from app.capture.recording import Recording
from app.cli import main
from app.pipeline import many
from tests.devices import ffmpeg

DEMO = Path(__file__).resolve().parents[1] / "assets" / "demo.mp4"
with_dask = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None,
    reason="dask.distributed is not installed (pip install -e '.[app,cluster]')",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A film with sound, sound alone and an empty file, in a folder and one below it."""
    folder = tmp_path_factory.mktemp("films")
    (folder / "below").mkdir()
    ffmpeg("-ss", "4", "-i", DEMO, "-t", "2", "-c:v", "libx264", folder / "below" / "b.mp4")
    ffmpeg("-i", DEMO, "-t", "2", "-vn", folder / "c.wav")
    (folder / "a.mp4").touch()
    (folder / "notes.txt").write_text("no media")
    return folder


@pytest.fixture(scope="module", autouse=True)
def no_process_is_left() -> Iterator[None]:
    yield
    get_reusable_executor().shutdown()  # else they wait for more, for minutes


@pytest.fixture(scope="module")
def lines(folder, tmp_path_factory) -> list[dict]:
    """What one process writes of them."""
    out = tmp_path_factory.mktemp("one") / "out.jsonl"
    assert main(["run", str(folder), "--json", str(out)]) == 2
    return lines_of(out)


def lines_of(path: Path) -> list[dict]:
    """The rows, with what is measured or in no order left out."""
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for row in rows:
        row.pop("seconds", None)
        if summary := row.get("summary"):
            costs = summary["tasks"].values()
            row["summary"] = summary["missing"], [(cost["predictions"], cost["macs"]) for cost in costs]
    return rows


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The address of a scheduler of this machine with two workers, processes."""
    from distributed import LocalCluster

    with LocalCluster(2, threads_per_worker=1, dashboard_address=None) as made:
        yield made.scheduler_address


def test_each_line_names_its_file_and_one_that_cannot_be_read_is_one_line(folder, lines):
    a, b, c = (str(folder / name) for name in ("a.mp4", "below/b.mp4", "c.wav"))
    assert list(dict.fromkeys(row["file"] for row in lines)) == [a, b, c] and next(iter(lines[0])) == "file"
    (fault,) = [row for row in lines if row["file"] == a]
    assert "is empty (0 bytes)" in fault["error"]
    tasks = {name: {row.get("task", "end") for row in lines if row["file"] == name} for name in (b, c)}
    assert tasks == {b: {"actions", "genres", "end"}, c: {"genres", "end"}}
    assert len([row for row in lines if row["file"] == b and row.get("task") == "actions"]) in (30, 31)


def test_several_processes_write_what_one_does_and_annotated_films(folder, lines, tmp_path, capfd):
    out = tmp_path / "out.jsonl"
    annotated = folder / "annotated"  # what is made there is not read the next time
    for _ in range(2):
        assert main(f"run {folder} --jobs 2 --json {out} --annotate {annotated}".split()) == 2
        assert lines_of(out) == lines
        assert [film.name for film in annotated.iterdir()] == ["b.mp4"]
    made = Recording(annotated / "b.mp4")
    assert made.has_video and made.has_audio and made.duration == pytest.approx(2, abs=0.2)
    said = capfd.readouterr().err
    shutil.rmtree(annotated)  # the other tests read the folder, too
    assert "2 fine, 1 not read or not written" in said and "c.wav: It has no picture" in said


@with_dask
def test_a_cluster_writes_what_one_process_does(folder, lines, tmp_path, cluster):
    out = tmp_path / "out.jsonl"
    assert main(["run", str(folder), "--cluster", cluster, "--json", str(out)]) == 2
    assert lines_of(out) == lines


@with_dask
@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "no address"])
def test_a_cluster_that_is_not_there_is_one_clear_line(folder, address, capfd, monkeypatch):
    monkeypatch.setattr(many, "ANSWERS", 0.5)
    assert main(["run", str(folder), "--cluster", address]) == 2
    assert f"No Dask scheduler answers at {address}" in capfd.readouterr().err.splitlines()[-1]


def test_in_words_each_file_has_a_head(folder, capfd):
    assert main(["run", str(folder / "c.wav"), str(folder / "no.wav"), str(folder / "c.wav")]) == 2
    said = capfd.readouterr()
    heads = [line for line in said.out.splitlines() if line.startswith("==>")]
    assert heads == [f"==> {folder / name} <==" for name in ("c.wav", "no.wav")]
    assert "no.wav: There is no file" in said.err and "genres" in said.out


@pytest.mark.parametrize(
    "arguments, said",
    [
        ("{folder} --jobs 0", "--jobs is 0, expected 1 or more."),
        ("{nothing}", "has no media: nothing in it ends with .mp4"),
        ("{folder} --json {folder}/c.wav", "is a file to read"),
        ("{folder} --json {nothing}/no/out.jsonl", "Cannot write"),
        (
            "{folder}/a.mp4 {folder}/below/a.mkv --annotate {nothing}",
            "Of {folder}/a.mp4 and {folder}/below/a.mkv",
        ),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is(folder, tmp_path, arguments, said, capfd):
    places = {"folder": folder, "nothing": tmp_path}
    before = (folder / "c.wav").read_bytes()
    assert main(["run", *arguments.format(**places).split()]) == 2
    (line,) = capfd.readouterr().err.splitlines()
    assert said.format(**places) in line
    assert (folder / "c.wav").read_bytes() == before
