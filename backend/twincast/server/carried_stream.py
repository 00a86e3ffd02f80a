"""What one connection takes of the stream that it carries."""

from typing import assert_never

from twincast.server.acks import AckSender
from twincast.server.clock import now_ms
from twincast.server.hub import Hub
from twincast.server.live_stream import LiveStream
from twincast.server.replies import Replies
from twincast.streams.events import Event
from twincast.wire.chunk import parse_chunk
from twincast.wire.close_codes import ErrorCode, ProtocolError
from twincast.wire.message_types import ClientMessage, End, Ended, Gap, Hello, Muted, Ping, Segment
from twincast.wire.messages import format_pong, format_ready, format_watched


class CarriedStream:
    """A stream and the acks of the connection that carries it. What comes is answered by `replies`.

    Methods raise `ProtocolError` for what ends the connection.
    """

    def __init__(self, live: LiveStream, hub: Hub, address: str, replies: Replies) -> None:
        self.live = live
        self.acks = AckSender(live.stream, hub.limits.ack_every_ms, replies.ack)
        self._hub = hub
        self._address = address
        self._replies = replies

    async def open(self, hello: Hello) -> None:
        """Takes the stream up where `hello` says, and answers `ready`."""
        live = self.live
        if live.refused is not None:
            raise live.refused
        opening = live.stream.open(hello.resume_from, hello.client.user_agent if hello.client else None)
        if opening.event is not None:
            live.push((opening.event,))
        await self._replies.say(format_ready(opening.next_seq, opening.resumed, now_ms(), self._hub.limits))
        viewers = self._hub.watch.viewers(live.stream.id)
        if viewers:
            await self._replies.say(format_watched(viewers))

    def take_chunk(self, data: bytes, heard_at_s: float) -> None:
        """Takes a chunk that came at `heard_at_s` of the event loop's clock. Where it raises, nothing changed."""
        live = self.live
        live.rates.take(len(data), heard_at_s)
        chunk = parse_chunk(data, self._hub.limits.max_chunk_bytes)
        events = live.stream.take_chunk(chunk, now_ms())
        if events:
            live.push(events, data)
        else:
            self._hub.metrics.duplicates += 1
            self.acks.again()

    async def take_message(self, message: ClientMessage) -> Ended | None:
        """Takes a text message. Returns the verdict where the client asks for it again."""
        live = self.live
        match message:
            case Ping():
                live.stream.take_ping(message)
                await self._replies.say(format_pong(message.t, now_ms()))
            case Segment():
                self._hub.store.may_grow(live, self._address)
                live.stream.announce(message)
            case Gap():
                self._hub.store.may_grow(live, self._address)
                if not self._push(live.stream.take_gap(message)):
                    self.acks.again()
            case Muted():
                self._push(live.stream.take_muted(message))
            case End():
                if not self._push(live.stream.take_end(message)) and live.end_taken:
                    return live.stream.verdict
            case Hello():
                raise ProtocolError(ErrorCode.BAD_MESSAGE, "A connection says hello once.")
            case _:
                assert_never(message)
        return None

    def _push(self, events: tuple[Event, ...]) -> bool:
        """Whether there were any."""
        if events:
            self.live.push(events)
        return bool(events)
