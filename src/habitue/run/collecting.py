"""What a project's files declare of the messages it takes in, read without the rest.

No library for tables is loaded for it: whoever starts a server takes messages in before anything else is there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from habitue.config import Settings, read_documents, read_kinds, read_settings
from habitue.errors import ProjectFaultsError
from habitue.govern import POLICIES, PolicySpec
from habitue.identity.rules import IdentityRules, read_rules
from habitue.identity.spec import IdentitySpec
from habitue.sources.plans import SourcesProject
from habitue.sources.project import read_source_files


class Declared(Protocol):
    """What of a project whoever takes messages in goes by."""

    @property
    def sources(self) -> SourcesProject:
        """Sources and the tables they fill."""
        ...

    @property
    def purposes(self) -> Mapping[str, PolicySpec]:
        """Declared purposes by name."""
        ...

    @property
    def identity(self) -> IdentityRules:
        """Who is who."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Collecting:
    """What a project declares of messages.

    Attributes:
        sources: Sources and the tables they fill.
        purposes: Declared purposes by name.
        identity: Who is who.
    """

    sources: SourcesProject
    purposes: Mapping[str, PolicySpec]
    identity: IdentityRules


def read_collecting(folder: Path) -> Collecting:
    """What the files of a project folder declare of messages.

    Raises:
        ProjectFaultsError: They hold faults; those of other files are not looked for.
    """
    settings, faults = read_settings(folder)
    sources, wrong = read_source_files(folder, settings or Settings(name=folder.name))
    policies, policy_faults = read_kinds(folder, "policies", POLICIES)
    documents, identity_faults = read_documents(folder, "identity", IdentitySpec)
    identity, against = read_rules(documents)
    faults += [*wrong, *policy_faults, *identity_faults, *against]
    if faults:
        raise ProjectFaultsError(faults)
    purposes = {each.value.purpose: each.value for each in policies if isinstance(each.value, PolicySpec)}
    return Collecting(sources=sources, purposes=purposes, identity=identity)
