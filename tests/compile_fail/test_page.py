"""The page about refused code quotes the files that are refused.

That it quotes what is said of them, too, is tested where they are compiled and checked.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from compile_fail.samples import quoted
from docs.pages import CHECKOUT


@pytest.mark.parametrize("name", sorted(quoted()))
def test_the_code_is_that_of_the_file(name: str) -> None:
    """Line by line, without the comment that has the expected words."""
    text = Path(CHECKOUT, name).read_text(encoding="utf-8")

    assert quoted()[name].code in re.sub(r"  // expect: .*", "", text)
