"""``python -m pyholdfast``: the same as the ``holdfast`` command."""

from __future__ import annotations

import sys

from pyholdfast.cli import main

if __name__ == "__main__":
    sys.exit(main())
