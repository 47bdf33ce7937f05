"""Whether somebody's data may be used for a purpose, told the long way: what was said is gone through one by one."""

from collections.abc import Iterable
from datetime import datetime

from habitue.govern.consent import ConsentEntry
from habitue.govern.spec import PolicySpec


def has_basis(entries: Iterable[ConsentEntry], policy: PolicySpec, at: datetime) -> bool:
    """Whether there was a basis at an instant, and there still is one."""
    listed = list(entries)
    if is_restricted(listed):
        return False
    basis, default = _terms(policy, _region(listed))
    mine = [each for each in listed if each.purpose == policy.purpose]
    until = [each for each in mine if each.occurred_at <= at]
    return all(_told(said, basis, default, absolute=policy.marketing) for said in (until, mine))


def is_restricted(entries: Iterable[ConsentEntry]) -> bool:
    """Whether the last word about any use at all is a restriction."""
    words = [each for each in entries if each.state.value in ("restricted", "lifted")]
    words.sort(key=lambda each: (each.occurred_at, each.state.value == "restricted"))
    return bool(words) and words[-1].state.value == "restricted"


def _region(entries: list[ConsentEntry]) -> str:
    places = sorted((each.occurred_at, each.region) for each in entries if each.region)
    return places[-1][1] if places else ""


def _terms(policy: PolicySpec, region: str) -> tuple[str, str]:
    basis, default = policy.basis.value, policy.default.value
    if region in policy.regions:
        there = policy.regions[region]
        basis = there.basis.value if there.basis else basis
        default = there.default.value if there.default else default
    return basis, default


def _told(said: list[ConsentEntry], basis: str, default: str, *, absolute: bool) -> bool:
    firm = basis in ("contract", "legal_obligation", "vital_interests") and not absolute
    locked, permitted, preset = "", False, ""
    for entry in sorted(said, key=lambda each: (each.occurred_at, each.state.value != "given")):
        gives, how = entry.state.value == "given", entry.strength.value
        objects = entry.state.value == "objected"
        if how == "default" and not objects:
            preset = "yes" if gives else "no"
        elif not gives:
            if objects or (not firm and (how == "explicit" or absolute)):
                locked = "by the person"
            elif not firm and not locked:
                locked = "by a signal"
        else:
            permitted = True
            own_word = how == "explicit" and (entry.basis.value == "consent" or not absolute)
            if own_word or locked == "by a signal":
                locked = ""
    if locked:
        return False
    if basis != "consent" or permitted:
        return True
    return preset == "yes" if preset else default == "opt_out"
