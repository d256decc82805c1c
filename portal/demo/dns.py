"""A small authoritative DNS server for this machine alone, so that look-ups are real.

TXT records only, over UDP and TCP on loopback (RFC 1035; truncation RFC 2181, 9). Not for a
network: it binds to no other address.
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
import os
import socketserver
import struct
import tempfile
import threading
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.ANY.TXT
import dns.rrset

TTL = 5  # seconds
_STRING = 255  # bytes of one character-string (RFC 1035, 3.3)
_PLAIN_UDP = 512  # bytes of a UDP answer without EDNS (RFC 1035, 4.2.1)
_MOST_UDP = 1232
_TRIES = 20


class Mood(StrEnum):
    """How the responder answers: as it should, or as broken ones do."""

    WELL = "well"
    SERVFAIL = "servfail"
    REFUSED = "refused"
    SILENT = "silent"
    GARBLED = "garbled"


class ZoneFile:
    """TXT records in a JSON file: {"name": ["value", ...]}; one process writes, others read.

    A file that is missing holds nothing. One that cannot be read as JSON of this shape leaves
    what was read before.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._stamp: tuple[int, int, int] | None = None
        self._zone: dict[str, tuple[str, ...]] = {}

    def read(self) -> dict[str, tuple[str, ...]]:
        """The records now; the file is opened only when it changed."""
        with self._lock:
            return dict(self._current())

    def set_txt(self, name: str, *values: str) -> None:
        """Replace a name's records; the file changes whole or not at all."""
        with self._lock:
            self._write({**self._current(), _canonical(name): values})

    def remove(self, name: str) -> None:
        """Forget a name; one that is not there is no error."""
        with self._lock:
            zone = dict(self._current())
            zone.pop(_canonical(name), None)
            self._write(zone)

    def _current(self) -> Mapping[str, tuple[str, ...]]:
        try:
            state = self.path.stat()
        except FileNotFoundError:
            self._stamp, self._zone = None, {}
            return self._zone
        stamp = (state.st_mtime_ns, state.st_size, state.st_ino)
        if stamp != self._stamp:
            with contextlib.suppress(ValueError, TypeError, AttributeError, OSError):
                self._zone = _zone(json.loads(self.path.read_text(encoding="utf-8")))
            self._stamp = stamp
        return self._zone

    def _write(self, zone: Mapping[str, tuple[str, ...]]) -> None:
        text = json.dumps({name: list(values) for name, values in sorted(zone.items())}, indent=2)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text + "\n")
        Path(temporary).replace(self.path)
        self._stamp = None


