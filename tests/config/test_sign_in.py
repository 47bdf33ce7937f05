"""What `habitue.yaml` says about how people are let in."""

from pathlib import Path

import pytest

from habitue.config import read_settings
from habitue.config.sign_in import ServerAddressError, check_address
from habitue.records.permissions import Role

GOOD = """name: shop
address: https://Habitue.example.com/
sign_in:
  issuer: https://login.example.com/realms/shop
  client_id: habitue
  client_secret: env:SHOP_SECRET
  roles: {claim: groups, values: {admins: admin, staff: privacy_officer}}
"""


def read(folder: Path, text: str) -> list[str]:
    (folder / "habitue.yaml").write_text(text, encoding="utf-8")
    return [f"{each.line} {each.what}" for each in read_settings(folder)[1]]


def test_a_provider_is_read_with_its_roles_in_their_order(tmp_path: Path) -> None:
    assert read(tmp_path, GOOD) == []
    settings, _ = read_settings(tmp_path)
    assert settings is not None
    assert settings.address == "https://habitue.example.com"
    said = settings.sign_in
    assert said is not None
    assert (said.secret_variable, said.claim, said.name_claim) == ("SHOP_SECRET", "groups", "email")
    assert said.roles == (("admins", Role.ADMIN), ("staff", Role.PRIVACY_OFFICER))


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ("env:SHOP_SECRET", "s3cret-of-the-client"),
        ("env:SHOP_SECRET", "env:"),
        ("https://login.example.com/realms/shop", "http://login.example.com"),
        ("https://login.example.com/realms/shop", "login.example.com"),
        ("admins: admin", "admins: emperor"),
        ("{admins: admin, staff: privacy_officer}", "{}"),
        ("client_id: habitue\n", ""),
        ("https://Habitue.example.com/", "http://habitue.example.com"),
    ],
)
def test_what_would_not_be_safe_is_a_fault_of_the_file(tmp_path: Path, good: str, bad: str) -> None:
    assert good in GOOD
    faults = read(tmp_path, GOOD.replace(good, bad))
    assert len(faults) == 1
    # A secret that stands in the file by mistake is not said again.
    assert "s3cret" not in faults[0]


@pytest.mark.parametrize(
    "text", ["https://a.example", "https://a.example:8443/", "http://localhost:8321", "http://[::1]"]
)
def test_an_address_is_a_scheme_and_a_host(text: str) -> None:
    assert check_address(text) == text.removesuffix("/")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://",
        "a.example",
        "ftp://a.example",
        "http://a.example",
        "https://a.example/app",
        "https://ann@a.example",
        "https://a.example?x",
        "https://a.example#x",
        "https://a.example:99999",
        "https://a b.example",
        "https://ä.example",
        "https://a.example" * 50,
        "javascript:alert(1)",
    ],
)
def test_what_is_more_or_less_than_that_is_none(text: str) -> None:
    with pytest.raises(ServerAddressError):
        check_address(text)
