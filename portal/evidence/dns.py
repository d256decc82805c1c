"""TXT records at a claimed domain's challenge name, looked up in real DNS.

Says what happened and never raises for the network; `workflows.organization.proofs` judges.
"""

from __future__ import annotations

import ipaddress
import time
from dataclasses import dataclass

import dns.exception
import dns.message
import dns.name
import dns.nameserver
import dns.rcode
import dns.rdatatype
import dns.resolver

from portal.spelling import InvalidDomain
from portal.spelling import domain as ascii_domain
from workflows.organization.proofs import CHALLENGE, Outcome

__all__ = ["CHALLENGE", "DnsAnswer", "InvalidDomain", "Outcome", "ascii_domain", "lookup_challenge"]

MAX_RECORDS = 50
MAX_VALUE = 1024  # bytes of one record's joined strings


@dataclass(frozen=True, slots=True)
class DnsAnswer:
    """What one look-up found.

    Attributes:
        domain: the domain in ASCII (A-labels), lower case, no dot at the end.
        name: the name that was looked up.
        outcome: see `workflows.organization.proofs.Outcome`.
        values: TXT values, each record's strings joined (RFC 7208, 3.3), bytes beyond ASCII
            as backslash escapes; sorted; empty unless answered.
        milliseconds: how long it took.
    """

    domain: str
    name: str
    outcome: Outcome
    values: tuple[str, ...] = ()
    milliseconds: int = 0


def challenge_name(domain: str) -> str:
    """The name whose TXT record proves control. Raises `InvalidDomain`."""
    return f"{CHALLENGE}.{ascii_domain(domain)}"


def lookup_challenge(
    domain: str, *, nameservers: tuple[str, ...] = (), lifetime: float = 5.0
) -> DnsAnswer:
    """Look up the challenge of a domain. A truncated answer is asked for again over TCP.

    Args:
        domain: in any script, as somebody typed it.
        nameservers: "host:port" with an IP address, IPv6 in brackets; empty for the system's.
        lifetime: seconds for everything together, retries and TCP included.

    Raises:
        InvalidDomain: before anything is sent.
        ValueError: a name server or lifetime that makes no sense.
    """
    ascii_name = ascii_domain(domain)
    name = f"{CHALLENGE}.{ascii_name}"
    if lifetime <= 0:
        raise ValueError("lifetime must be more than 0 seconds")
    servers = [_nameserver(server) for server in nameservers]
    begun = time.monotonic()
    try:
        outcome, values = _ask(name, _resolver(servers, lifetime), lifetime)
    except (dns.exception.DNSException, OSError) as error:
        outcome, values = _what_happened(error), ()
    took = int((time.monotonic() - begun) * 1000)
    return DnsAnswer(ascii_name, name, outcome, values, took)


def _nameserver(text: str) -> dns.nameserver.Nameserver:
    host, separator, port = text.rpartition(":")
    if not separator or not port.isdigit() or not 0 < int(port) < 65_536:
        raise ValueError(f"a name server is host:port, not {text!r}")
    address = ipaddress.ip_address(host.strip("[]"))
    return dns.nameserver.Do53Nameserver(str(address), int(port))


def _resolver(servers: list[dns.nameserver.Nameserver], lifetime: float) -> dns.resolver.Resolver:
    resolver = dns.resolver.Resolver(configure=not servers)
    if servers:
        resolver.nameservers = servers
    resolver.cache = None
    resolver.timeout = min(2.0, lifetime)
    return resolver


def _ask(
    name: str, resolver: dns.resolver.Resolver, lifetime: float
) -> tuple[Outcome, tuple[str, ...]]:
    absolute = dns.name.from_text(name)
    answer = resolver.resolve(absolute, "TXT", lifetime=lifetime, search=False)
    records = [b"".join(record.strings) for record in answer.rrset or ()]
    if len(records) > MAX_RECORDS or any(len(record) > MAX_VALUE for record in records):
        return Outcome.TOO_LARGE, ()
    return Outcome.ANSWERED, tuple(sorted(r.decode("ascii", "backslashreplace") for r in records))


def _what_happened(error: Exception) -> Outcome:
    match error:
        case dns.resolver.NXDOMAIN():
            return Outcome.NO_NAME
        case dns.resolver.NoAnswer():
            return Outcome.NO_RECORD
        case dns.exception.Timeout():
            return Outcome.TIMEOUT
        case dns.resolver.NoResolverConfiguration():
            return Outcome.NO_RESOLVER
        case dns.resolver.NoNameservers():
            return _of_servers(error)
    return Outcome.NETWORK


def _of_servers(error: dns.resolver.NoNameservers) -> Outcome:
    """What the last server said that said anything."""
    responses = [response for *_, response in error.kwargs.get("errors", ()) if response]
    rcode = responses[-1].rcode() if responses else None
    if rcode == dns.rcode.REFUSED:
        return Outcome.REFUSED
    return Outcome.SERVER_FAILURE if rcode == dns.rcode.SERVFAIL else Outcome.NETWORK
