"""Make pose_landmarker_lite.task from the two BlazePose networks that npm's @mediapipe/pose carries.

    npm pack @mediapipe/pose@0.5.1675469404
    python assets/build_pose_task.py mediapipe-pose-0.5.1675469404.tgz

MediaPipe Tasks reads a ``.task``: a zip, without compression, of the person detector and the landmark
network, each with metadata that says how its input picture is scaled.  The package's networks are older than
that format and have no metadata.  Without an argument the script calls ``npm pack`` itself.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import subprocess
import sys
import tarfile
import tempfile
import types
import zipfile
from pathlib import Path

PACKAGE = "@mediapipe/pose@0.5.1675469404"
# name in the package -> SHA-256, name in the task, mean and standard deviation of the input picture's values
NETWORKS = {
    "pose_solution_packed_assets.data": (
        "a63c614bef30d35947f13be361820b1e4e3bec9cfeebf4d11216a18373108e85",
        "pose_detector.tflite",
        (127.5, 127.5),  # -1 to 1
    ),
    "pose_landmark_lite.tflite": (
        "f17bfbecadb61c3be1baa8b8d851cc6619c870a87167b32848ad20db306b9d61",
        "pose_landmarks_detector.tflite",
        (0.0, 255.0),  # 0 to 1
    ),
}
TASK_SHA256 = "42c28e04caad2a5c4c547d8fcf175f9d52aa8cf2badec9d101255af1fda76835"


def metadata_writer() -> types.ModuleType:
    """MediaPipe's writer; its wheel lacks a compiled module, of which one function is wanted."""
    name = "mediapipe.tasks.cc.metadata.python._pywrap_metadata_version"
    parts = name.split(".")
    for end in range(3, len(parts) + 1):
        sys.modules[".".join(parts[:end])] = types.ModuleType(name)
    version = sys.modules[name]
    version.GetMinimumMetadataParserVersion = lambda buffer: "1.0.0"  # type: ignore[attr-defined]
    sys.modules[name.rpartition(".")[0]]._pywrap_metadata_version = version  # type: ignore[attr-defined]
    from mediapipe.tasks.python.metadata.metadata_writers import metadata_writer as writer

    return writer


def build(package: Path) -> bytes:
    """The bytes of the task, the same each time."""
    writer_module = metadata_writer()
    task = io.BytesIO()
    with tarfile.open(package) as tar, zipfile.ZipFile(task, "w", zipfile.ZIP_STORED) as archive:
        for source, (expected, target, (mean, deviation)) in NETWORKS.items():
            member = tar.extractfile(f"package/{source}")
            network = member.read() if member else b""
            digest = hashlib.sha256(network).hexdigest()
            if digest != expected:
                sys.exit(f"{source} has SHA-256 {digest}, expected {expected}: not {PACKAGE}")
            writer = writer_module.MetadataWriter.create(bytearray(network))
            writer.add_image_input([mean], [deviation])
            # A fixed date: the same bytes each time.
            archive.writestr(zipfile.ZipInfo(target, (1980, 1, 1, 0, 0, 0)), bytes(writer.populate()[0]))
    return task.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("package", type=Path, nargs="?", help="mediapipe-pose-0.5.1675469404.tgz")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("pose_landmarker_lite.task"))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if arguments.package is None:
            subprocess.run(["npm", "pack", PACKAGE, "--pack-destination", folder], check=True)
            (arguments.package,) = Path(folder).glob("*.tgz")
        content = build(arguments.package)
    digest = hashlib.sha256(content).hexdigest()
    if digest != TASK_SHA256:
        sys.exit(f"the task has SHA-256 {digest}, expected {TASK_SHA256}")
    arguments.out.write_bytes(content)
    print(f"{digest}  {arguments.out.name}")


if __name__ == "__main__":
    main()