class DnsResponder:
    """Answers TXT questions from a zone until stopped; usable in a `with` statement.

    Args:
        zone: name -> values, to begin with; not together with `zone_file`.
        zone_file: read again whenever it changes, and written by `set_txt` and `remove`.
        host: a loopback address.
        port: 0 for any that is free for both UDP and TCP.

    Raises:
        ValueError: an address that is not loopback, or both kinds of zone.
    """

    def __init__(
        self,
        zone: Mapping[str, tuple[str, ...] | list[str]] | None = None,
        *,
        zone_file: Path | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        if not ipaddress.ip_address(host).is_loopback:
            raise ValueError(f"the responder serves loopback only, not {host}")
        if zone is not None and zone_file is not None:
            raise ValueError("a zone comes from a mapping or from a file, not from both")
        self.mood = Mood.WELL
        self.asked: dict[str, int] = {"udp": 0, "tcp": 0}
        self._host, self._port = host, port
        self._file = ZoneFile(zone_file) if zone_file else None
        self._zone = _zone(zone or {})
        self._lock = threading.Lock()
        self._servers: list[socketserver.BaseServer] = []
        self._threads: list[threading.Thread] = []

    def start(self) -> tuple[str, int]:
        """Bind and serve; (host, port), the same port for UDP and TCP. OSError if taken."""
        if self._servers:
            raise RuntimeError("the responder has been started already")
        self._servers = self._bind()
        for server in self._servers:
            thread = threading.Thread(
                target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
            )
            thread.start()
            self._threads.append(thread)
        return self._host, self._port

    def stop(self) -> None:
        """Stop serving and close both sockets; a second time does nothing."""
        for server in self._servers:
            server.shutdown()
            server.server_close()
        for thread in self._threads:
            thread.join()
        self._servers, self._threads = [], []

    def __enter__(self) -> DnsResponder:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def address(self) -> str:
        """ "host:port" as `portal.evidence.dns` takes it."""
        return f"[{self._host}]:{self._port}" if ":" in self._host else f"{self._host}:{self._port}"

    def set_txt(self, name: str, *values: str) -> None:
        """Replace a name's TXT records. No value at all leaves a name without records."""
        if self._file:
            self._file.set_txt(name, *values)
            return
        with self._lock:
            self._zone[_canonical(name)] = values

    def remove(self, name: str) -> None:
        """Forget a name, which is answered with NXDOMAIN from now on."""
        if self._file:
            self._file.remove(name)
            return
        with self._lock:
            self._zone.pop(_canonical(name), None)

    def zone(self) -> dict[str, tuple[str, ...]]:
        """A copy of what is served now."""
        if self._file:
            return self._file.read()
        with self._lock:
            return dict(self._zone)

    def _bind(self) -> list[socketserver.BaseServer]:
        """UDP and TCP on one port; a port free for one may be taken for the other."""
        family = 10 if ":" in self._host else 2
        udp_type = type("_Udp", (_Udp,), {"address_family": family})
        tcp_type = type("_Tcp", (_Tcp,), {"address_family": family})
        for attempt in range(_TRIES):
            udp = udp_type((self._host, self._port), _UdpHandler)
            try:
                tcp = tcp_type(udp.server_address[:2], _TcpHandler)
            except OSError:
                udp.server_close()
                if self._port or attempt == _TRIES - 1:
                    raise
                continue
            udp.responder = tcp.responder = self
            self._port = int(udp.server_address[1])
            return [udp, tcp]
        raise OSError("no port is free for both UDP and TCP")

    def answer(self, wire: bytes, *, udp: bool) -> bytes | None:
        """The wire form of the answer to a question, or None for no answer."""
        with self._lock:
            self.asked["udp" if udp else "tcp"] += 1
        if self.mood is Mood.SILENT:
            return None
        try:
            query = dns.message.from_wire(wire)
        except dns.exception.DNSException:
            return None
        if query.flags & dns.flags.QR:
            return None
        if self.mood is Mood.GARBLED:
            return wire[:2] + b"\x80" + os.urandom(9)
        response = self._respond(query)
        return _fit(response, query) if udp else response.to_wire()

    def _respond(self, query: dns.message.Message) -> dns.message.Message:
        response = dns.message.make_response(query)
        response.flags |= dns.flags.AA
        if self.mood in (Mood.SERVFAIL, Mood.REFUSED):
            response.set_rcode(dns.rcode.from_text(self.mood.value))
        elif query.opcode() != dns.opcode.QUERY:
            response.set_rcode(dns.rcode.NOTIMP)
        elif len(query.question) != 1:
            response.set_rcode(dns.rcode.FORMERR)
        else:
            self._look_up(query.question[0], response)
        return response

    def _look_up(self, question: dns.rrset.RRset, response: dns.message.Message) -> None:
        zone = self.zone()
        name = _canonical(question.name.to_text())
        if name not in zone:
            if not any(other.endswith(f".{name}") for other in zone):
                response.set_rcode(dns.rcode.NXDOMAIN)  # else an empty non-terminal (RFC 8020)
            return
        wanted = question.rdtype in (dns.rdatatype.TXT, dns.rdatatype.ANY)
        if wanted and question.rdclass == dns.rdataclass.IN and zone[name]:
            records = [_record(value) for value in zone[name]]
            response.answer.append(dns.rrset.from_rdata(question.name, TTL, *records))


class _Udp(socketserver.ThreadingUDPServer):
    daemon_threads = True
    responder: DnsResponder

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is its own affair."""


class _Tcp(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    responder: DnsResponder

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is its own affair."""


class _UdpHandler(socketserver.BaseRequestHandler):
    server: _Udp

    def handle(self) -> None:
        wire, socket = self.request
        if answer := self.server.responder.answer(wire, udp=True):
            socket.sendto(answer, self.client_address)


class _TcpHandler(socketserver.StreamRequestHandler):
    server: _Tcp
    timeout = 5

    def handle(self) -> None:
        """Questions one after another, each behind its length (RFC 1035, 4.2.2)."""
        while len(head := self.rfile.read(2)) == 2:
            wire = self.rfile.read(struct.unpack("!H", head)[0])
            answer = self.server.responder.answer(wire, udp=False)
            if answer is None:
                return
            self.wfile.write(struct.pack("!H", len(answer)) + answer)


def _fit(response: dns.message.Message, query: dns.message.Message) -> bytes:
    """The answer, or one that says to come back over TCP when it is too big."""
    size = min(max(query.payload, _PLAIN_UDP), _MOST_UDP) if query.edns >= 0 else _PLAIN_UDP
    wire = response.to_wire(max_size=65_535)
    if len(wire) <= size:
        return wire
    short = dns.message.make_response(query)
    short.flags |= dns.flags.AA | dns.flags.TC
    return short.to_wire()


def _record(value: str) -> dns.rdtypes.ANY.TXT.TXT:
    data = value.encode("utf-8")
    strings = [data[at : at + _STRING] for at in range(0, len(data), _STRING)] or [b""]
    return dns.rdtypes.ANY.TXT.TXT(dns.rdataclass.IN, dns.rdatatype.TXT, strings)


def _canonical(name: str) -> str:
    return name.strip().rstrip(".").lower()


def _zone(given: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    for name, values in given.items():
        if isinstance(values, str) or not all(isinstance(v, str) for v in values):
            raise TypeError(f"{name}: values are a list of strings")
    return {_canonical(name): tuple(values) for name, values in given.items()}
