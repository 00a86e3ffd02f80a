"""Where a socket of a stream is in its life."""

import asyncio
from dataclasses import dataclass

from twincast.server.carried_stream import CarriedStream


@dataclass(frozen=True, slots=True)
class Opening:
    """The handshake is not answered yet."""


@dataclass(frozen=True, slots=True)
class Greeting:
    """`hello` has to come before `deadline` calls."""

    deadline: asyncio.TimerHandle


@dataclass(frozen=True, slots=True)
class Joining:
    """`hello` is there, and the store is asked for the stream: it may take a while."""


@dataclass(frozen=True, slots=True)
class Streaming:
    """The connection carries a stream, or did until a newer one displaced it."""

    carried: CarriedStream


@dataclass(frozen=True, slots=True)
class Closing:
    """Nothing is taken any more; the last word is said, or about to be. `was`: what it carried, if anything."""

    was: CarriedStream | None


@dataclass(frozen=True, slots=True)
class Gone:
    """The socket is closed, and nothing of it is left."""


ConnectionState = Opening | Greeting | Joining | Streaming | Closing | Gone
"""In this order, leaving out what did not happen. Of Closing and Gone nothing leads back."""
