"""Screenshots of a page as people see it: on a desk, on a phone, in the dark. Kept out of git."""

from __future__ import annotations

import base64
from pathlib import Path

from selenium import webdriver

VIEWS = {"desktop": (1_280, False), "phone": (390, False), "dark": (1_280, True)}
FOLDER = Path(__file__).parents[2] / "build" / "screenshots"
"""Ignored by git, like everything in ``build``."""


def look(chromium: webdriver.Chrome, width: int, *, dark: bool) -> None:
    """Have pages look as on a screen of this width, in the dark or not."""
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
    chromium.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600},
    )


def take(chromium: webdriver.Chrome, name: str) -> Path:
    """A picture of the whole page as it is now; returns its file."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    shot = chromium.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})
    path = FOLDER / f"{name}.png"
    path.write_bytes(base64.b64decode(shot["data"]))
    return path
