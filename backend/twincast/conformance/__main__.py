"""`python -m twincast.conformance`: protocol/conformance.md says what for."""

import sys

from twincast.conformance.command_line import main

if __name__ == "__main__":
    sys.exit(main())
