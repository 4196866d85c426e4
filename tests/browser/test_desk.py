"""The organiser's page in front of a real `huma desk`: it sees from outside, it asks first, it says why not."""

from __future__ import annotations

import re
import signal
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import TechnicianMaker
from tests.browser.organiser import Headquarters
from tests.browser.technician import WITHIN_MS

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def mirror_of(office: Headquarters, mirror_id: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = next(
        (each for each in office.state()["mirrors"] if each["id"] == mirror_id), None
    )
    return found


def answer(page: Page, which: str) -> None:
    page.locator(f"dialog [data-answer={which}]").click()


def test_without_its_token_it_says_what_to_do(office: Headquarters, organiser: TechnicianMaker) -> None:
    one = organiser(office.origin)
    expect(one.page.locator(".token-card")).to_contain_text("desk.json")
    assert [each.url for each in one.asked] == [office.origin], "nobody without a token asks for anything"
    one.page.get_by_role("button", name="فارسی").click()
    expect(one.page.locator(".token-card")).to_contain_text("پایانه")


def test_it_says_how_the_event_looks_from_outside(office: Headquarters, organiser: TechnicianMaker) -> None:
    one = organiser(office.address)
    page = one.page
    expect(page.locator(".verdict")).to_have_attribute("data-standing", "on", timeout=WITHIN_MS)
    expect(page.locator(".verdict .big")).to_contain_text("On the air, seen from outside")
    expect(page.locator(".verdict .counts")).to_contain_text("2 of 2", timeout=WITHIN_MS)
    assert page.url == office.origin, "the token stands in the address bar"
    assert str(office.desk.word["token"]) not in page.content()
    expect(page.locator("[data-mirror=north] [data-figure=weighed]")).to_contain_text(
        "as signed", timeout=WITHIN_MS
    )
    tick = page.locator("[data-mirror=north] [data-figure=tick] dd")
    before = tick.inner_text()
    one.until(lambda: tick.inner_text() != before)
    assert page.locator("[data-document]").count() >= 4
    expect(page.locator("[data-desk-store='1']")).to_contain_text("files written", timeout=WITHIN_MS)
    shown = page.locator("[data-key]").evaluate_all("all => all.map((it) => it.dataset.key)")
    assert shown == [key["keyid"] for key in office.state()["live_keys"]]


def test_a_mirror_is_added_withdrawn_restored_and_removed(
    office: Headquarters, organiser: TechnicianMaker
) -> None:
    one = organiser(office.address, "en", 360)
    page = one.page
    form = page.locator("form.add")
    form.locator("[name=url]").fill("ftp://south.example/", timeout=WITHIN_MS)
    form.get_by_label("Who runs it").fill("Radio South")
    form.locator("[type=submit]").click()
    expect(form.locator(".problem")).to_have_attribute("data-code", "bad-url")
    expect(form.locator("[name=url]")).to_have_attribute("aria-invalid", "true")
    assert form.get_by_label("Who runs it").input_value() == "Radio South", "what was typed is lost"
    form.locator("[name=url]").fill(office.carriers["south"].url)
    form.locator("select[name=class]").select_option("lan")
    form.locator("[name=id]").fill("south")
    form.locator("[type=submit]").click()
    expect(form.locator("[role=status]")).to_contain_text("Radio South is added")
    row = page.locator("[data-mirror=south]")
    expect(row.locator(".shows")).to_have_attribute("data-state", "on", timeout=WITHIN_MS)
    assert (mirror_of(office, "south") or {})["signed"]

    row.locator("[data-do=withdraw]").click()
    expect(page.locator("dialog [data-answer=no]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    expect(row.locator("[data-do=withdraw]")).to_be_focused()
    assert one.said("withdraw") == []
    row.locator("[data-do=withdraw]").click()
    expect(page.locator("dialog")).to_contain_text("within a minute")
    answer(page, "yes")
    expect(row).to_contain_text("no viewer is sent there", timeout=WITHIN_MS)
    assert (mirror_of(office, "south") or {})["withdrawn"]
    row.locator("[data-do=restore]").click()
    answer(page, "yes")
    expect(row.locator("[data-do=withdraw]")).to_be_visible(timeout=WITHIN_MS)
    row.locator("[data-do=remove-mirror]").click()
    answer(page, "yes")
    expect(row).to_have_count(0, timeout=WITHIN_MS)
    assert mirror_of(office, "south") is None


def test_a_mirror_that_lies_or_dies_is_seen_and_the_event_is_still_on(
    office: Headquarters, organiser: TechnicianMaker
) -> None:
    one = organiser(office.address)
    page = one.page
    row = page.locator("[data-mirror=east] .shows")
    expect(row).to_have_attribute("data-state", "on", timeout=WITHIN_MS)
    office.carriers["east"].lies = True
    try:
        expect(row).to_have_attribute("data-state", "wrong", timeout=WITHIN_MS)
        alarm = page.locator("li.alarm[data-code=forged]")
        expect(alarm).to_contain_text("Radio East", timeout=WITHIN_MS)
        expect(alarm).to_contain_text("Withdraw it")
        expect(page.locator("p.spoken")).to_contain_text("Radio East")
        expect(page.locator(".verdict")).to_have_attribute("data-standing", "on")
        expect(page.locator(".verdict .counts")).to_contain_text("1 of 2")
    finally:
        office.carriers["east"].lies = False
    expect(row).to_have_attribute("data-state", "on", timeout=WITHIN_MS)


def test_a_key_is_revoked_only_by_who_types_its_name(
    office: Headquarters, organiser: TechnicianMaker
) -> None:
    one = organiser(office.address, "fa")
    page = one.page
    made = office.desk.do("add-live-key")
    row = page.locator(f"[data-key='{made['keyid']}']")
    row.locator("[data-do=revoke]").click(timeout=WITHIN_MS)
    field = page.locator("dialog input")
    expect(field).to_be_focused()
    expect(page.locator("dialog [data-answer=yes]")).to_be_disabled()
    field.fill(made["keyid"][:-1])
    expect(page.locator("dialog [data-answer=yes]")).to_be_disabled()
    field.press("Enter")
    assert one.said("revoke") == []
    field.fill(made["keyid"].upper())
    answer(page, "yes")
    expect(row).to_have_attribute("data-revoked", "true", timeout=WITHIN_MS)
    assert one.said("revoke") == [{"keyid": made["keyid"]}]
    expect(row.locator("[data-do=revoke]")).to_have_count(0)
    expect(page.locator(".verdict")).to_have_attribute("data-standing", "on", timeout=WITHIN_MS)


def test_who_would_revoke_the_key_on_the_air_is_told_so(
    office: Headquarters, organiser: TechnicianMaker
) -> None:
    one = organiser(office.address)
    page = one.page
    expect(page.locator("#take-over [data-rank]")).to_have_attribute("data-rank", "1", timeout=WITHIN_MS)
    expect(page.locator("#take-over .steps")).to_have_attribute("data-stage", "ready")
    expect(page.locator("#take-over code")).to_have_text(re.compile(r"huma live … --rank 2"))
    page.locator("[data-key] [data-do=revoke]").first.click()
    expect(page.locator("dialog")).to_contain_text("viewers lose the picture")
    expect(page.locator("dialog")).to_contain_text("no way back")
    answer(page, "no")
    expect(page.locator("dialog")).to_have_count(0)
    page.locator("[data-do=release-root]").click()
    expect(page.locator("dialog [data-answer=yes]")).to_be_disabled()
    page.locator("dialog input").fill("۲")
    expect(page.locator("dialog [data-answer=yes]")).to_be_enabled()
    answer(page, "no")
    assert one.said("release-root") == one.said("revoke") == []


def test_what_is_refused_stays_in_the_question_with_its_reason(
    office: Headquarters, organiser: TechnicianMaker
) -> None:
    one = organiser(office.address)
    page = one.page
    page.locator("[data-mirror=north] [data-do=withdraw]").click(timeout=WITHIN_MS)
    answer(page, "yes")
    expect(page.locator("[data-mirror=north] [data-do=restore]")).to_be_visible(timeout=WITHIN_MS)
    page.locator("[data-mirror=east] [data-do=withdraw]").click()
    answer(page, "yes")
    expect(page.locator("dialog .problem")).to_have_attribute("data-code", "last-mirror", timeout=WITHIN_MS)
    answer(page, "no")
    page.locator("[data-mirror=north] [data-do=restore]").click()
    answer(page, "yes")
    expect(page.locator("[data-mirror=north] [data-do=withdraw]")).to_be_visible(timeout=WITHIN_MS)


def test_it_says_when_nobody_answers_and_comes_back(office: Headquarters, organiser: TechnicianMaker) -> None:
    one = organiser(office.address)
    page = one.page
    expect(page.locator(".verdict")).to_have_attribute("data-standing", "on", timeout=WITHIN_MS)
    process = office.desk.process
    process.send_signal(signal.SIGSTOP)
    try:
        expect(page.locator(".contact.lost")).to_contain_text("No connection to huma desk", timeout=15_000)
        expect(page.locator(".verdict")).to_have_attribute("data-standing", "unknown")
        expect(page.locator("[data-mirror=north] [data-do=withdraw]")).to_be_disabled()
    finally:
        process.send_signal(signal.SIGCONT)
    expect(page.locator(".contact")).to_have_count(0, timeout=WITHIN_MS)
    expect(page.locator(".verdict")).to_have_attribute("data-standing", "on", timeout=WITHIN_MS)
