"""How many sockets the operating system lets this process have. A phone has two, and 1,024 is the usual limit."""

import sys
from typing import Final

_WITHOUT_A_LIMIT: Final = 10_240
"""macOS says "unlimited" and means OPEN_MAX. Windows has no such limit."""

_FILES_BESIDE_SOCKETS: Final = 64
"""What the process needs itself, for sinks and logs."""


def raise_file_limit() -> None:
    """As far as this process may."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415  there is none on Windows

        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = _WITHOUT_A_LIMIT if hard == resource.RLIM_INFINITY else hard
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def max_sockets() -> int:
    """How many connections leave enough for everything else."""
    soft = _WITHOUT_A_LIMIT
    if sys.platform != "win32":
        import resource  # noqa: PLC0415  there is none on Windows

        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        soft = _WITHOUT_A_LIMIT if limit == resource.RLIM_INFINITY else limit
    return max(soft // 2, soft - _FILES_BESIDE_SOCKETS)
