"""For Python programmers: checks that a function gives native threads the same as Python callers.

`hammer` is a plain function for any test framework, and also a pytest fixture. `cases` are the
arguments, `plan` is what is sent to the host, `host` writes and compiles the host, `inside` is the
host's Python half, `compare` compares results, and `failure_report` describes a failure.
"""

from __future__ import annotations

from pyholdfast.testing.arguments import Case, case
from pyholdfast.testing.compare import same
from pyholdfast.testing.failure_report import HammerFailure
from pyholdfast.testing.hammer import Hammered, hammer

__all__ = ["Case", "HammerFailure", "Hammered", "case", "hammer", "same"]
