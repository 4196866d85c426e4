"""The technician's page in front of a real `huma live`: it shows, it switches, it says when nobody answers."""

from __future__ import annotations

import json
import re
import signal
import time

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import TechnicianMaker
from tests.browser.technician import DEAD, WITHIN_MS, Studio

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def test_without_its_token_it_says_what_to_do(studio: Studio, technician: TechnicianMaker) -> None:
    one = technician(studio.origin)
    expect(one.page.locator(".token-card code")).to_have_text("huma status --address")
    assert [each.url for each in one.asked] == [studio.origin], "nobody without a token asks for anything"
    one.page.get_by_role("button", name="فارسی").click()
    expect(one.page.locator(".token-card h1")).to_contain_text("نشانی")
    assert one.page.evaluate("document.documentElement.dir") == "rtl"
    one.page.reload()
    expect(one.page.locator(".token-card h1")).to_contain_text("نشانی")


def test_a_wrong_token_is_told_and_forgotten(studio: Studio, technician: TechnicianMaker) -> None:
    one = technician(f"{studio.origin}#{'x' * 32}")
    expect(one.page.locator(".token-card h1")).to_contain_text("not, or no longer")
    asked = len(one.asked)
    one.page.wait_for_timeout(1000)
    assert len(one.asked) == asked, "it goes on asking"
    one.page.reload()
    expect(one.page.locator(".token-card h1")).to_contain_text("its whole address")


def test_it_shows_the_state_and_hides_its_token(studio: Studio, technician: TechnicianMaker) -> None:
    one = technician(studio.address)
    page = one.page
    expect(page.locator(".lamp")).to_have_text("ON AIR", timeout=WITHIN_MS)
    expect(page.locator("h1")).to_have_text("Try")
    assert page.url == studio.origin, "the token stands in the address bar"
    assert studio.token not in page.content()
    tick = int(page.inner_text("[data-figure=tick] dd").replace(",", ""))
    one.until(lambda: int(page.inner_text("[data-figure=tick] dd").replace(",", "")) > tick)
    assert page.locator("article.input").count() == 3
    assert "on air" in page.inner_text("[data-input=main] .tally")
    assert page.inner_text("[data-input=fa] h3").startswith("Sound in")
    one.until(lambda: page.inner_text("[data-language=en] [data-figure=short-term] dd").startswith("-"))
    assert float(page.get_attribute("[data-language=en] .meter", "aria-valuenow") or 0) < 0
    assert "own sound" in page.inner_text("[data-language=fa] .status")
    assert page.locator("[data-store]").count() == 2
    written = page.inner_text("[data-figure=recorded-bytes] dd")
    one.until(lambda: page.inner_text("[data-figure=recorded-bytes] dd") != written)
    assert page.locator("[data-document]").count() >= 4
    page.reload()
    expect(page.locator(".lamp")).to_have_text("ON AIR", timeout=WITHIN_MS)


def test_an_alarm_is_told_in_words(studio: Studio, technician: TechnicianMaker) -> None:
    one = technician(studio.address)
    dead = one.page.locator("li.alarm[data-code=store-unreachable]")
    expect(dead).to_contain_text("Store cannot be reached", timeout=WITHIN_MS)
    expect(dead).to_contain_text(DEAD)
    assert re.match(r"\([1-9]\) ", one.page.title()), "a machine that is busy raises alarms of its own"
    one.page.get_by_role("button", name="فارسی").click()
    expect(dead).to_contain_text("انبار در دسترس نیست")


