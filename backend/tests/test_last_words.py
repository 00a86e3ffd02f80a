"""What a phone is told last reaches it, although it is in the middle of sending much more."""

import asyncio
import struct

import pytest

from tests.conftest import Serve, Server
from tests.wire import masked, upgrade_request

HELLO = b'{"type":"hello","session":"3f2b8c1e-9d4a-4c6f-8e21-5a7b90c1d2e3","resumeFrom":0}'
STILL_TO_COME = [masked(0x2, bytes(2**18))] * 36
CLOSE_FRAME = 0x88
HUGE = b"\x82\xff" + struct.pack(">Q", 64 * 2**20) + b"\0\0\0\0"
RESERVED_BITS = b"\xf2" + masked(0x2, b"x")[1:]
NO_UTF_8 = masked(0x1, b"\xff\xfe")
BROKEN_RULES = masked(0x1, b"{}")


async def close_code(server: Server, wrong: bytes) -> int:
    """Sends what is wrong, much more, and only then looks for an answer; 1006 where a reset took its place."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(upgrade_request("video"))
    await reader.readuntil(b"\r\n\r\n")
    writer.write(masked(0x1, HELLO))
    await reader.readuntil(b"}}")
    writer.write(wrong)
    try:
        for data in STILL_TO_COME:
            writer.write(data)
            await writer.drain()
        while True:
            opcode, size = await reader.readexactly(2)
            payload = await reader.readexactly(
                size if size < 126 else int.from_bytes(await reader.readexactly(2), "big")
            )
            if opcode == CLOSE_FRAME:
                return int.from_bytes(payload[:2], "big")
    except (ConnectionError, asyncio.IncompleteReadError):
        return 1006
    finally:
        writer.transport.abort()


@pytest.mark.parametrize(
    ("wrong", "code"),
    [(HUGE, 1009), (RESERVED_BITS, 1002), (NO_UTF_8, 1007), (BROKEN_RULES, 4400)],
    ids=["1009", "1002", "1007", "4400"],
)
async def test_the_last_word_is_not_lost_in_a_reset(serve: Serve, wrong: bytes, code: int) -> None:
    server = await serve()
    assert [await close_code(server, wrong) for _ in range(10)] == [code] * 10
