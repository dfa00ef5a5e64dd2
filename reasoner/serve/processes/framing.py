"""Message framing between the service and its processes: a JSON head and a body of bytes.

Only the standard library is imported, so that a process reads its first frame before anything else.
"""

import json
import socket
import struct

SIZES = struct.Struct(">II")  # bytes of the head, and of the body


def pack(head: dict, body: bytes = b"") -> bytes:
    """A frame as bytes."""
    encoded = json.dumps(head).encode()
    return SIZES.pack(len(encoded), len(body)) + encoded + body


def send(connection: socket.socket, head: dict, body: bytes = b"") -> None:
    """Writes a frame to a blocking socket."""
    connection.sendall(pack(head, body))


def receive(connection: socket.socket) -> tuple[dict, bytes] | None:
    """The next frame of a blocking socket, or None when the other side is gone."""
    sizes = read(connection, SIZES.size)
    if sizes is None:
        return None
    head, body = (read(connection, size) for size in SIZES.unpack(sizes))
    return None if head is None or body is None else (json.loads(head), body)


def read(connection: socket.socket, size: int) -> bytes | None:
    """Exactly so many bytes, or None when the other side is gone."""
    parts = []
    while size:
        part = connection.recv(min(size, 1 << 20))
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


class Incoming:
    """Assembles frames from data that arrive in parts."""

    def __init__(self) -> None:
        self.buffer, self.wanted = bytearray(), 0

    def take(self, data: bytes) -> tuple[dict, bytes] | None:
        """The frame that some more bytes complete, or None."""
        self.buffer += data
        if not self.wanted and len(self.buffer) >= SIZES.size:
            self.wanted = SIZES.size + sum(SIZES.unpack_from(self.buffer))
        if not self.wanted or len(self.buffer) < self.wanted:
            return None
        length, _ = SIZES.unpack_from(self.buffer)
        frame, self.buffer, self.wanted = bytes(self.buffer), bytearray(), 0
        return json.loads(frame[SIZES.size : SIZES.size + length]), frame[SIZES.size + length :]
