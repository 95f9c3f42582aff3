"""Headless Chromium, as Debian and GitHub's runners have it; nothing is downloaded for it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium import webdriver

_CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--window-size=1000,800",
)  # fmt: skip


@contextmanager
def browser(folder: Path) -> Iterator[webdriver.Chrome]:
    """A browser with a profile of its own; the test is skipped, and says so, where there is none."""
    program = next(filter(None, map(shutil.which, _CHROMIUM)), None)
    driver = shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip("no Chromium with its chromedriver on this machine: `.ci/run` installs them")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for word in (*_QUIET, f"--user-data-dir={folder / 'profile'}"):
        options.add_argument(word)
    service = webdriver.ChromeService(executable_path=driver)
    opened = webdriver.Chrome(options=options, service=service)
    opened.set_page_load_timeout(60)
    try:
        yield opened
    finally:
        opened.quit()
