"""A page in a browser that does what a user does: it is touched, keys are pressed, and it is asked what it shows.

It speaks the DevTools protocol over two pipes, as messages that end with a zero byte.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["Page", "opened"]

DEADLINE_S = 60.0
COMMAND = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe"]


class Page:
    """The page of a browser that is running."""

    def __init__(self, browser: subprocess.Popen[bytes]) -> None:
        assert browser.stdin is not None
        assert browser.stdout is not None
        self._browser = browser
        self._into, self._out = browser.stdin.fileno(), browser.stdout.fileno()
        self._rest = b""
        self._last = 0
        self._session: str | None = None
        self._end = time.monotonic() + DEADLINE_S

    def open(self, address: str) -> None:
        """Load an address, and wait until its scripts have run."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)[
            "sessionId"
        ]
        self.call("Emulation.setTouchEmulationEnabled", enabled=True, maxTouchPoints=5)
        self.call("Page.enable")
        self.call("Page.navigate", url=address)
        while self._message().get("method") != "Page.loadEventFired":
            pass

    def call(self, method: str, **parameters: object) -> Any:
        """What the browser answers."""
        self._last += 1
        request: dict[str, object] = {"id": self._last, "method": method, "params": parameters}
        if self._session is not None:
            request["sessionId"] = self._session
        os.write(self._into, json.dumps(request).encode() + b"\0")
        while (answer := self._message()).get("id") != self._last:
            pass
        assert "error" not in answer, (method, answer)
        return answer["result"]

    def ask(self, expression: str) -> Any:
        """The value of a JavaScript expression."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def touch(self, *moments: Sequence[tuple[float, float]]) -> None:
        """Where the fingers are, one moment after the other; then all are lifted."""
        down = 0
        for fingers in moments:
            points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(fingers)]
            kind = "touchStart" if len(fingers) > down else "touchMove"
            self.call("Input.dispatchTouchEvent", type=kind, touchPoints=points)
            down = len(fingers)
        self.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])

    def wheel(self, x: float, y: float, down: float, *, ctrl: bool = False) -> None:
        """The wheel is turned over a point."""
        self.call(
            "Input.dispatchMouseEvent", type="mouseWheel", x=x, y=y, deltaX=0, deltaY=down,
            modifiers=2 if ctrl else 0,
        )  # fmt: skip

    def press(self, key: str) -> None:
        """A key, pressed and released."""
        for kind in ("rawKeyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key)

    def close(self) -> None:
        """End the browser, which writes its profile."""
        self._session = None
        self.call("Browser.close")
        self._browser.wait(DEADLINE_S)

    def _message(self) -> Any:
        while b"\0" not in self._rest:
            left = max(0.0, self._end - time.monotonic())
            assert select.select([self._out], [], [], left)[0], "the browser does not answer"
            read = os.read(self._out, 1 << 16)
            assert read, "the browser has ended"
            self._rest += read
        text, self._rest = self._rest.split(b"\0", 1)
        return json.loads(text)


@contextlib.contextmanager
def opened(html: Path, width: int = 800, height: int = 900) -> Iterator[Page]:
    """A page for as long as this lasts; the browser's profile is beside the file."""
    options = [f"--window-size={width},{height}", f"--user-data-dir={html.parent / 'user'}"]
    # The browser reads from descriptor 3, and writes to 4.
    command = ["sh", "-c", 'exec "$@" 3<&0 4>&1 >&2', "sh", *COMMAND, *options]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as browser:
        try:
            page = Page(browser)
            page.open(html.as_uri())
            yield page
            page.close()
        finally:
            browser.kill()
