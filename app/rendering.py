"""A rendered person before a camera: what the pose network is shown where nobody was filmed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from app.capture.media import CaptureError
from app.capture.opencv import cv2
from models.training.actions.camera import View, turns
from models.training.actions.puppet import Puppet
from models.training.actions.skeletons import unit

Rng = np.random.Generator
NEAR, FAR = 0.1, 40.0  # metres that the camera sees
THICK = 0.006  # metres of cloth over the skin
VERTEX = """
#version 330
in vec3 place, normal, colour; in float cloth; in vec4 bones, shares;
uniform vec4 moved[MOVED]; uniform mat3 turn; uniform vec3 shift; uniform mat2 roll; uniform vec2 centre;
uniform float distance_, focal, aspect;
out vec3 facing, paint, fabric; out float worn;
void main() {
    vec3 to = vec3(0.0), towards = vec3(0.0);
    for (int k = 0; k < 4; k++) {
        int row = int(bones[k]) * 3;
        mat3x4 bone = mat3x4(moved[row], moved[row + 1], moved[row + 2]);
        to += shares[k] * (vec4(place, 1.0) * bone);
        towards += shares[k] * (vec4(normal, 0.0) * bone);
    }
    vec3 seen = turn * (to + THICK * cloth * normalize(towards)) + shift;
    float depth = distance_ - seen.z;
    vec2 flat_ = roll * (seen.xy * focal);
    gl_Position = vec4(
        2.0 * (centre.x * depth + flat_.x) / aspect - depth, 2.0 * (centre.y * depth - flat_.y) - depth,
        ((FAR + NEAR) * depth - 2.0 * FAR * NEAR) / (FAR - NEAR), depth);
    facing = turn * towards; paint = colour; fabric = place; worn = cloth;
}"""
FRAGMENT = """
#version 330
in vec3 facing, paint, fabric; in float worn;
uniform vec3 light; uniform float ambient; uniform vec4 stripes;
out vec4 pixel;
void main() {
    vec3 up = normalize(facing);
    float bright = ambient + (1.0 - ambient) * max(dot(up, light), 0.0) + 0.12 * up.y;
    float shine = (1.0 - worn) * 0.25 * pow(max(dot(up, normalize(light + vec3(0.0, 0.0, 1.0))), 0.0), 12.0);
    pixel = vec4(paint * bright * (1.0 + worn * stripes.w * sin(dot(fabric, stripes.xyz))) + shine, 1.0);
}"""


class Renderer:
    """Renders puppets with OpenGL, without a screen; for one thread.

    Raises
    ------
    CaptureError
        There is no moderngl, or no OpenGL.
    """

    def __init__(self) -> None:
        try:
            import moderngl

            without_screen: dict[str, Any] = {"backend": "egl"} if sys.platform == "linux" else {}
            self._gl = moderngl.create_standalone_context(**without_screen)
        except ImportError as error:
            raise CaptureError(
                f"Nobody can be rendered: {error}.", "Install it: pip install moderngl"
            ) from error
        except Exception as error:  # moderngl raises plain ones
            remedy = "On Debian: apt-get install libegl1 libgl1-mesa-dri"
            raise CaptureError(f"Nobody can be rendered: OpenGL says {error}.", remedy) from error
        self._gl.enable(self._gl.DEPTH_TEST)
        self._program: Any = None

    def close(self) -> None:
        """Release all.  Idempotent."""
        self._gl.release()

    def pictures(
        self, rng: Rng, puppet: Puppet, moved: np.ndarray, view: View, focus: float, height: int
    ) -> Iterator[np.ndarray]:
        """Pictures (height, width, 3), uint8, RGB, of a puppet before something.

        Parameters
        ----------
        rng : numpy.random.Generator
            Draws the light, what is behind, and how good the camera is.
        puppet : Puppet
        moved : ndarray of shape (T, B, 3, 4)
            See :meth:`Puppet.moved`.
        view : View
            As of :func:`models.training.actions.camera.project`: joints of the puppet are where that has
            them.
        focus : float
            Metres over the floor at which the camera looks.
        height : int
        """
        width = 4 * round(height * view.aspect / 4)
        program = self._lit(rng, moved.shape[1])
        _aim(program, view, focus)
        program["stripes"].value = tuple(puppet.stripes)
        behind = backdrop(rng, width, height).astype(np.float32)
        blur, gain = rng.uniform(0.3, 1.2), rng.uniform(0.75, 1.2)
        grain = rng.normal(0, rng.uniform(0, 7), (4, height, width, 1)).astype(np.float32)
        vertices = self._gl.buffer(puppet.vertices.tobytes())
        triangles = self._gl.buffer(puppet.triangles.tobytes())
        names = ("place", "normal", "colour", "cloth", "bones", "shares")
        drawn = self._gl.vertex_array(program, [(vertices, "3f 3f 3f 1f 4f 4f", *names)], triangles)
        target = self._gl.simple_framebuffer((width, height))
        target.use()
        try:
            for k, bones in enumerate(moved):
                program["moved"].write(bones.tobytes())
                target.clear()
                drawn.render()
                seen = np.frombuffer(target.read(components=4), np.uint8).reshape(height, width, 4)
                picture = np.where(seen[..., 3:] > 0, seen[..., :3], behind)
                picture = cv2.GaussianBlur(picture, (0, 0), blur) * gain + grain[k % len(grain)]
                yield picture.clip(0, 255).astype(np.uint8)
        finally:
            for part in (target, drawn, triangles, vertices):
                part.release()

    def _lit(self, rng: Rng, bones: int) -> Any:
        """The program, compiled once, with the light somewhere above and before."""
        if self._program is None:
            constants = {"MOVED": 3 * bones, "THICK": THICK, "NEAR": NEAR, "FAR": FAR}
            source = VERTEX
            for name, value in constants.items():
                source = source.replace(name, str(value))
            self._program = self._gl.program(source, FRAGMENT)
        light = unit(np.array([rng.normal(0, 0.5), rng.uniform(0.1, 1), rng.uniform(0.3, 1)]))
        self._program["light"].value = tuple(light)
        self._program["ambient"].value = rng.uniform(0.4, 0.75)
        return self._program


def _aim(program: Any, view: View, focus: float) -> None:
    """What :func:`models.training.actions.camera.project` does, for the vertex shader."""
    yaw, pitch, roll = turns(view)  # of rows: what OpenGL reads by columns is transposed as it should be
    program["turn"].write((yaw @ pitch).astype(np.float32).tobytes())
    program["shift"].value = tuple(np.array([0.0, -focus, 0.0]) @ pitch)
    program["roll"].write(roll.astype(np.float32).tobytes())
    program["centre"].value = view.place
    program["distance_"].value = view.focal / view.scale
    program["focal"].value, program["aspect"].value = view.focal, view.aspect


def backdrop(rng: Rng, width: int, height: int) -> np.ndarray:
    """A wall, a floor and things before it: (height, width, 3), uint8."""
    top, bottom = rng.uniform(40, 230, (2, 3))
    if rng.random() < 0.6:  # a wall without much colour
        top[:] = top.mean()
        bottom = top * rng.uniform(0.6, 1.1)
    out = np.tile(top + (bottom - top) * np.linspace(0, 1, height)[:, None, None], (1, width, 1))
    out[int(height * rng.uniform(0.6, 0.95)) :] = rng.uniform(40, 200, 3)
    for _ in range(rng.integers(14)):
        x, y = rng.integers([width, height])
        wide, high = (rng.uniform([0.03, 0.03], [0.4, 0.5]) * [width, height]).astype(int)
        out[y : y + high, x : x + wide] = rng.uniform(10, 245, 3)
    rough = cv2.resize(rng.normal(0, 1, (height // 8, width // 8, 3)), (width, height))
    out = (out + rough * rng.uniform(0, 12)).clip(0, 255)
    return cv2.GaussianBlur(out.astype(np.uint8), (0, 0), rng.uniform(0.6, 3))
