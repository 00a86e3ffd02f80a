"""`python -m twincast.consume`: runs the sinks that `SINKS` names on the log of a fleet.

Settings as the backend's (LOG_URL, SINKS, FILE_SINK_FOLDER, LOG_FORMAT …), and GROUP and FROM. docs/scale.md.
"""

import asyncio
import signal
import sys
from collections.abc import Coroutine
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, ValidationError, model_validator

from twincast.app import builtin_sinks
from twincast.fleet.consumer import Consumer, From
from twincast.log.setup import configure_logging, make_writer
from twincast.settings import Settings, check_engine_url, sentences_of
from twincast.sinks.file import file_sink
from twincast.sinks.load import SinkConfigurationError, load_sinks
from twincast.sinks.resumed_files import ResumedFiles


class ConsumerSettings(Settings):
    """The backend's settings, of which a consumer needs those about the log, the sinks and the output."""

    group: Annotated[str, StringConstraints(pattern=r"^[\w.-]{1,64}$")] = "default"
    """Consumers of one group share the sessions; each group sees all of them."""

    begin_from: From = Field("start", validation_alias="FROM")
    """Where the group begins with a session that it has no position in."""

    lease_ms: Annotated[int, Field(ge=500)] = 3_000
    """After so long without a word a consumer is taken for dead, and another has its sessions."""

    @model_validator(mode="after")
    def _refuse_unsafe(self) -> Self:
        """No page connects here: what guards a backend is not asked for."""
        if self.log_url is None:
            raise ValueError("LOG_URL is empty: a consumer reads the log of a fleet. Set it to the engine's address.")
        check_engine_url(self.log_url)
        return self


async def consume(settings: ConsumerSettings) -> None:
    """Runs until SIGTERM or SIGINT. Raises `SinkConfigurationError`."""
    if settings.log_url is None:
        raise ValueError("LOG_URL is empty")
    writer = make_writer(settings)
    builtin = {
        **builtin_sinks(settings, writer),
        "file": lambda: file_sink(settings.file_sink_folder, ResumedFiles),
    }
    sinks = load_sinks(settings.sinks, builtin)
    configure_logging(settings, writer)
    consumer = Consumer(
        settings.log_url.get_secret_value(), settings.group, sinks, settings.begin_from, settings.lease_ms
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        if sys.platform != "win32":
            loop.add_signal_handler(number, consumer.stop)
    try:
        await consumer.run()
    finally:
        await consumer.leave()
        await asyncio.to_thread(writer.close)


def _run(work: Coroutine[Any, Any, None]) -> None:
    """In uvloop where there is one, as uvicorn does."""
    try:
        import uvloop  # noqa: PLC0415
    except ImportError:
        asyncio.run(work)
    else:
        uvloop.run(work)


def main() -> None:
    """Ends with a sentence where it cannot begin."""
    try:
        _run(consume(ConsumerSettings()))
    except ValidationError as error:
        sys.exit("\n".join(["The consumer cannot start with these settings:", *sentences_of(error)]))
    except SinkConfigurationError as error:
        sys.exit(f"The consumer cannot start: {error}")


if __name__ == "__main__":
    main()
