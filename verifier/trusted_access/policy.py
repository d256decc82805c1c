"""What a route asks of a token: small objects that compose. An empty policy refuses."""

from __future__ import annotations

from typing import Protocol

from trusted_access.access import Access
from trusted_access.errors import PolicyRefused


class Policy(Protocol):
    """Anything with `check`, which raises PolicyRefused or returns."""

    def check(self, access: Access) -> None: ...


class Scope:
    """The token has every one of these OAuth scopes."""

    def __init__(self, *scopes: str) -> None:
        if not scopes:
            raise ValueError("name the scopes that are asked for")
        self.scopes = scopes

    def check(self, access: Access) -> None:
        missing = [s for s in self.scopes if s not in access.scope]
        if missing:
            raise PolicyRefused(f"the token lacks the scope {' '.join(missing)}", "scope")


class Action:
    """The grant is for this action."""

    def __init__(self, action: str) -> None:
        self.action = action

    def check(self, access: Access) -> None:
        if self.action not in access.actions:
            raise PolicyRefused(f"the grant is not for {self.action}", "action")


class TierAtLeast:
    """The grant's tier is this one or a higher one."""

    def __init__(self, tier: int) -> None:
        self.tier = tier

    def check(self, access: Access) -> None:
        if access.tier < self.tier:
            raise PolicyRefused(f"tier {self.tier} is asked for, the grant has {access.tier}",
                                "tier")  # fmt: skip


class AllOf:
    """Every policy holds; without any, nothing does."""

    def __init__(self, *policies: Policy) -> None:
        self.policies = policies

    def check(self, access: Access) -> None:
        if not self.policies:
            raise PolicyRefused("the policy is empty, so nothing is allowed", "policy_empty")
        for policy in self.policies:
            policy.check(access)


class AnyOf:
    """One policy holds; the refusal is the last one's."""

    def __init__(self, *policies: Policy) -> None:
        self.policies = policies

    def check(self, access: Access) -> None:
        refused = PolicyRefused("the policy is empty, so nothing is allowed", "policy_empty")
        for policy in self.policies:
            try:
                policy.check(access)
            except PolicyRefused as no:
                refused = no
            else:
                return
        raise refused


class UnsafeNoOp:
    """Any verified token will do. The name says what this is: no authorization at all."""

    def check(self, access: Access) -> None:
        return


def require(policy: Policy | None, access: Access) -> None:
    """Check a policy; none at all refuses."""
    if policy is None:
        raise PolicyRefused("no policy was given, so nothing is allowed", "policy_empty")
    policy.check(access)
