"""A headless Chromium, where the machine has one."""

import shutil
from contextlib import contextmanager

import pytest


@contextmanager
def chromium(width=1300, height=900):
    """A driven browser; the test is skipped where there is none."""
    selenium = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if browser is None or driver is None:
        pytest.skip("no Chromium with its driver on this machine (Debian: apt-get install chromium chromium-driver)")
    options = selenium.ChromeOptions()
    options.binary_location = browser
    for word in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        f"--window-size={width},{height}",
    ):
        options.add_argument(word)
    driven = selenium.Chrome(options=options, service=selenium.ChromeService(driver))
    try:
        yield driven
    finally:
        driven.quit()
