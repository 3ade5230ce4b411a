"""The report in Chromium: tabs, search, a number down to its prompt and answer; on a phone, in the dark, on paper."""

import base64
import time

import pytest

import simsoc
from tests.browser import chromium

from .making import experiment

PARTS = ["found", "time", "network", "seen", "decisions", "cost", "odd", "replay"]


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return simsoc.write_report(experiment(tmp_path_factory.mktemp("browser") / "hostile"))


@pytest.fixture(scope="module")
def browser():
    with chromium() as driven:
        yield driven


@pytest.fixture
def opened(browser, page):
    browser.get(page.as_uri())
    assert browser.execute_script("return document.documentElement.dataset.ready") == "yes"
    return browser


def one(browser, selector):
    return browser.find_element("css selector", selector)


def seen(browser):
    return [part for part in PARTS if one(browser, f"#{part}").is_displayed()]


def until(what, seconds=5):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_it_is_data_to_the_browser_too(opened):
    assert opened.execute_script("return window.hit") is None
    assert "<script>window.hit=1" in one(opened, ".question").text
    entries = opened.execute_script("return performance.getEntriesByType('resource').map((entry) => entry.name)")
    assert entries == []
    fetched = opened.execute_async_script(
        "const done = arguments[0]; fetch('https://example.org/').then(() => done('sent'), () => done('refused'))"
    )
    assert fetched == "refused"
    opened.execute_script("const s = document.createElement('script'); s.textContent = 'window.hit = 3';"
                          "document.body.append(s)")  # fmt: skip
    assert opened.execute_script("return window.hit") is None


def test_tabs(opened):
    assert seen(opened) == ["found"]
    for part in PARTS:
        one(opened, f"#tab-{part}").click()
        assert seen(opened) == [part]
        assert one(opened, f"#tab-{part}").get_attribute("aria-selected") == "true"
    assert opened.current_url.endswith("#replay")


def test_search_and_a_row_down_to_its_prompt_and_answer(opened, page, tmp_path):
    one(opened, "#tab-decisions").click()
    rows = opened.find_elements("css selector", "#table tr.row")
    assert len(rows) == 50
    one(opened, "#search").send_keys("ann refused")
    until(lambda: 0 < len(opened.find_elements("css selector", "#table tr.row")) < 50)
    assert all("refused" in row.text for row in opened.find_elements("css selector", "#table tr.row"))
    one(opened, "#table .open").click()
    more = one(opened, "tr.more")
    assert "Ann </script>" in opened.find_elements("css selector", "#table tr.row")[0].text
    assert "Prompt (user)" in more.text
    assert "No answer: refused" in more.text
    assert "window.hit=2" in more.text
    assert opened.execute_script("return window.hit") is None
    opened.save_screenshot(str(tmp_path / "decisions.png"))
    assert (tmp_path / "decisions.png").stat().st_size > 20_000
    one(opened, "#table .open").click()
    assert not opened.find_elements("css selector", "tr.more")
    one(opened, "#search").clear()
    one(opened, "#search").send_keys("loud bo ok")
    until(lambda: "refused" not in one(opened, "#table tbody").text)
    one(opened, "#table tr.row").click()
    more = one(opened, "tr.more").text
    assert "Reply, as received" in more
    assert "probabilities" in more
    assert "Facts the decision could rest on" in more


def test_from_a_number_down(opened, page):
    numbers = opened.find_elements("css selector", "#effects button.drill")
    assert numbers
    numbers[0].click()
    box = one(opened, "#behind")
    until(box.is_displayed)
    (first, *_) = box.find_elements("css selector", "button.drill")
    assert len(box.find_elements("css selector", "li")) == 3
    first.click()
    assert seen(opened) == ["decisions"]
    told = {
        row.find_element("css selector", "td").text for row in opened.find_elements("css selector", "#table tr.row")
    }
    assert len(told) == 1
    one(opened, "form button[type=reset]").click()
    until(lambda: "of the" in one(opened, "#count").text and len(opened.find_elements("css selector", "tr.row")) == 50)


def test_keys_move_between_tabs(opened):
    from selenium.webdriver.common.keys import Keys

    tab = one(opened, "#tab-found")
    tab.send_keys(Keys.ARROW_RIGHT)
    assert seen(opened) == ["time"]
    opened.switch_to.active_element.send_keys(Keys.ARROW_LEFT)
    assert seen(opened) == ["found"]


def test_a_phone_scrolls_one_way_only(opened):
    metrics = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
    opened.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        for part in PARTS:
            one(opened, f"#tab-{part}").click()
            assert opened.execute_script("return document.documentElement.scrollWidth") <= 390, part
    finally:
        opened.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_paper_has_every_part_but_the_table_of_decisions(opened, tmp_path):
    made = opened.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})
    data = base64.b64decode(made["data"])
    assert data.startswith(b"%PDF")
    assert 4 <= data.count(b"/Type /Page\n") + data.count(b"/Type /Page ") <= 40


def test_contrast_in_light_and_dark(opened):
    """Text stands out from its ground by 4.5 to 1 at least (WCAG AA), in both looks."""
    for scheme in ("light", "dark"):
        opened.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        )
        ground, *inks = opened.execute_script(
            "const s = getComputedStyle(document.documentElement);"
            "return ['--paper', '--ink', '--soft', '--mark', '--warn'].map((name) => s.getPropertyValue(name).trim())"
        )
        assert all(_contrast(ground, ink) >= 4.5 for ink in inks), (scheme, ground, inks)
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def _contrast(one, other):
    def light(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)
