"""`python -m trusted_access keygen`: a key pair for a workload or a service."""

from __future__ import annotations

import json
import sys

from cryptography.hazmat.primitives.asymmetric import ec

from trusted_access.encoding import b64


def main(arguments: list[str]) -> int:
    """Print a fresh private P-256 JWK; with `--public FILE`, write its public half there."""
    if arguments[:1] != ["keygen"] or len(arguments) not in (1, 3):
        sys.stderr.write("usage: python -m trusted_access keygen [--public FILE]\n")
        return 2
    numbers = ec.generate_private_key(ec.SECP256R1()).private_numbers()
    point = numbers.public_numbers
    public = {"kty": "EC", "crv": "P-256", "x": b64(point.x.to_bytes(32)),
              "y": b64(point.y.to_bytes(32))}  # fmt: skip
    if len(arguments) == 3:
        if arguments[1] != "--public":
            sys.stderr.write(f"unknown option {arguments[1]}; --public FILE is known\n")
            return 2
        with open(arguments[2], "w", encoding="utf-8") as file:
            json.dump(public, file)
    sys.stdout.write(json.dumps({**public, "d": b64(numbers.private_value.to_bytes(32))}) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