def test_the_slate_by_button_and_by_key(studio: Studio, technician: TechnicianMaker) -> None:
    one = technician(studio.address)
    page = one.page
    button = page.locator(".slate-switch")
    expect(button).to_have_attribute("aria-pressed", "false", timeout=WITHIN_MS)
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    assert studio.state()["slate"] is True
    expect(page.locator(".lamp")).to_have_text("SLATE", timeout=WITHIN_MS)
    expect(page.locator("[data-input=main] .tally")).to_contain_text("behind the slate")
    expect(page.locator("li[data-code=slate]")).to_be_visible(timeout=WITHIN_MS)
    expect(page.locator("p.spoken")).to_contain_text("The slate is on the air", timeout=WITHIN_MS)
    page.locator(".delay input").press("s")
    page.keyboard.press("Escape")
    page.locator("h1").click()
    assert len(one.said("slate")) == 1, "who writes does not press a key"
    page.keyboard.press("s")
    expect(button).to_have_attribute("aria-pressed", "false")
    assert studio.state()["slate"] is False
    expect(page.locator(".lamp")).to_have_text("ON AIR", timeout=WITHIN_MS)
    assert one.said("slate") == [{"on": True}, {"on": False}]


def test_an_input_is_put_on_the_air(studio: Studio, technician: TechnicianMaker) -> None:
    one = technician(studio.address)
    page = one.page
    page.locator("[data-input=backup] .choose").click(timeout=WITHIN_MS)
    expect(page.locator("[data-input=backup] .tally")).to_contain_text("held by hand", timeout=WITHIN_MS)
    assert studio.state()["input"]["on_air"] == "backup"
    assert page.locator("[data-input=fa] .choose").count() == 0, "a sound has no picture"
    page.get_by_role("button", name="Put on air: Main").click()
    expect(page.locator("[data-input=main] .tally")).to_be_visible(timeout=WITHIN_MS)
    assert studio.state()["input"]["on_air"] == "main"


def test_an_offset_is_sent_when_it_is_let_go(studio: Studio, technician: TechnicianMaker) -> None:
    one = technician(studio.address)
    page = one.page
    slider = page.locator("[data-language=fa] input[type=range]")
    expect(slider).to_be_visible(timeout=WITHIN_MS)
    own = next(each["own"] for each in studio.state()["languages"] if each["code"] == "fa")
    assert slider.get_attribute("min") == str(own["earliest_ms"])
    slider.evaluate("(it) => { it.value = 250; it.dispatchEvent(new Event('input', { bubbles: true })); }")
    expect(page.locator(".slider b")).to_have_text("+250 ms")
    page.wait_for_timeout(600)
    assert one.said("lay") == [], "it is still held"
    expect(page.locator(".slider b")).to_have_text("+250 ms")
    slider.evaluate("(it) => it.dispatchEvent(new Event('change', { bubbles: true }))")

    def laid() -> int:
        return next(
            int(each["own"]["offset_ms"]) for each in studio.state()["languages"] if each["code"] == "fa"
        )

    one.until(lambda: laid() == 250)
    assert one.said("lay") == [{"language": "fa", "offset_ms": 250}]
    exact = page.locator(".offset form input")
    exact.fill("۱۳۰")
    exact.press("Enter")
    one.until(lambda: laid() == 130)
    exact.fill("6000")
    exact.press("Enter")
    expect(page.locator(".problem")).to_contain_text("within the limits")
    page.locator(".offset form button").first.click()
    one.until(lambda: laid() == 0)


def test_the_delay_and_what_it_holds(studio: Studio, technician: TechnicianMaker) -> None:
    one = technician(studio.address)
    page = one.page
    field_ = page.locator(".delay input")
    field_.fill("2.5", timeout=WITHIN_MS)
    expect(page.locator(".delay .said")).to_contain_text("until it is filled")
    field_.press("Enter")
    one.until(lambda: studio.state()["delay_s"] == 2.5)
    page.locator(".dump > .strong").click()
    page.keyboard.press("Escape")
    expect(page.locator(".dump > .strong")).to_be_focused()
    assert one.said("dump") == []
    page.locator(".dump > .strong").click()
    expect(page.locator("[data-answer=refill]")).to_be_focused()
    page.locator("[data-answer=go-on]").click()
    expect(page.locator(".dump .said")).to_contain_text("Thrown away")
    assert one.said("dump") == [{"refill": False}]
    one.until(lambda: studio.state()["delay_s"] == 0)


