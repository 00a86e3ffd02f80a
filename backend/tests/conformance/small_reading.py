"""What text messages may be, by protocol/README.md alone."""

import re
from typing import Any

CODES = {
    "bad-message": 4400,
    "unauthorised": 4401,
    "wrong-origin": 4403,
    "bad-subprotocol": 4406,
    "hello-timeout": 4408,
    "displaced": 4409,
    "already-ended": 4410,
    "too-large": 4413,
    "too-fast": 4429,
    "idle": 4440,
}
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
Json = dict[str, Any]


class RefusedError(Exception):
    """Ends a connection."""

    def __init__(self, name: str, seq: int | None = None) -> None:
        super().__init__(name)
        self.name, self.seq = name, seq


class TextRules:
    """The limits, and the fields of each type."""

    max_text_bytes = 512 * 1024
    uuid = UUID
    gap_reasons = ("outbox-full", "too-far-behind", "too-large", "worker-lost")

    def check_text(self, text: str) -> None:
        if len(text.encode()) > self.max_text_bytes:
            raise RefusedError("bad-message")

    def check_strings(self, value: Any, depth: int = 1) -> None:
        if isinstance(value, str):
            self.check_string(value)
        elif isinstance(value, dict | list):
            if depth > 8:
                raise RefusedError("bad-message")
            for one in value.values() if isinstance(value, dict) else value:
                self.check_strings(one, depth + 1)

    def check_string(self, value: str) -> None:
        if len(value) > 2_000 or not value.isprintable():
            raise RefusedError("bad-message")

    def check_fields(self, message: Json) -> None:
        if not self.has_good_fields(message):
            raise RefusedError("bad-message")

    def has_good_fields(self, message: Json) -> bool:
        whole, number, text = self.whole, self.number, self.text
        match message.get("type"):
            case "hello":
                session = message.get("session")
                return all(
                    (
                        isinstance(session, str) and self.uuid.fullmatch(session),
                        whole(message, "resumeFrom", 2**32),
                        whole(message, "connection", 2**53 - 1, False),
                        text(message, "token", False),
                    )
                )
            case "segment":
                sizes = ("width", "height", "channels")
                return all(
                    (
                        whole(message, "segment", 65_535),
                        text(message, "mimeType") and message["mimeType"],
                        number(message, "startedAt"),
                        message.get("facing") in (None, "user", "environment"),
                        all(whole(message, name, 2**53, False) for name in sizes),
                    )
                )
            case "gap":
                return all(
                    (
                        whole(message, "from", 2**32 - 1),
                        whole(message, "to", 2**32 - 1, low=message.get("from") or 0),
                        number(message, "ms") and message["ms"] >= 0,
                        message.get("reason") in self.gap_reasons,
                    )
                )
            case "muted":
                return isinstance(message.get("muted"), bool)
            case "ping":
                return self.number(message, "t") and abs(message["t"]) < float("inf")
            case "end":
                claims = message.get("segments")
                return (
                    isinstance(claims, list)
                    and whole(message, "lastSeq", 2**32, low=-1)
                    and all(re.fullmatch("[0-9a-f]{64}", one.get("chain", "")) for one in claims)
                )
            case _:
                return False

    @staticmethod
    def whole(message: Json, name: str, most: int, is_needed: bool = True, low: int = 0) -> bool:
        value = message.get(name)
        return not is_needed if value is None else type(value) is int and low <= value <= most

    @staticmethod
    def number(message: Json, name: str) -> bool:
        return type(message.get(name)) in (int, float)

    @staticmethod
    def text(message: Json, name: str, is_needed: bool = True) -> bool:
        return not is_needed if message.get(name) is None else isinstance(message[name], str)
