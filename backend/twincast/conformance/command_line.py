"""What is asked for, and the exit status: 0 where no case failed, 1 where one did, 2 where the run could not begin."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from twincast.conformance.backend_cases import BACKEND_CASES
from twincast.conformance.backend_run import run_backend_cases
from twincast.conformance.case import CannotRunError, Case, Outcome
from twincast.conformance.client_cases.catalogue import CLIENT_CASES
from twincast.conformance.client_cases.peer import Pace
from twincast.conformance.client_run import ClientRun, by_hand, command
from twincast.conformance.line import Backend, Waits
from twincast.conformance.report import is_conformant, json_list, json_report, text_list, text_report
from twincast.conformance.vectors import load_vectors

CANNOT_RUN: Final = 2
_PORT: Final = 8765
_BY_HAND_S: Final = 600.0
_TOKEN_VARIABLE: Final = "TWINCAST_TOKEN"  # noqa: S105  the name of the variable


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs what the arguments say, and returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except CannotRunError as problem:
        sys.stderr.write(f"The run cannot begin: {problem}\n")
        return CANNOT_RUN


def _run_backend(options: argparse.Namespace) -> int:
    codes = _known(options.only, [one.case for one in BACKEND_CASES])
    cases = [one for one in BACKEND_CASES if one.case.code in codes]
    if options.list:
        return _list(f"Cases for a backend: {len(cases)}", [one.case for one in cases], options.json)
    if options.url is None:
        raise CannotRunError("say where the backend is: python -m twincast.conformance backend ws://localhost:8000.")
    if not options.url.startswith(("ws://", "wss://")):
        raise CannotRunError(f"{options.url} is no address of a WebSocket; it begins with ws:// or wss://.")
    waits = Waits(hello_timeout_s=options.hello_timeout, idle_s=options.idle)
    backend = Backend(options.url, load_vectors(options.vectors), options.token, options.origin, waits)
    return _report(options.url, asyncio.run(run_backend_cases(backend, cases)), options.json)


def _run_client(options: argparse.Namespace) -> int:
    cases = [one for one in CLIENT_CASES if one.code in _known(options.only, CLIENT_CASES)]
    if options.list:
        return _list(f"Cases for a client: {len(cases)}", cases, options.json)
    vectors = load_vectors(options.vectors)
    if options.command is None:
        pace = Pace(start_s=_BY_HAND_S)
        run = ClientRun(by_hand, vectors, options.host, options.port or _PORT, options.kind, pace, side_by_side=1)
    else:
        start = command(options.command, options.show_errors)
        run = ClientRun(start, vectors, options.host, options.port or 0, options.kind)
    subject = options.command or f"the client at port {run.port}"
    return _report(subject, asyncio.run(run.outcomes(cases)), options.json)


def _known(codes: Sequence[str], cases: Sequence[Case]) -> Sequence[str]:
    """The codes; all where there are none. Raises `CannotRunError` for a code that there is not."""
    known = [one.code for one in cases]
    unknown = sorted(set(codes) - set(known))
    if unknown:
        raise CannotRunError(f"there is no case {', '.join(unknown)}; --list shows those that there are.")
    return codes or known


def _list(subject: str, cases: Sequence[Case], as_json: bool) -> int:
    sys.stdout.write(json_list(cases) if as_json else text_list(subject, cases))
    return 0


def _report(subject: str, outcomes: Sequence[Outcome], as_json: bool) -> int:
    sys.stdout.write((json_report if as_json else text_report)(subject, outcomes))
    return 0 if is_conformant(outcomes) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m twincast.conformance",
        description="Tries whether a backend or a client speaks twincast.v1. protocol/conformance.md lists the cases.",
        epilog="Exit status: 0 no case failed, 1 a case failed, 2 the run could not begin.",
    )
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--list", action="store_true", help="list the cases and the sentences that they try")
    shared.add_argument("--json", action="store_true", help="report, or list, as JSON")
    shared.add_argument("--only", action="append", default=[], metavar="CODE", help="this case alone; may be repeated")
    shared.add_argument("--vectors", type=Path, metavar="PATH", help="protocol/vectors.json, where it is not found")
    parts = parser.add_subparsers(required=True, metavar="backend | client")
    _add_backend(parts, shared)
    _add_client(parts, shared)
    return parser


def _add_client(parts: "argparse._SubParsersAction[argparse.ArgumentParser]", shared: argparse.ArgumentParser) -> None:
    client = parts.add_parser("client", parents=[shared], help="plays a backend to a client")
    client.set_defaults(run=_run_client)
    client.add_argument("--command", metavar="LINE", help="starts the client; {url} is where it is to stream to")
    client.add_argument("--show-errors", action="store_true", help="shows what the command writes to standard error")
    client.add_argument("--host", default="127.0.0.1", help="the address to listen at (%(default)s)")
    client.add_argument("--port", type=int, help=f"the port to listen at; {_PORT} without --command, any with it")
    client.add_argument("--kind", choices=["video", "audio"], default="video", help="the stream to try (%(default)s)")


def _add_backend(parts: "argparse._SubParsersAction[argparse.ArgumentParser]", shared: argparse.ArgumentParser) -> None:
    waits = Waits()
    backend = parts.add_parser("backend", parents=[shared], help="plays a client to a backend")
    backend.set_defaults(run=_run_backend)
    backend.add_argument("url", nargs="?", help="where the endpoints /ws/video and /ws/audio are: ws://localhost:8000")
    backend.add_argument(
        "--token",
        default=os.environ.get(_TOKEN_VARIABLE),
        help=f"for a backend that wants one, for any session; {_TOKEN_VARIABLE} where not given",
    )
    backend.add_argument("--origin", help="a page that the backend lets in")
    backend.add_argument(
        "--hello-timeout",
        type=float,
        default=waits.hello_timeout_s,
        metavar="S",
        help="by when it has to close a socket without hello (%(default)g)",
    )
    backend.add_argument(
        "--idle",
        type=float,
        default=waits.idle_s,
        metavar="S",
        help="the longest idleMs to sit out, in seconds; it takes more than twice as long (%(default)g)",
    )
