"""Gather the facts for one check of an application, judge them, record the finding."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib import import_module

from portal import vault
from portal.boards import applications
from portal.evidence import facts
from portal.ledger import perform
from portal.ledger.codec import canonical
from workflows.actors import robot
from workflows.application.commands.record_check import RecordCheck
from workflows.errors import NotNow


def work(payload: dict[str, str]) -> None:
    """`payload`: application id, check, round. Doing it twice records it once."""
    application = applications.for_robot(payload["application"])
    if application.phase != "checking":
        return
    name = payload["check"]
    check = import_module(f"workflows.checks.{name}")
    gathered = facts.gather(name, application)
    finding = check.judge(gathered.facts)
    kept = {
        "facts": json.loads(json.dumps(asdict(gathered.facts), default=str)),
        "detail": [asdict(line) for line in finding.detail],
    }
    try:
        perform(
            RecordCheck(
                stream=application.id,
                check=name,
                round=int(payload["round"]),
                verdict=str(finding.verdict.value),
                score=finding.score,
                summary=finding.summary,
                finding=vault.put(application.org_id, canonical(kept)),
                check_version=check.VERSION,
                data_digest=gathered.data_digest,
                data_date=gathered.data_date,
            ),
            robot("checks"),
        )
    except NotNow:
        return  # withdrawn or decided meanwhile: there is nothing left to record
