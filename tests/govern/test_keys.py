"""The master key is made once, outside the project, kept privately, found again, and never made a second time."""

import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from habitue.errors import HabitueError
from habitue.govern.key_places import (
    NEXT_VARIABLE,
    STORE_VARIABLE,
    EnvironmentPlace,
    FilePlace,
    KeyPlaceError,
    StorePlace,
    key_place,
)
from habitue.govern.keys import (
    KEY_VARIABLE,
    MasterKey,
    MasterKeyLostError,
    MasterKeyMalformedError,
    MasterKeyWrongError,
    decoded,
    encoded,
    key_file,
)
from habitue.govern.opening import VaultIdError, open_vault
from habitue.govern.vault import Vault
from tests.govern.vaults import NOW, chance

SECRET = chance(5)(32)
WITHOUT_STORE = pytest.mark.skipif(find_spec("keyring") is not None, reason="keyring is installed here")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture
def ordinary_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def opened(project: Path, *, environ: dict[str, str] | None = None, seed: int = 1) -> Vault:
    return open_vault(project, environ=environ or {}, home=project.parent / "home", random=chance(seed))


def the_key_file(project: Path) -> Path:
    (path,) = (project.parent / "home" / ".config" / "habitue" / "keys").iterdir()
    return path


class Drawer:
    """A key store in memory, as far as `keyring` has to do with it."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service_name: str, username: str) -> str | None:
        return self.held.get((service_name, username))

    def set_password(self, service_name: str, username: str, password: str) -> None:
        self.held[service_name, username] = password

    def delete_password(self, service_name: str, username: str) -> None:
        del self.held[service_name, username]


@pytest.mark.usefixtures("ordinary_umask")
def test_the_key_is_made_outside_the_project_for_its_owner_only(project: Path) -> None:
    with opened(project) as vault:
        path = the_key_file(project)
        assert path.name == f"{vault.vault_id}.key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert (project / ".habitue").stat().st_mode & 0o777 == 0o700
    assert (project / ".habitue" / "vault.sqlite").stat().st_mode & 0o777 == 0o600
    secret = decoded(path.read_text(encoding="ascii"), "").secret
    for file in (project / ".habitue").rglob("*"):
        assert secret not in file.read_bytes()
        assert path.read_bytes().strip() not in file.read_bytes()


def test_the_vault_opens_again_with_the_key_it_was_made_with(project: Path) -> None:
    with opened(project) as vault:
        names = vault.names("user_id", ["ann"])
        (ann,) = vault.assign(names, now=NOW)
    with opened(project, seed=9) as again:
        assert again.vault_id == vault.vault_id
        assert again.assign(names, now=NOW) == [ann]


def test_a_lost_key_is_never_made_again(project: Path) -> None:
    opened(project).close()
    the_key_file(project).unlink()
    with pytest.raises(MasterKeyLostError) as refusal:
        opened(project)
    assert refusal.value.code == "MASTER-KEY-LOST"
    assert not list((project.parent / "home" / ".config" / "habitue" / "keys").iterdir())


def test_a_key_that_says_nothing_is_refused_and_left_alone(project: Path) -> None:
    opened(project).close()
    path = the_key_file(project)
    for text in ("", "not a key", encoded(bytes(32)), encoded(SECRET)[:-4], "ключ"):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(MasterKeyMalformedError):
            opened(project)
        assert path.read_text(encoding="utf-8") == text
    path.write_text(encoded(SECRET), encoding="ascii")
    with pytest.raises(MasterKeyWrongError):
        opened(project)


def test_the_environments_key_comes_first_and_no_file_is_made(project: Path) -> None:
    environ = {KEY_VARIABLE: encoded(SECRET)}
    with opened(project, environ=environ) as vault:
        names = vault.names("user_id", ["ann"])
        (ann,) = vault.assign(names, now=NOW)
    assert not (project.parent / "home").exists()
    with opened(project, environ=environ) as again:
        assert again.assign(names, now=NOW) == [ann]
    with pytest.raises(MasterKeyLostError):
        opened(project)
    with pytest.raises(MasterKeyWrongError):
        opened(project, environ={KEY_VARIABLE: encoded(chance(6)(32))})
    with pytest.raises(MasterKeyMalformedError) as refusal:
        opened(project, environ={KEY_VARIABLE: "secret"})
    assert "secret" not in str(refusal.value.what)


def test_the_settings_folder_may_lie_elsewhere(project: Path, tmp_path: Path) -> None:
    environ = {"XDG_CONFIG_HOME": str(tmp_path / "settings")}
    with opened(project, environ=environ) as vault:
        assert key_file(vault.vault_id, environ, tmp_path).is_file()


def test_a_first_opening_cut_short_anywhere_is_taken_up_again(project: Path) -> None:
    opened(project).close()
    state = project / ".habitue"
    (state / "vault.sqlite").unlink()  # stopped after the key was made
    with opened(project) as vault:
        first = vault.vault_id
    (state / "vault.sqlite").unlink()  # stopped after the id was written
    the_key_file(project).unlink()
    with opened(project, seed=7) as vault:
        assert vault.vault_id == first
    assert [path.name for path in the_key_file(project).parent.iterdir()] == [f"{first}.key"]


@pytest.mark.parametrize("text", ["", "not hex digits!!", "0011", "é" * 16])
def test_a_vault_without_its_id_is_not_given_another(project: Path, text: str) -> None:
    opened(project).close()
    path = project / ".habitue" / "vault.id"
    path.unlink()
    with pytest.raises(VaultIdError) as refusal:
        opened(project)
    assert refusal.value.code == "VAULT-ID"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(VaultIdError):
        opened(project)


def test_a_key_file_is_never_written_over(tmp_path: Path) -> None:
    place = FilePlace(tmp_path / "keys" / "v.key")
    made = place.make(chance(1))
    with pytest.raises(HabitueError) as refusal:
        place.make(chance(2))
    assert refusal.value.code == "PATH"
    assert [key.secret for key in place.held()] == [made.secret]
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["v.key"]


@pytest.mark.parametrize("kind", ["file", "store"])
def test_a_next_key_waits_beside_the_present_one_until_it_takes_its_place(tmp_path: Path, kind: str) -> None:
    place = FilePlace(tmp_path / "v.key") if kind == "file" else StorePlace(Drawer(), "v")
    assert place.held() == []
    first = place.make(chance(1))
    second = place.make_next(chance(2))
    assert place.make_next(chance(3)).secret == second.secret
    assert [key.secret for key in place.held()] == [first.secret, second.secret]
    place.promote()
    assert [key.secret for key in place.held()] == [second.secret]
    place.promote()
    assert [key.secret for key in place.held()] == [second.secret]


def test_the_environment_gives_the_next_key_itself(tmp_path: Path) -> None:
    given = {KEY_VARIABLE: encoded(SECRET)}
    with pytest.raises(KeyPlaceError) as refusal:
        EnvironmentPlace(given).make_next(chance(1))
    assert refusal.value.code == "KEY-PLACE"
    place = key_place("v", environ=given | {NEXT_VARIABLE: encoded(chance(6)(32))}, home=tmp_path)
    assert place.make_next(chance(1)).secret == chance(6)(32)


@pytest.mark.parametrize("wanted", [pytest.param("os", marks=WITHOUT_STORE), "cloud"])
def test_a_key_store_that_is_not_there_is_said(tmp_path: Path, wanted: str) -> None:
    with pytest.raises(HabitueError) as refusal:
        key_place("v", environ={STORE_VARIABLE: wanted}, home=tmp_path)
    assert refusal.value.code == "KEY-STORE"


def test_no_key_shows_when_a_value_is_printed() -> None:
    assert str(SECRET) not in repr(MasterKey(SECRET, "here"))
    assert encoded(SECRET) not in repr(MasterKey(SECRET, "here"))
    assert MasterKey(SECRET).derive("wrap") != MasterKey(SECRET).derive("lane")
