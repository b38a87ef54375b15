"""docs/faults.md lists the matrix of faults as the tests have it: each case, and what is said."""

from __future__ import annotations

from pathlib import Path

from tests import (
    test_capture_stamps,
    test_faults_actions,
    test_faults_cameras,
    test_faults_devices,
    test_faults_files,
    test_faults_weights,
)

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "faults.md"
NOTHING = "nothing: nothing is lost"

# The document's chapters -> what each case of the tests says.
MATRIX: dict[str, dict[str, str]] = {
    "Files that are refused": {case: row[2] for case, row in test_faults_files.REFUSED.items()},
    "Files that are used as far as they go": {case: row[2] for case, row in test_faults_files.USED.items()},
    "Files that change while they are read": {
        case: row[1] for case, row in test_faults_files.MEANWHILE.items()
    },
    "Time stamps": {case: row[2] for case, row in test_capture_stamps.ODD.items()},
    "Weights": {case: row[1] for case, row in test_faults_weights.WEIGHTS.items()},
    "Network cameras": {case: row[1] for case, row in test_faults_cameras.CAMERAS.items()},
    "Devices": {
        case: row[1] for case, row in (test_faults_devices.ASKED | test_faults_devices.WHILE_HEARD).items()
    },
    "What users do": {case: row[1] for case, row in test_faults_actions.ACTIONS.items()},
}


def as_document() -> str:
    """The chapters of the document, as they must stand in it."""
    lines = []
    for chapter, cases in MATRIX.items():
        lines += [f"## {chapter}", "", "| case | what is said |", "|---|---|"]
        lines += [f"| {case} | {said.replace('|', ', or: ') or NOTHING} |" for case, said in cases.items()]
        lines.append("")
    return "\n".join(lines)


def test_the_document_lists_every_case_and_what_is_said_of_it():
    text = DOCUMENT.read_text("utf-8")
    chapters = text[text.index("## ") :]
    assert chapters == as_document(), "write what tests.test_faults.as_document() gives into docs/faults.md"


def test_the_matrix_is_large():
    assert sum(map(len, MATRIX.values())) >= 100
