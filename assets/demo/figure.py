"""Draw the demo's person and the room: filled limbs with round ends, a little shading, a face.

Drawn at twice the size and scaled down.  Light comes from the upper left.
"""

from __future__ import annotations

import cv2
import numpy as np

WIDTH, HEIGHT, SCALE = 640, 480, 2
FOCAL, CAMERA = 600.0, np.array([0.0, 1.04, 3.4])  # pixels; metres
LIGHT = np.array([-0.45, 0.6, 0.66])
FRACTION = 4  # bits of sub-pixel precision that cv2 draws with

SKIN, HAIR = (138, 170, 224), (34, 44, 62)
SHIRT, SHIRT_DARK, TROUSERS, SHOES = (176, 104, 44), (150, 84, 34), (74, 62, 58), (44, 44, 50)  # BGR


def project(point: np.ndarray) -> tuple[np.ndarray, float]:
    """Picture position (pixels at drawing size) of a point, and pixels a metre there."""
    depth = CAMERA[2] - point[2]
    metre = SCALE * FOCAL / depth
    x, y = (point - CAMERA)[:2]
    return np.array([SCALE * WIDTH / 2 + metre * x, SCALE * HEIGHT / 2 - metre * y]), metre


def _tone(colour: tuple[int, int, int], brightness: float) -> tuple[float, ...]:
    return tuple(float(np.clip(c * brightness, 0, 255)) for c in colour)


def _blob(canvas: np.ndarray, centres: np.ndarray, radii: np.ndarray, colour: tuple[float, ...]) -> None:
    """Fill the convex hull of some discs."""
    turn = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    rims = centres[:, None] + radii[:, None, None] * np.stack(
        [np.cos(turn), np.sin(turn)], -1
    )  # (discs, 24, 2)
    hull = cv2.convexHull(rims.reshape(-1, 2).astype(np.float32))
    cv2.fillConvexPoly(canvas, (hull * 2**FRACTION).astype(np.int32), colour, cv2.LINE_AA, FRACTION)


def _solid(
    canvas: np.ndarray, points: list[np.ndarray], radii: list[float], colour: tuple[int, int, int]
) -> None:
    """A round body over some spheres: the outline dark, then ever smaller and lighter towards the light."""
    seen = [project(p) for p in points]
    centres = np.array([s[0] for s in seen])
    sizes = np.array([r * s[1] for r, s in zip(radii, seen, strict=True)])
    for inset, brightness in ((0.0, 0.72), (0.12, 0.84), (0.26, 0.94), (0.42, 1.02), (0.60, 1.08)):
        offset = 0.55 * inset * sizes[:, None] * np.array([LIGHT[0], -LIGHT[1]])
        _blob(canvas, centres + offset, sizes * (1 - inset), _tone(colour, brightness))


