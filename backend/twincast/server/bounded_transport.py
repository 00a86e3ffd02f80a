"""The transport that uvicorn's protocols see: the real one with a `BoundedConnection` in between."""

import asyncio
from collections.abc import Iterable
from typing import Any, Protocol

from typing_extensions import override


class Behind(Protocol):
    """What a `BoundedTransport` asks of its connection."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Writes, and watches that the peer takes it."""

    def close(self) -> None:
        """Ends the connection in good order."""

    def abort(self) -> None:
        """Resets it."""

    def is_closing(self) -> bool:
        """Whether either was called."""

    def pause_reading(self) -> None:
        """The inner protocol wants no more for now."""

    def resume_reading(self) -> None:
        """The inner protocol wants more."""

    @property
    def inner(self) -> asyncio.BaseProtocol:
        """The inner protocol."""

    def set_inner(self, protocol: asyncio.BaseProtocol) -> None:
        """Another inner protocol takes over."""

    def offer(self, data: bytes) -> bool:
        """A whole binary message, for whoever takes it past the inner protocol."""


class BoundedTransport(asyncio.Transport):
    """Everything that has a bound goes to the connection, the rest to the real transport."""

    __slots__ = ("_behind", "_real")

    def __init__(self, behind: Behind, real: asyncio.Transport) -> None:
        super().__init__()
        self._behind = behind
        self._real = real

    @override
    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._real.get_extra_info(name, default)

    @override
    def is_closing(self) -> bool:
        return self._behind.is_closing()

    @override
    def close(self) -> None:
        self._behind.close()

    @override
    def abort(self) -> None:
        self._behind.abort()

    @override
    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._behind.set_inner(protocol)

    @override
    def get_protocol(self) -> asyncio.BaseProtocol:
        return self._behind.inner

    @override
    def is_reading(self) -> bool:
        return self._real.is_reading()

    @override
    def pause_reading(self) -> None:
        self._behind.pause_reading()

    @override
    def resume_reading(self) -> None:
        self._behind.resume_reading()

    @override
    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._behind.write(data)

    @override
    def writelines(self, list_of_data: Iterable[bytes | bytearray | memoryview]) -> None:
        self._behind.write(b"".join(list_of_data))

    @override
    def get_write_buffer_size(self) -> int:
        return self._real.get_write_buffer_size()

    @override
    def can_write_eof(self) -> bool:
        return False

    def take_bytes(self, data: bytes) -> bool:
        """A whole binary message. Returns whether it was taken."""
        return self._behind.offer(data)
