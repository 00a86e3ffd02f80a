"""Logging of the whole process through one structlog configuration and one `LogWriter`: our lines, and uvicorn's."""

import json
import logging
import sys
from typing import Final

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from twincast.log.writer import LogWriter
from twincast.settings import Settings

_LIBRARIES: Final = ("uvicorn", "uvicorn.error", "uvicorn.access", "asyncio")


class _WriterHandler(logging.Handler):
    def __init__(self, writer: LogWriter) -> None:
        super().__init__()
        self._writer = writer

    def emit(self, record: logging.LogRecord) -> None:
        """Formats the record and queues it, unless too many came this second: to format is what costs."""
        if not self._writer.claim():
            return
        try:
            self._writer.write(self.format(record))
        except Exception:
            self.handleError(record)


def make_writer(settings: Settings) -> LogWriter:
    """The writer on stdout. Railway shows everything on stderr as an error."""
    as_json = settings.resolved_log_format == "json"

    def dropped_line(count: int) -> str:
        text = f"{count} log lines left out: too many in a second, or the reader of this output is too slow"
        return json.dumps({"level": "warning", "message": text, "dropped": count}) if as_json else f"({text})"

    return LogWriter(sys.stdout, dropped_line, max_per_second=max(1, settings.log_lines_per_second // 4))


def configure_logging(settings: Settings, writer: LogWriter) -> None:
    """Sends every logger of the process through `writer`, in the format of the settings."""
    as_json = settings.resolved_log_format == "json"
    stamp = (
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time")
        if as_json
        else structlog.processors.TimeStamper(fmt="%H:%M:%S.%f", utc=False, key="time")
    )
    shared: list[Processor] = [structlog.contextvars.merge_contextvars, structlog.stdlib.add_log_level, stamp]
    render: list[Processor]
    if as_json:
        render = [
            structlog.processors.format_exc_info,
            structlog.processors.EventRenamer("message"),
            structlog.processors.JSONRenderer(),
        ]
    else:
        render = [
            _milliseconds,
            structlog.dev.ConsoleRenderer(
                colors=settings.resolved_log_colour,
                timestamp_key="time",
                pad_event_to=0,
                pad_level=False,
                # Where rich is installed structlog would use it: seconds per trace on the event loop, and every local
                # variable, secrets too, in the log.
                exception_formatter=structlog.dev.plain_traceback,
            ),
        ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
    )
    handler = _WriterHandler(writer)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for name in _LIBRARIES:
        library = logging.getLogger(name)
        library.handlers = []
        library.propagate = True
    # uvicorn's line per request, and per WebSocket: the handlers log what matters of both.
    logging.getLogger("uvicorn.access").setLevel(logging.WARNING)
    logging.getLogger("uvicorn.error").addFilter(_calm)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _milliseconds(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    event["time"] = event["time"][:-3]
    return event


def _calm(record: logging.LogRecord) -> bool:
    """Leaves out uvicorn's lines per WebSocket, and the trace of a text that is none: no fault of this program."""
    if isinstance(record.exc_info, tuple) and isinstance(record.exc_info[1], UnicodeDecodeError):
        record.exc_info = None
        record.levelno, record.levelname = logging.WARNING, "WARNING"
    return '"WebSocket %s"' not in str(record.msg) and record.msg not in ("connection open", "connection closed")