def _head(canvas: np.ndarray, centre: np.ndarray, frame: np.ndarray) -> None:
    """The head, an ellipsoid looked up pixel by pixel: hair, brows, eyes, nose, mouth."""
    axes = np.array([0.092, 0.128, 0.106])
    middle, metre = project(centre)
    half = int(0.14 * metre)
    left, top = int(middle[0]) - half, int(middle[1]) - half
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + 2 * half, canvas.shape[1]), min(top + 2 * half, canvas.shape[0])
    if x0 >= x1 or y0 >= y1:
        return
    xs, ys = np.meshgrid(np.arange(x0, x1), np.arange(y0, y1))
    sight = np.stack(
        [(xs - middle[0]) / metre, (middle[1] - ys) / metre, np.zeros(xs.shape)], -1
    )  # (h, w, 3)
    towards = centre - CAMERA
    towards = towards / np.linalg.norm(towards)
    # the ray (start + s·towards) in the head's frame, its axes scaled to a unit sphere
    start = (sight @ frame) / axes
    ray = (frame.T @ towards) / axes
    b, c, a = start @ ray, (start**2).sum(-1) - 1, ray @ ray
    root = b**2 - a * c
    hit = root > 0
    s = (-b - np.sqrt(np.maximum(root, 0))) / a
    point = start + s[..., None] * ray  # on the unit sphere
    u, v, w = point[..., 0], point[..., 1], point[..., 2]
    normal = (point / axes) @ frame.T
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True) + 1e-9
    shade = 0.74 + 0.36 * np.clip(normal @ LIGHT, 0, 1)

    def spot(at_u: float, at_v: float, size_u: float, size_v: float) -> np.ndarray:
        return (w > 0) & (((np.abs(u) - at_u) / size_u) ** 2 + ((v - at_v) / size_v) ** 2 < 1)

    colour = np.broadcast_to(np.array(SKIN, float), (*u.shape, 3)).copy()
    colour[(w > 0.3) & (v > -0.3) & (v < 0.05) & (np.abs(u) < 0.16) & (np.abs(u) > 0.09 + 0.1 * v)] *= (
        0.90  # nose
    )
    colour[spot(0.10, -0.29, 0.06, 0.035)] *= 0.62  # nostrils
    colour[spot(0.42, -0.20, 0.17, 0.15)] *= (0.97, 0.96, 1.03)  # cheeks
    colour[spot(0.0, -0.53, 0.27, 0.075)] = (112, 112, 190)
    smile = -0.545 + 0.5 * u**2  # the line between the lips
    colour[(w > 0) & (np.abs(u) < 0.25) & (np.abs(v - smile) < 0.015)] = (60, 52, 100)
    colour[spot(0.36, 0.10, 0.17, 0.085)] = (236, 240, 244)
    colour[spot(0.36, 0.10, 0.080, 0.085)] = (58, 66, 76)
    colour[spot(0.36, 0.10, 0.035, 0.035)] = (16, 16, 16)
    colour[spot(0.36, 0.185, 0.19, 0.022)] = (44, 50, 70)
    colour[spot(0.36, 0.30, 0.21, 0.045)] = HAIR
    hair = (
        (v > 0.56 - 0.14 * np.abs(u))
        | (w < 0.05) & (v > -0.45) & (np.abs(u) < 0.96)
        | (w < -0.2) & (v > -0.75)
    )
    hair |= (np.abs(u) > 0.80) & (v > 0.02)
    colour[hair] = HAIR
    cover = hit.astype(np.float32)
    cover = cv2.GaussianBlur(cover, (3, 3), 0)[..., None]
    patch = canvas[y0:y1, x0:x1]
    drawn = np.clip(colour * shade[..., None], 0, 255)
    patch[:] = (patch * (1 - cover) + drawn * cover).astype(np.uint8)


