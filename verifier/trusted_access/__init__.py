"""Verify access tokens of a Trusted Access Portal.

verifier = Verifier(issuer="https://portal.example", audience="https://api.example")
access = verifier.verify(token, proof=dpop, request=("POST", url), policy=Scope("code:review"))
"""

from trusted_access.access import Access
from trusted_access.client import TokenClient, TokenRefused
from trusted_access.errors import (
    Expired,
    Inactive,
    IntrospectionUnavailable,
    KeysUnavailable,
    PolicyRefused,
    ProofInvalid,
    SignatureInvalid,
    TokenInvalid,
    TokenMalformed,
    VerificationError,
    WrongAudience,
)
from trusted_access.introspection import Introspector
from trusted_access.policy import Action, AllOf, AnyOf, Policy, Scope, TierAtLeast, UnsafeNoOp
from trusted_access.replay import MemoryReplayStore, ReplayStore
from trusted_access.verifier import Verifier

__all__ = [
    "Access", "Action", "AllOf", "AnyOf", "Expired", "Inactive", "IntrospectionUnavailable",
    "Introspector", "KeysUnavailable", "MemoryReplayStore", "Policy", "PolicyRefused",
    "ProofInvalid", "ReplayStore", "Scope", "SignatureInvalid", "TierAtLeast", "TokenClient",
    "TokenInvalid", "TokenMalformed", "TokenRefused", "UnsafeNoOp", "VerificationError",
    "Verifier", "WrongAudience",
]  # fmt: skip
