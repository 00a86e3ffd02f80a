"""How fast a stream may send: rates as token buckets. Time is given."""

from dataclasses import dataclass

from twincast.wire.close_codes import ErrorCode, ProtocolError


@dataclass(frozen=True, slots=True)
class Rate:
    """`per_second` sustained, and `burst` at once: a phone that returns from a cut sends its whole outbox."""

    per_second: float
    burst: float


class TokenBucket:
    """Full at first. Times are seconds of any clock that does not go back."""

    __slots__ = ("_at_s", "_rate", "_tokens")

    def __init__(self, rate: Rate, now_s: float) -> None:
        self._rate = rate
        self._tokens = rate.burst
        self._at_s = now_s

    def take(self, amount: float, now_s: float) -> bool:
        """Takes `amount`, or nothing and returns False where there is not enough."""
        if amount > self._tokens:
            # Filled only when it is needed: this is called for every message, and most find enough.
            self._tokens = min(self._rate.burst, self._tokens + (now_s - self._at_s) * self._rate.per_second)
            self._at_s = now_s
            if amount > self._tokens:
                return False
        self._tokens -= amount
        return True


class StreamRates:
    """Bytes and messages of one stream, across its connections."""

    __slots__ = ("_bytes", "_bytes_per_second", "_messages", "_messages_per_second")

    def __init__(self, bytes_rate: Rate, messages_rate: Rate, now_s: float) -> None:
        self._bytes = TokenBucket(bytes_rate, now_s)
        self._messages = TokenBucket(messages_rate, now_s)
        self._bytes_per_second = bytes_rate.per_second
        self._messages_per_second = messages_rate.per_second

    def take(self, size_bytes: int, now_s: float) -> None:
        """Counts one message. Raises `too-fast`."""
        if not self._messages.take(1, now_s):
            raise _too_fast(f"{self._messages_per_second:g} messages")
        if not self._bytes.take(size_bytes, now_s):
            raise _too_fast(f"{self._bytes_per_second:g} bytes")


def _too_fast(what: str) -> ProtocolError:
    return ProtocolError(ErrorCode.TOO_FAST, f"More than {what} per second, for longer than a burst may last.")
