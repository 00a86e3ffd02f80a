"""Everything hostile that the wire allows, at once: `python -m tests.abuse PORT SECONDS SILENT` from backend/.

In a process of its own, so that what it costs is the backend's problem and not the test's. Prints how often each attack
was carried out.
"""

import asyncio
import json
import os
import random
import resource
import sys
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress

from tests.wire import frame, masked, segment_message, upgrade_request

Attack = Callable[[int], Awaitable[None]]


def text(message: object) -> bytes:
    """A text frame."""
    return masked(0x1, (message if isinstance(message, str) else json.dumps(message)).encode())


def hello(resume_from: int = 0) -> bytes:
    """A hello of a session of its own."""
    return text({"type": "hello", "session": str(uuid.uuid4()), "resumeFrom": resume_from})


async def say(port: int, *parts: bytes, upgrade: bool = True, then_s: float = 0.0, read: bool = True) -> None:
    """Connects, sends `parts`, reads what comes (or not), and vanishes without a close."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        if not read:
            writer.transport.set_write_buffer_limits(2**20)
        if upgrade:
            writer.write(upgrade_request(random.choice(["video", "audio"])))
            await reader.readuntil(b"\r\n\r\n")
        for part in parts:
            writer.write(part)
            await writer.drain()
        if read:
            with suppress(TimeoutError):
                async with asyncio.timeout(then_s or 1):
                    while await reader.read(65_536):
                        pass
        else:
            await asyncio.sleep(then_s)
    finally:
        writer.transport.abort()


GAPS = b"".join(text({"type": "gap", "from": n, "to": n, "ms": 1, "reason": "too-large"}) for n in range(1, 1_000))
TINY = b"".join(masked(0x2, frame(seq, b"")) for seq in range(1, 3_000))
ABSURD = text({"type": "ping", "t": 0, "offsetMs": -8e15})
EVIL = upgrade_request("video", "Origin: https://evil.example\r\n")
OTHER = upgrade_request("video").replace(b"twincast.v1", b"other")
PINGS = text({"type": "ping", "t": 1}) * 5_000


def started(*parts: bytes, segment: int = 0) -> tuple[bytes, ...]:
    """A stream that begins well, and then `parts`."""
    return (hello(), text(segment_message(segment)), masked(0x2, frame(0, b"x" * 1_000, segment)), *parts)


BRACKETS = "[" * 200_000
ATTACKS: dict[str, Attack] = {
    "half a handshake": lambda port: say(port, b"GET /ws/video HTTP/1.1\r\nHost:", upgrade=False, then_s=0.5),
    "no HTTP": lambda port: say(port, random.randbytes(2_000), upgrade=False),
    "endless header": lambda port: say(port, b"GET / HTTP/1.1\r\nX: ", *[b"x" * 20_000] * 20, upgrade=False),
    "no hello": lambda port: say(port, then_s=0.5),
    "chunk first": lambda port: say(port, masked(0x2, frame(0))),
    "garbage text": lambda port: say(port, text("{" * 1_000)),
    "garbage binary": lambda port: say(port, *started(masked(0x2, random.randbytes(500)))),
    "invalid UTF-8": lambda port: say(port, masked(0x1, b"\xff\xfe")),
    "deep JSON": lambda port: say(port, *started(text('{"type":"ping","t":1,"x":' + BRACKETS + "}"))),
    "long JSON": lambda port: say(port, *started(text('{"type":"ping","t":1,"x":"' + "x" * 500_000 + '"}'))),
    "many claims": lambda port: say(port, *started(text({"type": "end", "lastSeq": 0, "segments": [{}] * 100_000}))),
    "NaN times": lambda port: say(port, *started(masked(0x2, frame(1, captured_from_ms=float("nan"))))),
    "absurd times": lambda port: say(port, *started(masked(0x2, frame(1, captured_from_ms=1e300)))),
    "absurd offset": lambda port: say(port, *started(ABSURD, masked(0x2, frame(1)))),
    "seq jumps": lambda port: say(port, *started(masked(0x2, frame(2**32 - 1)))),
    "segments back": lambda port: say(port, *started(text(segment_message(0)))),
    "second hello": lambda port: say(port, *started(hello())),
    "too large": lambda port: say(port, *started(masked(0x2, frame(1, b"x" * 400_000)))),
    "far too large": lambda port: say(port, *started(masked(0x2, b"x" * 2_000_000))),
    "unmasked": lambda port: say(port, b"\x82\x05hello"),
    "reserved bits": lambda port: say(port, b"\xf2\x80\0\0\0\0"),
    "fragments without end": lambda port: say(port, b"\x02\x80\0\0\0\0", *[b"\x00\x80\0\0\0\0" * 500] * 10),
    "ping flood": lambda port: say(port, masked(0x9, b"x" * 100) * 2_000),
    "pong flood": lambda port: say(port, masked(0xA) * 5_000),
    "empty frames": lambda port: say(port, masked(0x2) * 20_000),
    "tiny chunks": lambda port: say(port, *started(TINY)),
    "duplicates": lambda port: say(port, *started(masked(0x2, frame(0, b"x" * 1_000)) * 500)),
    "gap flood": lambda port: say(port, *started(GAPS)),
    "message pings, never reads": lambda port: say(port, hello(), PINGS, then_s=1, read=False),
    "vanishes": lambda port: say(port, *started(), then_s=0.01, read=False),
    "foreign origin": lambda port: say(port, EVIL, upgrade=False),
    "no sub-protocol": lambda port: say(port, OTHER, upgrade=False),
}  # fmt: skip


async def repeat(name: str, attack: Attack, port: int, done: Counter[str]) -> None:
    """The attack, over and over."""
    while True:
        with suppress(OSError, asyncio.IncompleteReadError):
            await attack(port)
        done[name] += 1
        await asyncio.sleep(random.random() * 0.3)


async def silent(port: int, connections: int) -> None:
    """Connections that say nothing, opened as fast as it goes, and again when they are dropped."""
    while True:
        writers = []
        for _ in range(connections):
            with suppress(OSError):
                writers.append((await asyncio.open_connection("127.0.0.1", port))[1])
        await asyncio.sleep(1)
        for writer in writers:
            writer.transport.abort()


async def main(port: int, seconds: float, connections: int) -> None:
    """All of it for `seconds`."""
    done: Counter[str] = Counter()
    tasks = [asyncio.create_task(repeat(name, attack, port, done)) for name, attack in ATTACKS.items()]
    tasks.append(asyncio.create_task(silent(port, connections)))
    await asyncio.sleep(seconds)
    for task in tasks:
        assert not task.done(), task.result()  # an attack that broke down by itself attacked nobody
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    json.dump(done, sys.stdout)


if __name__ == "__main__":
    # Attackers have machines of their own: what they compute must not cost the server its processor.
    os.nice(10)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    os.nice(10)
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])))
