"""The register of processing (GDPR article 30) and an impact assessment to fill in, out of the catalogue.

One entry a purpose, and one for what is used without a purpose: what data, on what basis, for how long, how guarded.
As JSON-LD in terms of the W3C Data Privacy Vocabulary (DPV 2), and as pages for people.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from habitue.config import write_text
from habitue.govern.catalogue import TERMS, Catalogue, Category, TableDeclaration
from habitue.govern.spec import LegalBasis
from habitue.run.catalogue import project_catalogue
from habitue.run.project import Project

Json = Mapping[str, object]
_CONTEXT: Final = {
    "dpv": "https://w3id.org/dpv#",
    "pd": "https://w3id.org/dpv/pd#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "dct": "http://purl.org/dc/terms/",
}
_BASES: Final[Mapping[LegalBasis, str]] = {
    LegalBasis.CONSENT: "eu-gdpr:A6-1-a",
    LegalBasis.CONTRACT: "eu-gdpr:A6-1-b",
    LegalBasis.LEGAL_OBLIGATION: "eu-gdpr:A6-1-c",
    LegalBasis.VITAL_INTERESTS: "eu-gdpr:A6-1-d",
    LegalBasis.PUBLIC_TASK: "eu-gdpr:A6-1-e",
    LegalBasis.LEGITIMATE_INTERESTS: "eu-gdpr:A6-1-f",
}
_MEASURES: Final = (
    ("dpv:EncryptionAtRest", "Identifiers and personal columns are sealed under a key per person (AES-256-GCM)."),
    ("dpv:Pseudonymisation", "Tables hold random ids and keyed masks in place of identifiers."),
    ("dpv:CryptographicKeyManagement", "The master key is kept outside the project folder and can be rotated."),
    ("dpv:AccessControlMethod", "Roles say who sees people, who sees counts; groups under ten are hidden."),
    ("dpv:ActivityMonitoring", "Every personal read, export, erasure and change of permission is in a hash chain."),
)
_OPEN: Final = "to be filled in"
_NO_RULE: Final = "no rule: kept until erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One activity of processing.

    Attributes:
        name: Its purpose; empty for what is used without one.
        title: A few words for people.
        description: What people are told.
        basis: On what ground; empty where none is declared.
        tables: What is used for it.
        used_by: Segments and features that declare the purpose.
    """

    name: str
    title: str
    description: str
    basis: str
    tables: tuple[TableDeclaration, ...]
    used_by: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """The register of a project.

    Attributes:
        document: As JSON-LD.
        page: For people, in Markdown.
        assessment: An impact assessment (GDPR article 35) to fill in, in Markdown.
    """

    document: Json
    page: str
    assessment: str


def processing_register(project: Project) -> Register:
    """The register of a project, from its files alone: the same files give the same register."""
    catalogue = project_catalogue(project)
    activities = list(_activities(project, catalogue))
    return Register(
        document=_document(project, activities),
        page="\n".join(_page(project, activities)),
        assessment="\n".join(_assessment(project, catalogue, activities)),
    )


def write_register(register: Register, folder: Path) -> list[Path]:
    """Put register.jsonld, register.md and dpia.md into a folder."""
    texts = {
        "register.jsonld": json.dumps(register.document, indent=2, ensure_ascii=False) + "\n",
        "register.md": register.page + "\n",
        "dpia.md": register.assessment + "\n",
    }
    for name, text in texts.items():
        write_text(folder / name, text)
    return [folder / name for name in texts]


def _activities(project: Project, catalogue: Catalogue) -> Iterator[Activity]:
    """One activity a purpose, in the order of the files; then what is used for no purpose that is declared."""
    about_people = [each for each in catalogue.tables if each.is_personal]
    for name, spec in project.purposes.items():
        yield Activity(
            name=name,
            title=spec.label or name,
            description=spec.description,
            basis=_BASES[spec.basis],
            tables=tuple(each for each in about_people if name in each.purposes),
            used_by=tuple(_users(project, name)),
        )
    yield Activity(
        name="",
        title="Knowing customers",
        description="What is kept of customers whatever it is used for.",
        basis="",
        tables=tuple(about_people),
        used_by=tuple(_users(project, "")),
    )


def _users(project: Project, purpose: str) -> Iterator[str]:
    for space, found in (("feature", project.catalogue.features), ("segment", project.catalogue.segments)):
        yield from (f"{space}.{each.name}" for each in found.values() if each.purpose == purpose)


def _document(project: Project, activities: Sequence[Activity]) -> Json:
    return {
        "@context": _CONTEXT,
        "@id": f"urn:habitue:{project.settings.name}",
        "@type": "dpv:RecordsOfActivities",
        "dct:title": f"Register of processing: {project.settings.name}",
        "dpv:hasDataController": {"@type": "dpv:DataController", "dct:title": _OPEN},
        "dpv:hasPersonalDataProcess": [_process(project, each) for each in activities],
    }


