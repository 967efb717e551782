"""For programmers of Python: check that native threads get from a function what Python gets.

`hammer` is a plain function for tests of any kind; pytest also has it as a fixture. `cases` are the
arguments, `plan` is what crosses to the host, `host` writes and compiles that, `inside` is Python's
half within it, `compare` says what is the same, `story` tells what went wrong.
"""

from __future__ import annotations

from pyholdfast.testing.cases import Case, case
from pyholdfast.testing.compare import same
from pyholdfast.testing.failure_report import HammerFailure
from pyholdfast.testing.hammer import Hammered, hammer

__all__ = ["Case", "HammerFailure", "Hammered", "case", "hammer", "same"]
