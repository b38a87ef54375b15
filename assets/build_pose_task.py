"""Make pose_landmarker_lite.task from the two BlazePose networks that npm's @mediapipe/pose carries.

    npm pack @mediapipe/pose@0.5.1675469404
    python assets/build_pose_task.py mediapipe-pose-0.5.1675469404.tgz

MediaPipe Tasks reads a ``.task``: a zip, without compression, of the person detector and the landmark
network, each with metadata that says how its input picture is scaled.  The package's networks are older than
that format and have no metadata.  The landmark network also draws the person's outline in 256 × 256 pixels,
for which it spends a third of its time and which nothing here asks for: that branch is cut off, and not a bit
of the landmarks changes.  Without an argument the script calls ``npm pack`` itself.
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
OUTLINE = [1, 256, 256, 1]  # shape of the output that is cut off
FLAG = [1, 1]  # shape of the one that stands in for it: MediaPipe counts the outputs
TASK_SHA256 = "3a294b4dacc971cce17a6581c3b82faa5fd6e332e3e0913759e9f4a26dc8012b"


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


def without_outline(network: bytes) -> bytes:
    """The landmark network less the operators that only its outline needs."""
    import flatbuffers
    from mediapipe.tasks.metadata import schema_py_generated as schema

    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(bytearray(network), 0))
    (graph,) = model.subgraphs
    (flag,) = (i for i in graph.outputs if list(graph.tensors[i].shape) == FLAG)
    graph.outputs = [flag if list(graph.tensors[i].shape) == OUTLINE else i for i in graph.outputs]
    needed, kept = set(graph.outputs), []
    for operator in reversed(graph.operators):
        if needed & set(operator.outputs):
            kept.append(operator)
            needed |= set(operator.inputs)
    graph.operators = kept[::-1]
    builder = flatbuffers.Builder(len(network))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


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
            if target == "pose_landmarks_detector.tflite":
                network = without_outline(network)
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
