"""`evaluate actions --film`: the rule of scoring on made answers, and films through the real pipeline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app import film as app_film
from app.cli import main
from app.pipeline import headless
from models.training.actions.film import Watched, score
from models.training.actions.labelled import Film, Span, read_films, within
from tests.devices import ffmpeg

CLASSES = ["idle", "wave", "squat", "other"]
SIGNS = {"i": "idle", "w": "wave", "s": "squat", "o": "other", "-": "not sure", "n": "no person"}
RATE = 10.0


def film(spans: list[tuple[float, float, str]], hard: bool = False, person: str = "a") -> Film:
    return Film(Path(f"{person}.mp4"), person, hard, tuple(Span(*span, "") for span in spans))


def watched(shown: str, top: str | None = None) -> Watched:
    """One sign a tenth of a second: what is shown, and what is on top (the same, or squat)."""
    names = [SIGNS[sign] for sign in shown]
    best = [CLASSES.index(SIGNS[sign]) if SIGNS[sign] in CLASSES else 2 for sign in top or shown]
    times = np.arange(len(shown)) / RATE
    sure = np.array([name in CLASSES for name in names])
    return Watched(len(shown) / RATE, "", times, names, sure, np.array(best), np.full(len(shown), 0.001))


def test_ticks_are_right_wrong_or_refused() -> None:
    """From 0.5 s on: a wave from 0 to 2 s, then a squat; the slack forgives its name from 1.3 s on."""
    seen = watched("sssss" + "ssww--oowwwwsss" + "wwww" + "ssnnwwss" + "--")
    spans = film([(0.0, 2.0, "wave"), (2.05, 3.1, "squat")])
    clean = score([(spans, seen)], CLASSES, RATE)["clean"]
    assert clean["ticks"] == 27  # 16 of the wave and, between them and behind, 11 of the squat
    assert clean["wrong"] == pytest.approx(4 / 27)  # a squat until 0.6 s, a wave at 2.8 s
    wave = clean["by_class"]["wave"]
    assert (wave["ticks"], wave["right"], wave["wrong"]) == (16, 7 / 16, 2 / 16)
    assert wave["said"] == {"wave": 7, "squat": 5, "not sure": 2, "other": 2}
    assert wave["top_right"] == 7 / 16
    assert clean["wrong_names"] == 2
    assert clean["wrong_names_a_minute"] == pytest.approx(2 * 60 * RATE / 27)
    assert clean["spans"]["n"] == clean["spans"]["named"] == 2
    assert clean["spans"]["of_2_s"] == 1
    assert clean["spans"]["median_s"] == pytest.approx((0.7 + 0.35) / 2)


def test_rest_and_other_named_as_an_action_are_wrong_and_nothing_else_is() -> None:
    spans = film([(0.0, 1.95, "idle"), (2.0, 2.9, "skip"), (3.0, 6.0, "other")])
    seen = watched("-----iiooww-ww-iiiii" + "wwwwwwwwww" + "ooooo" * 2 + "wwwwww----wwwwiiiiii")
    result = score([(spans, seen)], CLASSES, RATE)
    clean = result["clean"]
    idle, other = clean["by_class"]["idle"], clean["by_class"]["other"]
    assert (idle["right"], idle["wrong"]) == (7 / 15, 4 / 15)
    assert (other["right"], other["wrong"]) == (10 / 30, 10 / 30)
    assert clean["ticks"] == 45  # what is to be skipped is not scored
    assert clean["wrong_names"] == 4  # a name that falls away and comes back counts twice
    assert clean["spans"]["n"] == 0 and clean["spans"]["within_1_2_s"] is None
    assert result["hard"] is None
    shown = result["films"][0]["spans"]
    assert [span["ticks"] for span in shown] == [15, 0, 30]
    assert shown[2]["said"] == {"other": 10, "wave": 10, "idle": 6, "not sure": 4}


def test_hard_films_stand_apart_and_intervals_are_of_people() -> None:
    right, wrong = watched("w" * 40), watched("s" * 40)
    spans = [(0.0, 3.9, "wave")]
    seen = [(film(spans, person=str(k)), right if k % 2 else wrong) for k in range(8)]
    seen += [(film(spans, hard=True, person="h"), wrong)]
    result = score(seen, CLASSES, RATE)
    assert result["clean"]["right"] == 0.5 and result["hard"]["wrong"] == 1.0
    assert result["all"]["right"] == pytest.approx(4 / 9) and result["all"]["films"] == 9
    low, high = result["clean"]["right_ci"]
    assert low < 0.25 and high > 0.75  # eight people, not 280 ticks
    json.dumps(result)


def listed(folder: Path, films: Any) -> Path:
    path = folder / "film.json"
    path.write_text(json.dumps({"films": films}))
    return path


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("nonsense", ['film 2 is "nonsense"']),
        ({"file": "gone.mp4", "spans": []}, ["gone.mp4 is not in"]),
        ({"file": "b.mp4", "spans": {"a": 1}}, ["the spans of b.mp4 are", "expected a list"]),
        ({"file": "b.mp4", "spans": [{"start": 0, "end": 1, "label": "dance"}]}, ["'dance'", "wave, squat"]),
        ({"file": "b.mp4", "spans": [{"start": 3, "end": 1, "label": "wave"}]}, ["from 3 s to 1 s"]),
        ({"file": "b.mp4", "spans": [{"start": -1, "end": 1, "label": "wave"}]}, ["from -1 s to 1 s"]),
        ({"file": "b.mp4", "spans": [[0, 1, "wave"]]}, ['span 1 of b.mp4 is [0, 1, "wave"]']),
        ({"file": "b.mp4", "spans": [{"start": "x", "end": 1, "label": "wave"}]}, ["start and end"]),
        ({"file": "b.mp4", "spans": [{"start": 0, "end": 1, "label": ["wave"]}]}, ["['wave']"]),
    ],
)
def test_what_cannot_be_used_is_named_and_the_rest_goes_on(tmp_path: Path, row: Any, told: list[str]) -> None:
    for name in ("a.mp4", "b.mp4"):
        (tmp_path / name).touch()
    good = {"file": "a.mp4", "spans": [{"start": 0, "end": 1, "label": "wave"}]}
    films, faults = read_films(listed(tmp_path, [good, row]), CLASSES)
    assert films[0].person == "a.mp4" and len(films[0].spans) == 1
    assert len(faults) == 1 and all(words in faults[0] for words in ["film.json", *told]), faults


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"films": {}}', "\x00\x01npz"])
def test_a_list_of_another_shape_is_an_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "film.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"film\.json is no list of labelled films .* expected JSON"):
        read_films(path, CLASSES)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match=r"film\.json is no list"):
        read_films(path, CLASSES)


@pytest.mark.parametrize(
    ("label", "remark", "meant"),
    [
        ("other", "squats", "squat"),
        ("other", "squat", "squat"),
        ("other", "squats and turns", "other"),
        ("idle", "squats", "idle"),
    ],
)
def test_what_was_labelled_before_its_class_was_there_is_of_it(
    tmp_path: Path, label: str, remark: str, meant: str
) -> None:
    (tmp_path / "a.mp4").touch()
    span = {"start": 0, "end": 1, "label": label, "remark": remark}
    (tmp_path / "film.json").write_text(json.dumps({"films": [{"file": "a.mp4", "spans": [span]}]}))
    assert read_films(tmp_path / "film.json", CLASSES)[0][0].spans[0].label == meant


def test_a_span_outside_its_film_is_named_with_both_times() -> None:
    spans = film([(0.0, 2.0, "wave"), (2.0, 4.2, "squat"), (5.0, 6.0, "wave")])
    kept, faults = within(spans, 4.0)  # labels are by eye
    assert [span.label for span in kept.spans] == ["wave", "squat"]
    assert faults == ["a.mp4: wave goes from 5 s to 6 s, the film to 4.00 s"]


# --- the real pipeline ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, assets: Path) -> Path:
    """The demo's first four seconds, the first half of that, something else, and nothing but sound."""
    made = tmp_path_factory.mktemp("films")
    ffmpeg("-i", assets / "demo.mp4", "-t", "4", "-c", "copy", made / "short.mp4")
    ffmpeg("-i", assets / "demo.mp4", "-t", "2", "-vn", "-c", "copy", made / "sound.mp4")
    ffmpeg("-i", made / "short.mp4", "-an", "-c", "copy", "-movflags", "+faststart", made / "cut.mp4")
    (made / "cut.mp4").write_bytes((made / "cut.mp4").read_bytes()[: (made / "cut.mp4").stat().st_size // 2])
    (made / "text.mp4").write_text("this is no film")
    return made


def test_names_are_those_of_run(folder: Path, assets: Path) -> None:
    """A film that was shown before leaves nothing behind."""
    assert headless.run(folder / "short.mp4", json_path=folder / "run.jsonl") == 0
    rows = [json.loads(line) for line in (folder / "run.jsonl").read_text().splitlines()[:-1]]
    rows = [row for row in rows if row["task"] == "actions"]
    watcher = app_film.Watcher(assets / "actions.safetensors")
    try:
        watcher(folder / "short.mp4")
        seen = watcher(folder / "short.mp4")
    finally:
        watcher.close()
    assert list(seen.names) == [row["label"] for row in rows]
    assert seen.confident.tolist() == [row["confident"] for row in rows]
    np.testing.assert_allclose(seen.times, [row["time"] for row in rows], atol=1e-6)
    assert [watcher.info.labels[k] for k in seen.top] == [row["top"][0][0] for row in rows]


def test_films_side_by_side_and_those_that_cannot_be_had(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spans = [{"start": 0, "end": 3.9, "label": "idle"}, {"start": 8, "end": 9, "label": "wave"}]
    path = listed(
        folder, [{"file": f"{n}.mp4", "spans": spans} for n in ("short", "text", "sound", "none", "cut")]
    )
    out = folder / "out.json"
    assert main(["evaluate", "actions", "--film", str(path), "--jobs", "2", "--json", str(out)]) == 0
    figures = json.loads(out.read_text())
    told = capsys.readouterr().err
    for words in (
        "none.mp4 is not in",
        "text.mp4",
        "sound.mp4 has no picture",
        "short.mp4: wave goes from 8 s to 9 s",
        "cut.mp4: used as far as it goes",
        "cut.mp4: idle goes from 0 s to 3.9 s, the film to ",
        "cut.mp4: wave goes from 8 s to 9 s",
    ):
        (line,) = [line for line in figures["skipped"] if words in line]
        assert f"Skipped: {line}" in told
    assert "Traceback" not in told and len(figures["skipped"]) == 7
    assert [entry["file"] for entry in figures["films"]] == ["short.mp4", "cut.mp4"]
    assert figures["clean"]["films"] == 1 and figures["clean"]["ticks"] >= 48
    print(app_film.in_words(figures))  # nothing that was left out is missing in the tables
    assert "short.mp4" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["genres", "--film", "film.json"], "for actions"),
        (["actions"], "--data"),
        (["actions", "--film", "film.json", "--data", "set.npz"], "--film instead"),
        (["actions", "--film", "no such.json"], "no such.json"),
        (["actions", "--film", "film.json", "--json", "no/folder/out.json"], "no/folder"),
        (["actions", "--film", "film.json", "--jobs", "0"], "jobs is 0"),
    ],
)
def test_what_does_not_fit_is_one_line(arguments, told, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", *arguments]) == 2
    error = capsys.readouterr().err
    assert told in error and "Traceback" not in error


def test_nothing_left_to_score_is_an_error(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = listed(folder, [{"file": "text.mp4", "spans": []}])
    assert main(["evaluate", "actions", "--film", str(path)]) == 2
    assert "no film that can be scored" in capsys.readouterr().err