def draw_person(canvas: np.ndarray, body: dict[str, np.ndarray]) -> None:
    """Draw a body (see :func:`demo.motion.joints`) onto a canvas of drawing size, far parts first."""
    parts: list[tuple[float, object]] = []

    def add(depth: float, draw: object) -> None:
        parts.append((depth, draw))

    def solid(
        names: tuple[str, ...], radii: list[float], colour: tuple[int, int, int], bias: float = 0.0
    ) -> None:
        points = [body[n] for n in names]
        add(float(np.mean([p[2] for p in points])) + bias, lambda: _solid(canvas, points, radii, colour))

    chest = body["chest_frame"]
    for side in ("right", "left"):
        solid((f"{side}_hip", f"{side}_knee"), [0.086, 0.062], TROUSERS, -0.07)
        solid((f"{side}_knee", f"{side}_ankle"), [0.061, 0.043], TROUSERS, 0.01)
        solid((f"{side}_ankle", f"{side}_toes"), [0.044, 0.034], SHOES, 0.02)
        solid((f"{side}_shoulder", f"{side}_elbow"), [0.060, 0.047], SHIRT_DARK, 0.06)
        solid((f"{side}_elbow", f"{side}_wrist"), [0.041, 0.029], SKIN, 0.07)
        mirror = -1 if side == "right" else 1
        wrist, hand = body[f"{side}_wrist"], body[f"{side}_hand"]
        along = (hand - wrist) / np.linalg.norm(hand - wrist)
        across = np.cross(along, chest @ np.array([mirror * 0.6, 0.0, 1.0]))
        across = across / (np.linalg.norm(across) + 1e-9) * mirror
        thumb = wrist + 0.045 * along + 0.045 * across
        fingers = [hand + 0.085 * along + k * 0.018 * across for k in (-1.4, -0.4, 0.6, 1.5)]
        depth = float(hand[2]) + 0.08
        add(depth, lambda w=wrist, h=hand: _solid(canvas, [w, h], [0.030, 0.042], SKIN))
        add(
            depth + 0.001,
            lambda w=wrist, th=thumb, d=along: _solid(canvas, [w, th + 0.02 * d], [0.02, 0.012], SKIN),
        )
        for k, finger in enumerate(fingers):
            base = hand + (-1.4, -0.4, 0.6, 1.5)[k] * 0.018 * across
            add(depth + 0.002, lambda b=base, f=finger: _solid(canvas, [b, f], [0.013, 0.010], SKIN))

    pelvis, neck = body["pelvis"], body["neck"]
    trunk = ["right_shoulder", "left_shoulder", "right_hip", "left_hip"]
    trunk_depth = float(np.mean([body[n][2] for n in trunk]))
    hips = [body["right_hip"], body["left_hip"], pelvis + 0.25 * (neck - pelvis)]
    add(trunk_depth + 0.03, lambda: _solid(canvas, hips, [0.105, 0.105, 0.12], TROUSERS))
    low = [h + 0.16 * (neck - pelvis) for h in (body["right_hip"], body["left_hip"])]
    high = [0.88 * body[f"{s}_shoulder"] + 0.12 * neck for s in ("right", "left")]
    add(
        trunk_depth + 0.05,
        lambda: _solid(
            canvas, [*high, *low, neck - 0.10 * (neck - pelvis)], [0.072, 0.072, 0.106, 0.106, 0.085], SHIRT
        ),
    )
    head = body["head"]
    add(
        float(neck[2]) + 0.06,
        lambda: _solid(canvas, [neck - 0.02 * (neck - pelvis), head], [0.056, 0.05], (126, 156, 206)),
    )
    ears = [head + body["head_frame"] @ np.array([m * 0.093, 0.0, -0.005]) for m in (-1, 1)]
    for ear in ears:
        add(
            float(head[2]) + 0.065 + (0.02 if ear[2] > head[2] else 0),
            lambda e=ear: _solid(canvas, [e], [0.021], (122, 150, 204)),
        )
    add(float(head[2]) + 0.07, lambda: _head(canvas, head, body["head_frame"]))

    for _, draw in sorted(parts, key=lambda part: part[0]):
        draw()  # type: ignore[operator]


def draw_shadow(canvas: np.ndarray, body: dict[str, np.ndarray]) -> None:
    """Soft shadows on the floor under pelvis and feet, drawn onto the canvas."""
    ellipses = []
    for name, width, strength in (
        ("pelvis", 0.30, 0.32),
        ("right_ankle", 0.15, 0.44),
        ("left_ankle", 0.15, 0.44),
    ):
        centre, metre = project(body[name] * np.array([1.0, 0.0, 1.0]))
        ellipses.append((centre, width * metre, strength))
    margin = 50  # how far the blur reaches
    lows = np.min([c - r for c, r, _ in ellipses], axis=0).astype(int) - margin
    highs = np.max([c + r for c, r, _ in ellipses], axis=0).astype(int) + margin
    (x0, y0), (x1, y1) = np.clip(lows, 0, None), np.clip(highs, 0, (canvas.shape[1], canvas.shape[0]))
    if x0 >= x1 or y0 >= y1:
        return
    shade = np.zeros((y1 - y0, x1 - x0), np.float32)
    for centre, radius, strength in ellipses:
        middle = (int(centre[0]) - int(x0), int(centre[1]) - int(y0))
        cv2.ellipse(shade, middle, (int(radius), int(0.26 * radius)), 0, 0, 360, strength, -1, cv2.LINE_AA)
    shade = cv2.GaussianBlur(shade, (0, 0), 16)
    patch = canvas[y0:y1, x0:x1]
    patch[:] = (patch * (1 - shade[..., None])).astype(np.uint8)


