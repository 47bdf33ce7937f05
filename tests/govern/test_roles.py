"""Roles are sets of permissions that a project can only make smaller."""

import pytest

from habitue.govern.roles import (
    GRANTED,
    Permission,
    Role,
    RoleForbiddenError,
    RoleSpec,
    RoleUnknownError,
    access_of,
    role_named,
)


def test_every_role_says_what_it_may_do() -> None:
    assert set(GRANTED) == set(Role)


def test_only_the_privacy_officer_and_the_admin_see_people_in_the_clear() -> None:
    assert {role for role in Role if access_of(role).sees_personal} == {Role.PRIVACY_OFFICER, Role.ADMIN}


def test_executives_and_marketers_see_no_single_people() -> None:
    assert {role for role in Role if not access_of(role).sees_people} == {Role.EXECUTIVE, Role.MARKETER}


@pytest.mark.parametrize("role", list(Role))
def test_a_project_takes_permissions_away_and_never_adds_one(role: Role) -> None:
    for permission in Permission:
        narrowed = access_of(role, [RoleSpec(role=role, without=(permission,))])
        assert narrowed.permissions == GRANTED[role] - {permission}


def test_what_is_taken_from_one_role_stays_with_the_others() -> None:
    narrowed = [RoleSpec(role=Role.ANALYST, without=(Permission.SEE_PEOPLE,))]
    assert access_of(Role.ADMIN, narrowed).sees_people


def test_a_missing_permission_is_named() -> None:
    with pytest.raises(RoleForbiddenError, match="executive has no permission see_people"):
        access_of(Role.EXECUTIVE).need(Permission.SEE_PEOPLE)


def test_whoever_may_not_see_people_may_not_see_them_in_the_clear_either() -> None:
    narrowed = [RoleSpec(role=Role.PRIVACY_OFFICER, without=(Permission.SEE_PEOPLE,))]
    assert not access_of(Role.PRIVACY_OFFICER, narrowed).sees_personal


def test_an_unknown_role_is_refused_with_the_nearest() -> None:
    with pytest.raises(RoleUnknownError, match="Did you mean 'marketer'"):
        role_named("marketeer")
