"""Network cameras that misbehave: small servers of sockets, each with a way of its own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import numpy as np

from app.capture.opencv import cv2

Answer = Callable[[socket.socket, threading.Event], None]  # to one client, until it is told to end


@contextmanager
def camera_that(answer: Answer) -> Iterator[str]:
    """The address of a server on this machine that answers so."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(0.1)

        def serve() -> None:
            while not ended.is_set():
                with suppress(OSError):
                    client, _ = door.accept()
                    client.settimeout(1.0)
                    threading.Thread(target=attend, args=(client,), daemon=True).start()

        def attend(client: socket.socket) -> None:
            with client, suppress(OSError):
                answer(client, ended)

        server = threading.Thread(target=serve, daemon=True)
        server.start()
        try:
            yield f"http://127.0.0.1:{door.getsockname()[1]}/camera"
        finally:
            ended.set()
            server.join(2.0)


def asked(client: socket.socket) -> None:
    """Read the question, as far as it comes at once."""
    client.recv(4096)


def says(*parts: bytes, then: Answer | None = None) -> Answer:
    """These bytes, and then the end or something else."""

    def answer(client: socket.socket, ended: threading.Event) -> None:
        asked(client)
        for part in parts:
            client.sendall(part)
        if then is not None:
            then(client, ended)

    return answer


def silence(client: socket.socket, ended: threading.Event) -> None:
    """Nothing more, and no end."""
    ended.wait()


def drip(client: socket.socket, ended: threading.Event) -> None:
    """A byte of a header now and then."""
    while not ended.wait(0.3):
        client.sendall(b"x")


def flood(client: socket.socket, ended: threading.Event) -> None:
    """Bytes without an end."""
    while not ended.is_set():
        client.sendall(b"x" * 65536)


MOVING = b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace;boundary=b\r\n\r\n"


def jpeg(grey: int = 128, shape: tuple[int, int] = (48, 64)) -> bytes:
    return cv2.imencode(".jpg", np.full((*shape, 3), grey, np.uint8))[1].tobytes()


def part(picture: bytes, stated: int | None = None) -> bytes:
    """A picture as MJPEG over HTTP sends it."""
    length = len(picture) if stated is None else stated
    return b"--b\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % length + picture + b"\r\n"


def film(client: socket.socket, ended: threading.Event) -> None:
    """Pictures that change, fifteen a second."""
    for k in range(10_000):
        client.sendall(part(jpeg(k % 200)))
        if ended.wait(1 / 15):
            return


def until(seen: threading.Event, answer: Answer, then: Answer) -> Answer:
    """One thing until it was seen, then another."""

    def both(client: socket.socket, ended: threading.Event) -> None:
        answer(client, seen)
        then(client, ended)

    return both
