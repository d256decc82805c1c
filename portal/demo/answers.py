"""Answers that the demo's applicants give."""

from __future__ import annotations

from typing import Any

PROOF = (
    b"Extract from the register of associations (invented for the demo)\n"
    b"Name: Harbor CERT\nSeat: Bergen\nPurpose: incident response for ports and shipping\n"
)


def of(name: str, domain: str, country: str) -> dict[str, Any]:
    """Question id -> answer for the shipped program."""
    return {
        "legal_name": name,
        "aliases": "",
        "country": country,
        "registry_number": "",
        "website": f"https://www.{domain}",
        "domain": domain,
        "class": "csirt",
        "sector": "Ports and shipping",
        "size": "10-49",
        "security_headcount": 12,
        "memberships": ["first"],
        "signing_official": "Siri Solheim, managing director",
        "signing_email": f"siri@{domain}",
        "security_contact": f"soc@{domain}",
        "sponsor": "",
        "use_case": (
            "We answer incidents at eleven ports. With this access we would take apart the loaders "
            "that we collect (about 40 a month) and turn them into detection rules that all "
            "members get, and check that patches close what we saw."
        ),
        "volume": "medium",
        "contractors": "",
        "who_has_access": "Five analysts of the response team, named after approval.",
        "sign_in": "phishing-resistant",
        "key_storage": "In the hardware module of our analysis cluster.",
        "disclosure_duties": "",
        "denials": "",
        "conflicts": "",
        "incident_reporting": True,
        "logging_consent": True,
    }
