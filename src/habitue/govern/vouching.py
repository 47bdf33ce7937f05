"""What vouches for the audit log from outside its file: signatures with a key of the vault, and the last digest.

Somebody who rewrites the log's file, every digest included, cannot sign what it then says; somebody who cuts entries
off its end does not change the vault's memory of how many there were.
"""

from typing import Final, Protocol

from habitue.govern.sealing import SEALED_TEXT, SealBrokenError
from habitue.govern.vault import Vault

_HEAD: Final = "audit_head"


class Voucher(Protocol):
    """Signs, recognises what it signed, and remembers how far the log went."""

    def sign(self, text: str) -> str:
        """A signature of the text."""

    def signed(self, text: str, signature: str) -> bool:
        """Whether that is a signature of the text."""

    def remember(self, number: int, digest: str) -> None:
        """Keep the number and digest of the last entry; an earlier one never takes the place of a later."""

    def remembered(self) -> tuple[int, str] | None:
        """Number and digest of the last entry; None before the first."""


class VaultVoucher:
    """The vault as the one who vouches."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def sign(self, text: str) -> str:
        """A signature of the text: the text sealed with the vault's key for logs."""
        return self._vault.log.seal(text)

    def signed(self, text: str, signature: str) -> bool:
        """Whether that is a signature of the text."""
        # What does not begin like a seal would be opened as it stands.
        if not signature.startswith(SEALED_TEXT):
            return False
        try:
            return self._vault.log.open(signature) == text
        except SealBrokenError:
            return False

    def remember(self, number: int, digest: str) -> None:
        """Keep the number and digest of the last entry; an earlier one never takes the place of a later."""
        with self._vault.transaction():
            known = self.remembered()
            if known is None or known[0] < number:
                self._vault.note(_HEAD, self._vault.log.seal(f"head {number} {digest}"))

    def remembered(self) -> tuple[int, str] | None:
        """Number and digest of the last entry; None before the first.

        Raises:
            SealBrokenError: The vault's memory was changed.
        """
        kept = self._vault.noted(_HEAD)
        if kept is None:
            return None
        word, _, rest = (self._vault.log.open(kept) if kept.startswith(SEALED_TEXT) else "").partition(" ")
        number, _, digest = rest.partition(" ")
        if word != "head" or not number.isdecimal():
            raise SealBrokenError("audit")
        return int(number), digest
