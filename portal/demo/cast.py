"""Who plays in the demo: its staff, its organizations, and the service downstream."""

from __future__ import annotations

from dataclasses import dataclass

FOLDER_MARK = ".trusted-access-demo"


@dataclass(frozen=True, slots=True)
class Person:
    """`key` names the person to the walk, `title` to the reader of the demo's first page."""

    key: str
    title: str
    name: str
    address: str
    roles: tuple[str, ...] = ()


STAFF = (
    Person("intake", "Intake", "Iris Okafor", "iris@program.example", ("intake",)),
    Person("reviewer1", "Reviewer", "Ravi Menon", "ravi@program.example", ("reviewer",)),
    Person("reviewer2", "Second reviewer", "Rosa Lindqvist", "rosa@program.example", ("reviewer",)),
    Person("decider", "Decider", "Dana Whitfield", "dana@program.example", ("decider",)),
    Person("manager", "Program manager", "Mateo Silva", "mateo@program.example",
           ("program_manager",)),
    Person("services", "Service manager", "Sena Adeyemi", "sena@program.example",
           ("service_manager",)),
    Person("developer", "Service developer", "Devi Rao", "devi@models.example",
           ("service_developer",)),
    Person("council", "Council member", "Cleo Marsh", "cleo@council.example", ("council",)),
    Person("auditor", "Auditor", "Aud Nilsen", "aud@audit.example", ("auditor",)),
)  # fmt: skip
OWNER = Person("owner", "Organization admin", "Olena Hart", "olena@harborcert.example")
APPLICANT = Person("applicant", "Applicant", "Amara Lund", "amara@harborcert.example")
PEOPLE = (*STAFF, OWNER, APPLICANT)

HARBOR = "Harbor CERT"
HARBOR_DOMAIN = "harborcert.example"


@dataclass(frozen=True, slots=True)
class Sample:
    """An organization that stands in one state when the demo opens."""

    name: str
    domain: str
    country: str
    ends: str


SAMPLES = (
    Sample("Northwind Bank SOC", "northwind-soc.example", "Norway", "draft"),
    Sample("Fjordlys Hospital Trust", "fjordlys.example", "Norway", "unproven"),
    Sample("Kestrel Labs", "kestrel-labs.example", "Ireland", "reviewing"),
    Sample("Delta University CSIRT", "delta-csirt.example", "Netherlands", "deciding"),
    Sample("Riverbend Water Utility", "riverbend.example", "Canada", "approved"),
    Sample("OpenPatch Maintainers", "openpatch.example", "Germany", "suspended"),
    Sample("Quickshell Pentest", "quickshell.example", "France", "denied"),
    Sample("Sable Ridge Research", "sableridge.example", "Portugal", "withdrawn"),
)