def draw_room() -> np.ndarray:
    """An indoor background at drawing size: wall, floor boards, window, picture, shelf, plant."""
    height, width = HEIGHT * SCALE, WIDTH * SCALE
    canvas = np.empty((height, width, 3), np.uint8)
    wall_z, half = -1.3, 4.0
    floor_y = int(project(np.array([0.0, 0.0, wall_z]))[0][1])
    y, x = np.mgrid[0:height, 0:width]
    glow = 1.06 - 0.22 * (x / width) - 0.10 * (y / height)
    canvas[:] = np.clip(np.array([196, 206, 210]) * glow[..., None], 0, 255).astype(np.uint8)

    def at(px: float, py: float, pz: float = wall_z) -> list[int]:
        return [int(c) for c in project(np.array([px, py, pz]))[0]]

    # floor boards run towards the camera
    for k, board in enumerate(np.arange(-half, half, 0.22)):
        far_left, far_right = at(board, 0), at(board + 0.22, 0)
        near_left, near_right = at(board, 0, 2.4), at(board + 0.22, 0, 2.4)
        colour = _tone((92, 128, 166), 0.94 + 0.05 * ((k * 7) % 4) / 3)
        cv2.fillConvexPoly(
            canvas, np.array([far_left, far_right, near_right, near_left]), colour, cv2.LINE_AA
        )
        cv2.line(canvas, tuple(far_left), tuple(near_left), (70, 100, 134), 2, cv2.LINE_AA)
    cv2.rectangle(canvas, (0, floor_y - 22), (width, floor_y), (222, 228, 230), -1)
    cv2.line(canvas, (0, floor_y), (width, floor_y), (120, 130, 136), 3)

    def box(left: float, bottom: float, right: float, top: float, colour: tuple[int, int, int]) -> None:
        cv2.rectangle(canvas, tuple(at(left, top)), tuple(at(right, bottom)), colour, -1, cv2.LINE_AA)

    box(-2.25, 0.95, -1.15, 2.25, (236, 238, 238))  # window
    for left, right in ((-2.19, -1.73), (-1.67, -1.21)):
        box(left, 1.01, right, 2.19, (232, 212, 176))
        box(left, 1.01, right, 1.35, (150, 186, 150))
    box(1.15, 1.45, 1.75, 1.95, (60, 74, 92))  # picture
    box(1.19, 1.49, 1.71, 1.91, (214, 226, 232))
    cv2.circle(canvas, tuple(at(1.36, 1.75)), 26, (96, 150, 226), -1, cv2.LINE_AA)
    cv2.fillConvexPoly(
        canvas, np.array([at(1.19, 1.49), at(1.45, 1.74), at(1.71, 1.49)]), (140, 128, 96), cv2.LINE_AA
    )
    box(1.0, 0.0, 2.1, 0.72, (96, 118, 140))  # sideboard
    box(1.03, 0.06, 1.53, 0.68, (110, 134, 158))
    box(1.57, 0.06, 2.07, 0.68, (110, 134, 158))
    box(1.78, 0.72, 1.96, 0.90, (70, 96, 170))  # pot and plant
    for lean_, tall in ((-0.20, 0.30), (-0.08, 0.40), (0.06, 0.42), (0.19, 0.31)):
        tip, root = at(1.87 + lean_, 0.88 + tall), at(1.87, 0.88)
        middle = ((tip[0] + root[0]) // 2, (tip[1] + root[1]) // 2)
        angle = float(np.degrees(np.arctan2(tip[1] - root[1], tip[0] - root[0])))
        cv2.ellipse(canvas, middle, (42, 12), angle, 0, 360, (76, 126, 74), -1, cv2.LINE_AA)
    return canvas


def render(room: np.ndarray, body: dict[str, np.ndarray] | None) -> np.ndarray:
    """One picture, (480, 640, 3) BGR; without a body, the empty room."""
    canvas = room.copy()
    if body is not None:
        draw_shadow(canvas, body)
        draw_person(canvas, body)
    return cv2.resize(canvas, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
