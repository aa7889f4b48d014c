"""The command line, as `python -m vectlite` and as the console script `vectlite`; `vectlite --help` tells all about it."""

from __future__ import annotations

import signal
import sys

from ._core import _run_command


def main() -> int:
    """Runs the command that the arguments of the process are, and returns its exit code.

    The interpreter does not look at signals meanwhile, so Ctrl-C ends the process, as it does that of the binary.
    """
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        return _run_command(sys.argv[1:])
    finally:
        signal.signal(signal.SIGINT, before)


if __name__ == "__main__":
    sys.exit(main())
