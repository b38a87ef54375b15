"""Options that another task, or a table of models, would ignore are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.cli import main

TRAIN, EVALUATE = (
    ["train", "{}", "--data", ".", "--out", "out.safetensors"],
    ["evaluate", "{}", "--data", "."],
)
OF_ACTIONS = [
    *([*TRAIN, *option] for option in (["--teachers", "a"], ["--start", "a"], ["--soup", "a", "b"])),
    *([*TRAIN, *option] for option in (["--rarer", "0.1"], ["--acted", "5"], ["--no-depth"])),
    *([*command, "--film", "film.json"] for command in (TRAIN, EVALUATE)),
    *([*command, "--mapping", "map.json"] for command in (TRAIN, EVALUATE)),
    [*EVALUATE, "--drawn"],
    [*EVALUATE, "--acted"],
]
OF_GENRES = [
    [*TRAIN, "--elsewhere", "folder"],
    ["--hearing", "weights.pt", *TRAIN],
    [*TRAIN, "--hearing", "a"],
]


@pytest.mark.parametrize(
    ("arguments", "task", "wrong"),
    [
        *((arguments, "actions", "genres") for arguments in OF_ACTIONS),
        *((arguments, "genres", "actions") for arguments in OF_GENRES),
    ],
    ids=lambda value: "_".join(value) if isinstance(value, list) else value,
)
def test_another_tasks_option_is_refused(
    arguments: list[str],
    task: str,
    wrong: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([word.format(wrong) for word in arguments]) == 2
    told = capsys.readouterr().err.splitlines()
    (option,) = {word for word in arguments if word.startswith("--")} - {"--data", "--out"}
    assert told == [
        f"{option} is for {task}: {({*arguments} & {'train', 'evaluate'}).pop()} {wrong} does not take it"
    ]
    # Where it belongs it is taken: what is said is of what it names, or of the data.
    assert main([word.format(task) for word in arguments]) == 2
    assert "does not take" not in capsys.readouterr().err


@pytest.mark.parametrize("task", ["actions", "genres"])
@pytest.mark.parametrize(
    "option",
    [
        ["--folds"],
        ["--blocks", "2"],
        ["--streaming"],
        ["--teachers", "a"],
        ["--hearing", "a"],
        ["--no-depth"],
    ],
)
def test_a_table_of_models_takes_no_option_that_it_would_ignore(
    task: str,
    option: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    train = [word.format(task) for word in TRAIN]
    assert main([*train, "--model", "GRU", *option]) == 2
    assert capsys.readouterr().err.startswith(f"{option[0]} ")
    assert main([*train, "--steps", "10"]) == 2
    assert capsys.readouterr().err == "--steps is for --model\n"
    assert main([*train, "--steps", "10", "--model", "GRU"]) == 2
    assert "--" not in capsys.readouterr().err  # only that there is nothing to learn from
