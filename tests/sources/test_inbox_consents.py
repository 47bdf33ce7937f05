"""What messages say about purposes is in the log with them and in the ledger before they are answered."""

from pathlib import Path

from habitue.govern.consent import ConsentEntry, fold
from habitue.govern.spec import ConsentModeSignal, PolicySpec
from habitue.sources.arrivals import ArrivedConsent, read_arrival
from tests.sources.inboxes import Site, open_site

ADS = PolicySpec(
    purpose="ads",
    segment_category=("Advertising",),
    consent_mode=(ConsentModeSignal.AD_STORAGE, ConsentModeSignal.AD_USER_DATA),
    gpc=True,
)
NEWS = PolicySpec(purpose="news", segment_category=("Advertising", "Email"))
PAGE: dict[str, object] = {"type": "page", "userId": "7"}


def said(site: Site, context: dict[str, object], *, event: str = "") -> tuple[ArrivedConsent, ...]:
    message = {**PAGE, "type": "track", "event": event} if event else PAGE
    return site.arrival({**message, "context": context}).consents


def shop(folder: Path) -> Site:
    return open_site(folder, purposes=[ADS, NEWS])


def test_segments_preferences_are_signals_unless_the_person_changed_them(tmp_path: Path) -> None:
    site = shop(tmp_path)
    context: dict[str, object] = {"consent": {"categoryPreferences": {"Advertising": True, "Email": False}}}
    assert [(each.purpose, each.state, each.strength) for each in said(site, context)] == [
        ("ads", "given", "signal"),
        ("news", "withdrawn", "signal"),
    ]
    changed = said(site, context, event="Segment Consent Preference Updated")
    assert {each.strength for each in changed} == {"explicit"}


def test_consent_mode_is_read_as_it_was_given_to_the_tag(tmp_path: Path) -> None:
    site = shop(tmp_path)
    denied, granted = {"ad_storage": "denied"}, {"ad_storage": "granted", "ad_user_data": "granted"}
    both = {"default": denied, "update": granted}
    assert said(site, {"consentMode": both}) == (
        ArrivedConsent("ads", "withdrawn", "default", "consent_mode"),
        ArrivedConsent("ads", "given", "signal", "consent_mode"),
    )
    assert said(site, {"consent_mode": granted}) == (ArrivedConsent("ads", "given", "signal", "consent_mode"),)
    assert said(site, {"consentMode": "granted"}) == ()


def test_a_browser_that_objects_does_so_for_all_of_its_messages(tmp_path: Path) -> None:
    site = shop(tmp_path)
    taken = site.take(PAGE, {**PAGE, "userId": "8"}, headers=[(b"Host", b"x"), (b"Sec-GPC", b"1")])
    found = [read_arrival(each.body).consents for each in taken.records]
    assert found == [(ArrivedConsent("ads", "objected", "signal", "gpc"),)] * 2
    silent = site.take(PAGE, headers=[(b"sec-gpc", b"0")])
    assert read_arrival(silent.records[0].body).consents == ()


def test_what_was_said_is_in_the_ledger_once_however_often_it_comes(tmp_path: Path) -> None:
    site = shop(tmp_path)
    message = {**PAGE, "timestamp": "2026-06-30T10:00:00Z", "context": {"consentMode": {"ad_storage": "denied"}}}
    taken = site.take(message)
    assert site.inbox.keep_consents(taken) == 1
    assert site.inbox.keep_consents(taken) == site.inbox.keep_consents(site.take(message)) == 0
    entries: list[ConsentEntry] = [each.entry for each in site.ledger.entries()]
    assert [(each.record_id, each.purpose, each.source) for each in entries] == [
        (site.record("user_id", "7"), "ads", "consent_mode")
    ]
    assert not fold(entries).allows(ADS)


def test_a_signal_repeated_on_every_page_is_in_the_ledger_once_an_hour(tmp_path: Path) -> None:
    site = shop(tmp_path)
    pages = [{**PAGE, "timestamp": f"2026-06-30T{hour:02}:{minute:02}:00Z"} for hour in (8, 9, 10) for minute in (1, 5)]
    for page in pages:
        site.inbox.keep_consents(site.take(page, headers=[("sec-gpc", "1")]))
    assert [each.entry.occurred_at.hour for each in site.ledger.entries()] == [8, 9, 10]
    # The log has each of them, and a word of the person's own between two is followed by the next signal.
    given = {"consent": {"categoryPreferences": {"Advertising": True, "Email": True}}}
    own = {**PAGE, "type": "track", "event": "Segment Consent Preference Updated", "context": given}
    site.inbox.keep_consents(site.take({**own, "timestamp": "2026-06-30T10:10:00Z"}))
    site.inbox.keep_consents(site.take({**PAGE, "timestamp": "2026-06-30T10:11:00Z"}, headers=[("sec-gpc", "1")]))
    last = [(each.entry.source, each.entry.occurred_at.minute) for each in site.ledger.entries()][-3:]
    assert last == [("segment", 10), ("segment", 10), ("gpc", 11)]
