"""A stranger with raw sockets: `python -m tests.attacker PORT ATTACK SCALE` from backend/.

Knows the wire from its specification alone, and is a process of its own, so that what it costs is not the backend's.
Prints a line as soon as the attack is in full swing, goes on until its standard input ends, and prints what it did.
Every attack comes from one address, which is not that of the phones.
"""

import asyncio
import json
import os
import random
import resource
import socket
import sys
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from tests.wire import frame, masked, segment_message, upgrade_request

ADDRESS: Final = "127.0.0.2" if sys.platform == "linux" else "127.0.0.1"

done: Counter[str] = Counter()


def text(message: object) -> bytes:
    """A text frame."""
    return masked(0x1, json.dumps(message).encode())


def hello(session: str | None = None) -> bytes:
    """A hello of a session of its own."""
    return text({"type": "hello", "session": session or str(uuid.uuid4()), "resumeFrom": 0})


class Socket:
    """A connection. What arrives is read only where somebody asks."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        """Waits for room in the buffers, as long as the peer leaves none."""
        self.writer.write(data)
        await self.writer.drain()

    async def upgrade(self, request: bytes | None = None) -> "Socket":
        """Asks for a WebSocket, and reads the answer to its handshake."""
        await self.send(request or upgrade_request("video"))
        await self.reader.readuntil(b"\r\n\r\n")
        return self

    async def discard(self) -> None:
        """Reads to the end."""
        while await self.reader.read(2**16):
            pass

    def reset(self) -> None:
        """Vanishes."""
        self.writer.transport.abort()


async def dial(port: int, receive_buffer_bytes: int | None = None) -> Socket:
    """A new connection. With a small buffer, what is not read stays with the backend."""
    raw = socket.socket()
    raw.setblocking(False)
    if receive_buffer_bytes is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
    try:
        raw.bind((ADDRESS, 0))
        await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", port))
        reader, writer = await asyncio.open_connection(sock=raw, limit=2**16 if receive_buffer_bytes is None else 1024)
    except BaseException:
        raw.close()
        raise
    done["connections"] += 1
    return Socket(reader, writer)


Attack = Callable[[int, int], Awaitable[None]]


async def hold(port: int, connections: int, begin: Callable[[int, int], Awaitable[Socket]]) -> None:
    """Keeps so many connections, and opens another for each that the backend ends."""

    async def one(number: int) -> None:
        while True:
            with suppress(OSError, asyncio.IncompleteReadError):
                held = await begin(port, number)
                done["begun"] += 1
                try:
                    await held.reader.read() if held.reader._limit > 1024 else await held.writer.wait_closed()  # type: ignore[attr-defined]
                finally:
                    held.reset()
            await asyncio.sleep(0.05)

    await asyncio.gather(*(one(number) for number in range(connections)))


async def repeat(port: int, at_once: int, act: Callable[[int], Awaitable[None]]) -> None:
    """Does it over and over."""

    async def one() -> None:
        while True:
            with suppress(OSError, asyncio.IncompleteReadError):
                await act(port)
                done["begun"] += 1
            await asyncio.sleep(0.01)

    await asyncio.gather(*(one() for _ in range(at_once)))


REFUSED_HANDSHAKES: Final = (
    upgrade_request("video", f"Cookie: {'x' * 9_000}\r\n"),
    upgrade_request("video", "".join(f"X-{number}: y\r\n" for number in range(130))),
    upgrade_request("video", "Content-Length: 1\r\n") + b"x",
    upgrade_request("video", "Transfer-Encoding: chunked\r\n") + b"1\r\nx\r\n0\r\n\r\n",
    upgrade_request("video").replace(b"/ws/video", b"/ws/video?" + b"x" * 9_000),
    upgrade_request("video").replace(b"Sec-WebSocket-Version: 13", b"Sec-WebSocket-Version: 12"),
)


async def _refused_handshake(port: int, number: int) -> Socket:
    one = await dial(port)
    await one.send(REFUSED_HANDSHAKES[number % len(REFUSED_HANDSHAKES)])
    return one


async def _silent(port: int, _number: int) -> Socket:
    return await dial(port)


async def _half_a_request(port: int, number: int) -> Socket:
    one = await dial(port)
    halves = (b"GET /ws/video HTTP/1.1\r\nHost:", b"POST /tokens HTTP/1.1\r\nHost: x\r\nContent-Length: 90\r\n\r\n{")
    await one.send(halves[number % 2])
    return one


async def _kept_alive(port: int, _number: int) -> Socket:
    one = await dial(port)
    await one.send(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
    return one


async def _answers_never_read(port: int, _number: int) -> Socket:
    one = await dial(port, 4096)
    one.writer.write(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 400)
    return one


async def _wrong_subprotocol(port: int, _number: int) -> Socket:
    one = await dial(port)
    await one.send(upgrade_request("video").replace(b"twincast.v1", b"other"))
    return one


async def _no_hello(port: int, _number: int) -> Socket:
    return await (await dial(port)).upgrade()


async def _unfinished_message(port: int, _number: int) -> Socket:
    one = await (await dial(port)).upgrade()
    await one.send(hello() + masked(0x2, b"x" * 1_000_000)[:-1])
    return one


async def _never_reads(port: int, _number: int) -> Socket:
    one = await (await dial(port, 2048)).upgrade()
    one.writer.transport.pause_reading()  # type: ignore[attr-defined]
    one.writer.write(hello() + text(segment_message()))

    async def send() -> None:
        with suppress(OSError):
            for _ in range(15):
                await one.send(text({"type": "ping", "t": 1}) * 2_000)
            for seq in range(1_000_000):
                await one.send(masked(0x2, frame(seq, b"", first=seq == 0)))
                await asyncio.sleep(0.01)

    sending.add(asyncio.create_task(send()))
    return one


sending: set[asyncio.Task[None]] = set()


async def _end_with_many_ranges(port: int) -> None:
    one = await (await dial(port)).upgrade()
    try:
        claim = {"segment": 0, "bytes": 1, "chain": "0" * 64}
        ranges = [{**claim, "from": number} for number in range(4_096)]
        await one.send(hello() + text({"type": "end", "lastSeq": -1, "segments": ranges}))
        while b'"ended"' not in await one.reader.read(2**16):
            pass
    finally:
        one.reset()


def _gaps_and_ranges() -> bytes:
    parts = [hello()]
    for number in range(1_500):
        seq = 2 * number
        gap = {"type": "gap", "from": seq + 1, "to": seq + 1, "ms": 1, "reason": "too-large"}
        parts += [text(segment_message(number)), masked(0x2, frame(seq, b"x", number, first=True)), text(gap)]
    return b"".join(parts)


async def _many_gaps_and_ranges(port: int) -> None:
    one = await (await dial(port)).upgrade()
    reading = asyncio.create_task(one.discard())
    try:
        await one.send(_gaps_and_ranges())
        await asyncio.sleep(0.5)
    finally:
        reading.cancel()
        one.reset()


async def _short_session(port: int) -> None:
    one = await (await dial(port)).upgrade()
    try:
        await one.send(hello() + text(segment_message()) + masked(0x2, frame(0, b"", first=True)))
        while b'"ack"' not in await one.reader.read(2**16):
            pass
        done["chunks"] += 1
    finally:
        one.reset()


def _flood(what: bytes, then: bytes = b"") -> Callable[[int], Awaitable[None]]:
    async def act(port: int) -> None:
        one = await (await dial(port)).upgrade()
        reading = asyncio.create_task(one.discard())
        try:
            await one.send(hello() + text(segment_message()) + what)
            for _ in range(20):
                await one.send(then or what)
        finally:
            reading.cancel()
            one.reset()

    return act


CHUNKS: Final = b"".join(masked(0x2, frame(seq, b"x" * 3_000, first=seq == 0)) for seq in range(200))
PINGS: Final = masked(0x9) * 10_000
FRAGMENTS: Final = b"\x02\x80\0\0\0\0" + b"\x00\x80\0\0\0\0" * 5_000


async def _pipelined_requests(port: int) -> None:
    one = await dial(port)
    reading = asyncio.create_task(one.discard())
    try:
        for _ in range(20):
            await one.send(b"GET /health HTTP/1.1\r\nHost:x\r\n\r\n" * 1_000)
    finally:
        reading.cancel()
        one.reset()


async def _list_of_streams(port: int) -> None:
    one = await dial(port)
    try:
        await one.send(b"GET /streams HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        await one.discard()
    finally:
        one.reset()


async def _gaps_and_their_list(port: int, scale: int) -> None:
    await asyncio.gather(repeat(port, 2 * scale, _many_gaps_and_ranges), repeat(port, 1, _list_of_streams))


ATTACKS: Final[dict[str, Attack]] = {
    "handshakes that the library refuses": lambda port, scale: hold(port, 600 * scale, _refused_handshake),
    "silence": lambda port, scale: hold(port, 600 * scale, _silent),
    "half a request": lambda port, scale: hold(port, 600 * scale, _half_a_request),
    "connections kept alive": lambda port, scale: hold(port, 400 * scale, _kept_alive),
    "answers that nobody reads": lambda port, scale: hold(port, 50 * scale, _answers_never_read),
    "refused sockets that stay": lambda port, scale: hold(port, 400 * scale, _wrong_subprotocol),
    "upgrades without hello": lambda port, scale: hold(port, 400 * scale, _no_hello),
    "messages without end": lambda port, scale: hold(port, 100 * scale, _unfinished_message),
    "a stream that reads nothing": lambda port, scale: hold(port, 12 * scale, _never_reads),
    "ends with many ranges": lambda port, scale: repeat(port, 4 * scale, _end_with_many_ranges),
    "gaps and ranges, and their list": _gaps_and_their_list,
    "sessions of one chunk": lambda port, scale: repeat(port, 8 * scale, _short_session),
    "chunks, then WebSocket pings": lambda port, scale: repeat(port, 4 * scale, _flood(CHUNKS, PINGS)),
    "fragments without end": lambda port, scale: repeat(port, 8 * scale, _flood(FRAGMENTS)),
    "empty messages": lambda port, scale: repeat(port, 8 * scale, _flood(masked(0x2) * 10_000)),
    "pipelined requests": lambda port, scale: repeat(port, 8 * scale, _pipelined_requests),
}


async def main(port: int, attack: str, scale: int) -> None:
    """Attacks until nobody wants it any more."""
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    attacking = asyncio.ensure_future(ATTACKS[attack](port, scale))
    while not done["begun"]:
        assert not attacking.done(), attacking.result()
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.3)
    sys.stdout.write("attacking\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    assert not attacking.done()
    sys.stdout.write(json.dumps(done))
    sys.stdout.flush()
    os._exit(0)  # every socket is reset, as when a stranger's machine goes


if __name__ == "__main__":
    os.nice(10)  # strangers have machines of their own: what they compute is not to cost the backend its processor
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    random.seed(1)
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