def test_graphs_begin_with_what_was_kept(studio: Studio, technician: TechnicianMaker) -> None:
    studio.airing.until_ticks(12)
    kept = len(studio.get("history")["at"])
    assert kept > 8
    one = technician(studio.address, "fa")
    page = one.page
    graph = page.locator("[data-graph=loudness]")
    expect(graph).to_be_visible(timeout=WITHIN_MS)
    opened = time.monotonic()
    first = one.until(lambda: (found := int(graph.get_attribute("data-samples") or 0)) >= kept and found)
    assert time.monotonic() - opened < 5, "it did not take what was kept before it was opened"
    one.until(lambda: int(graph.get_attribute("data-samples") or 0) > first)
    for place in page.locator(".plot").all():
        assert place.evaluate("(it) => getComputedStyle(it).direction") == "ltr"
        assert place.evaluate("(it) => it.querySelector('canvas').width") > 200
    drawn = """(it) => {
      const canvas = it.querySelector('canvas');
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      let found = 0;
      for (let n = 0; n < data.length; n += 4) if (data[n] > 200 && data[n + 1] > 140 && data[n + 2] < 120 && data[n + 3] > 200) found += 1;
      return found;
    }"""
    one.until(lambda: page.locator("[data-graph=speed] .plot").evaluate(drawn) > 3)


def test_the_beep_is_off_until_a_person_wants_it(studio: Studio, technician: TechnicianMaker) -> None:
    one = technician(studio.address)
    beep = one.page.locator("button.beep")
    expect(beep).to_have_attribute("aria-pressed", "false")
    beep.click()
    expect(beep).to_have_attribute("aria-pressed", "true")
    beep.click()
    expect(beep).to_have_attribute("aria-pressed", "false")


def test_a_source_that_is_signed_as_it_is_has_no_switches(
    studio: Studio, technician: TechnicianMaker
) -> None:
    one = technician(studio.origin)
    state = studio.state()
    state |= {"copy": True, "inputs": []}
    state["publisher"]["delay_ms"] = None
    for each in state["languages"]:
        each["own"] = None
    answer = json.dumps(state)
    one.page.route("**/state", lambda route: route.fulfill(body=answer, content_type="application/json"))
    one.page.goto(studio.address)
    expect(one.page.locator(".head")).to_contain_text("signed as it is", timeout=WITHIN_MS)
    assert one.page.locator(".slate-switch, .dump, .delay, .choose, .meter").count() == 0
    one.page.keyboard.press("s")
    one.page.wait_for_timeout(300)
    assert one.said("slate") == []


def test_it_says_when_nobody_answers_and_comes_back(studio: Studio, technician: TechnicianMaker) -> None:
    one = technician(studio.address)
    page = one.page
    expect(page.locator(".lamp")).to_have_text("ON AIR", timeout=WITHIN_MS)
    process = studio.airing.process
    process.send_signal(signal.SIGSTOP)
    try:
        expect(page.locator(".contact.lost")).to_contain_text("No connection to huma live", timeout=10_000)
        expect(page.locator(".lamp")).to_have_text("not known")
        expect(page.locator("p.spoken")).to_have_text("No connection to huma live.")
        expect(page.locator(".slate-switch")).to_be_disabled()
        expect(page.locator(".dump > .strong")).to_be_disabled()
        page.keyboard.press("s")
        page.wait_for_timeout(1500)
        seconds = [int(each) for each in re.findall(r"for (\d+) s", page.inner_text(".contact"))]
        assert seconds
        assert seconds[0] >= 2
    finally:
        process.send_signal(signal.SIGCONT)
    expect(page.locator(".contact")).to_have_count(0, timeout=WITHIN_MS)
    expect(page.locator(".lamp")).not_to_have_text("not known")
    expect(page.locator(".slate-switch")).to_be_enabled()
    assert one.said("slate") == [], "a key pressed into the void does nothing later"
    one.until(lambda: studio.state()["programme"]["source"] == "playing")