def _process(project: Project, activity: Activity) -> Json:
    said: dict[str, object] = {
        "@id": f"urn:habitue:{project.settings.name}:{activity.name or 'customers'}",
        "@type": "dpv:PersonalDataProcess",
        "dct:title": activity.title,
        "dpv:hasPurpose": {
            "@type": "dpv:Purpose",
            "dct:title": activity.title,
            "dct:description": activity.description,
        },
    }
    if activity.basis:
        said["dpv:hasLegalBasis"] = {"@id": activity.basis}
    return {
        **said,
        "dpv:hasDataSubject": {"@type": "dpv:Customer", "dct:title": project.settings.noun},
        "dpv:hasPersonalData": [_data(each) for each in activity.tables],
        "dpv:hasRecipient": {"dct:title": _OPEN},
        "dpv:hasTechnicalMeasure": [{"@type": term, "dct:description": text} for term, text in _MEASURES],
    }


def _data(table: TableDeclaration) -> Json:
    return {
        "@type": [TERMS[table.category], *(TERMS[each] for each in _categories(table) if each is not table.category)],
        "dct:identifier": f"{table.store.value}:{table.name}",
        "dct:title": table.label or table.name,
        "dpv:hasStorageCondition": {
            "@type": "dpv:StorageDuration",
            "dpv:hasDuration": table.retention or _NO_RULE,
        },
    }


def _categories(table: TableDeclaration) -> list[Category]:
    """What the columns of a table say of people, each once; keys and what says nothing left out."""
    found = dict.fromkeys(each.category for each in table.columns)
    terms: dict[str, Category] = {TERMS[table.category]: table.category}
    for each in found:
        if each not in (Category.TECHNICAL, Category.KEY):
            terms.setdefault(TERMS[each], each)
    return list(terms.values())


def _page(project: Project, activities: Sequence[Activity]) -> Iterator[str]:
    yield f"# Register of processing: {project.settings.name}"
    yield ""
    yield "Made by `habitue privacy records` from the project's files (GDPR article 30). Write what is in *italics*."
    yield ""
    yield "*Controller, representative and data protection officer: name and contact.*"
    for activity in activities:
        yield ""
        yield f"## {activity.title}"
        yield ""
        if activity.description:
            yield activity.description
            yield ""
        yield f"- Purpose: {f'`{activity.name}`' if activity.name else 'none declared'}"
        yield f"- Legal basis: {activity.basis or '*to be named*'}"
        yield f"- People: {project.settings.noun}"
        yield f"- Used by: {_listed(activity.used_by)}"
        yield "- Recipients, transfers to other countries: *to be named*"
        yield ""
        yield "| store | table | what it says | kept |"
        yield "|---|---|---|---|"
        for table in activity.tables:
            said = ", ".join(each.value.replace("_", " ") for each in _categories(table))
            yield f"| {table.store.value} | `{table.name}` | {said} | {table.retention or _NO_RULE} |"
    yield ""
    yield "## How the data is guarded"
    yield ""
    yield from (f"- {text} (`{term}`)" for term, text in _MEASURES)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{each}`" for each in names) or "nothing declared"


def _assessment(project: Project, catalogue: Catalogue, activities: Sequence[Activity]) -> Iterator[str]:
    about_people = [each for each in catalogue.tables if each.is_personal]
    yield f"# Data protection impact assessment: {project.settings.name}"
    yield ""
    yield "A skeleton (GDPR article 35(7)): what the project's files say is filled in, judgements are yours."
    yield ""
    yield "## 1. What is done with the data, and why"
    yield ""
    yield f"{len(about_people)} tables are about people; {_columns(about_people)} of their columns are kept sealed."
    yield ""
    for each in activities:
        yield f"- **{each.title}** ({each.basis or 'no basis declared'}): {_listed(each.used_by)}"
    yield ""
    yield "## 2. Whether it is necessary and proportionate"
    yield ""
    yield from _gaps(about_people, activities)
    yield "- *For each purpose: could it be reached with less data, or for a shorter time?*"
    yield ""
    yield "## 3. Risks to people"
    yield ""
    yield "| risk | what stands against it | likelihood | severity |"
    yield "|---|---|---|---|"
    yield "| The project folder is copied | identifiers are sealed; the key is elsewhere | *judge* | *judge* |"
    yield "| Somebody is in a segment wrongly | every place has its proof: `segments explain` | *judge* | *judge* |"
    yield "| Two people are taken for one | links are facts with reasons, and can be undone | *judge* | *judge* |"
    yield "| Data is used without a ground | a definition with a purpose selects only who agreed | *judge* | *judge* |"
    yield "| Somebody stays after an erasure | key destroyed, rows written out, graves kept | *judge* | *judge* |"
    yield ""
    yield "## 4. Measures"
    yield ""
    yield from (f"- {text}" for _, text in _MEASURES)
    yield "- *Further measures, who is responsible, by when.*"


def _columns(tables: Sequence[TableDeclaration]) -> int:
    return sum(each.personal for table in tables for each in table.columns)


def _gaps(tables: Sequence[TableDeclaration], activities: Sequence[Activity]) -> Iterator[str]:
    """What the project's files leave open."""
    without = [f"`{each.name}`" for each in tables if not each.retention]
    if without:
        yield f"- Kept without a rule of retention: {', '.join(dict.fromkeys(without))}."
    aimless = next((each.used_by for each in activities if not each.name), ())
    if aimless:
        yield f"- Definitions without a purpose: {_listed(aimless)}."
