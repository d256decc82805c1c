"""What a person's own automation may ask of the portal: reading, and nothing else.

An automation is a workload of a person's, known by a key and never by a secret that is shared. It
sees what its person sees at that moment, narrowed by its scopes; it decides and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

# Scope -> what it opens, for the page where it is chosen.
SCOPES: Mapping[str, str] = {
    "applications:read": "Applications of your organizations, and how far they are",
    "grants:read": "Grants of your organizations, with their keys’ states",
    "cases:read": "The queue of cases, for program staff",
}
LIFETIMES = (30, 90, 180)  # days
MOST = 10  # a person's
