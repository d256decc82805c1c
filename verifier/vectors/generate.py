"""Writes the vectors: `python vectors/generate.py`. Keys, times and claims are fixed; ECDSA
signatures differ at each run, so that files are compared by name, claims and what is expected."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from trusted_access.encoding import b64
from trusted_access.keys import SigningKey, load_private, thumbprint

HERE = Path(__file__).parent
NOW = 1_800_000_000
ISSUER, AUDIENCE = "https://portal.example", "https://api.example"
URL = f"{AUDIENCE}/v1/analyze"


def _scalar(n: int) -> str:
    return b64(n.to_bytes(32))


def _ec(n: int) -> SigningKey:
    return load_private({"kty": "EC", "crv": "P-256", "d": _scalar(n), "x": "", "y": ""})


ISSUER_KEY, OTHER_KEY, CLIENT_KEY, THIEF_KEY = _ec(1001), _ec(1002), _ec(1003), _ec(1004)
ED_KEY = load_private({"kty": "OKP", "crv": "Ed25519", "d": _scalar(2001)})
KID, ED_KID = thumbprint(ISSUER_KEY.public), thumbprint(ED_KEY.public)
JWKS = {
    "keys": [
        {**ISSUER_KEY.public, "kid": KID, "alg": "ES256", "use": "sig"},
        {**ED_KEY.public, "kid": ED_KID, "alg": "EdDSA", "use": "sig"},
    ]
}
GONE: Any = object()


def claims(**changes: Any) -> dict[str, Any]:
    """A good token's claims with changes; GONE takes a claim away."""
    whole: dict[str, Any] = {
        "iss": ISSUER,
        "sub": "cred_1",
        "client_id": "cred_1",
        "org": "org_1",
        "aud": AUDIENCE,
        "iat": NOW - 10,
        "exp": NOW + 290,
        "jti": "t-1",
        "scope": "malware:analyze code:review",
        "authorization_details": [
            {
                "type": "trusted_access",
                "locations": [AUDIENCE],
                "actions": ["malware_analysis"],
                "tier": 2,
                "grant_id": "gr_1",
                "grant_version": 7,
            }
        ],
        "cnf": {"jkt": thumbprint(CLIENT_KEY.public)},
    }
    return {k: v for k, v in {**whole, **changes}.items() if v is not GONE}


def token(
    *, header: dict[str, Any] | None = None, key: SigningKey = ISSUER_KEY, **changes: Any
) -> str:
    """A token of the issuer, with anything about it changed."""
    whole = {"typ": "at+jwt", "kid": KID, **(header or {})}
    return key.jws({k: v for k, v in whole.items() if v is not GONE}, claims(**changes))


def proof(
    of: str,
    *,
    header: dict[str, Any] | None = None,
    key: SigningKey = CLIENT_KEY,
    **changes: Any,
) -> str:
    """A proof for `of`, with anything about it changed."""
    whole: dict[str, Any] = {
        "jti": "p-1",
        "htm": "POST",
        "htu": URL,
        "iat": NOW - 1,
        "ath": b64(hashlib.sha256(of.encode()).digest()),
    }
    kept = {k: v for k, v in {**whole, **changes}.items() if v is not GONE}
    heads = {"typ": "dpop+jwt", "jwk": key.public, **(header or {})}
    return key.jws({k: v for k, v in heads.items() if v is not GONE}, kept)


def _raw(header: str, body: str, key: SigningKey = ISSUER_KEY) -> str:
    """A token of texts that no JSON library would write."""
    signed = f"{b64(header.encode())}.{b64(body.encode())}"
    return f"{signed}.{b64(key.sign(signed.encode()))}"


def _case(
    name: str, expect: str, why: str, made: str, with_proof: str | None = None, **more: Any
) -> dict[str, Any]:
    given: dict[str, Any] = {
        "name": name,
        "token": made,
        "request": ["POST", URL],
        "policy": {"scope": "malware:analyze"},
        "expect": expect,
        "why": why,
        **more,
    }
    if with_proof is not None:
        given["proof"] = with_proof
    return given


def shape() -> list[dict[str, Any]]:
    good = token()
    head, body, signature = good.split(".")
    whole = json.dumps({"typ": "at+jwt", "kid": KID, "alg": "ES256"})
    twice = '{"aud":"https://evil.example",' + json.dumps(claims())[1:]
    deep = '{"a":' + "[" * 2000 + "]" * 2000 + "}"
    texts = [
        ("too long", "too_long", "over 8 KiB, refused before parsing", "a" * 8193),
        ("empty", "malformed", "nothing at all", ""),
        ("two parts", "malformed", "not three parts", f"{head}.{body}"),
        ("four parts", "malformed", "not three parts", f"{good}.{signature}"),
        ("padding", "malformed", "base64url has no padding", f"{head}.{body}=.{signature}"),
        ("plus sign", "malformed", "base64, not base64url", f"{head}.+{body[1:]}.{signature}"),
        ("white space", "malformed", "white space inside", f"{head} .{body}.{signature}"),
        ("empty signature", "malformed", "the third part is empty", f"{head}.{body}."),
        ("header not JSON", "malformed", "", _raw("typ=at+jwt", json.dumps(claims()))),
        ("header a list", "malformed", "", _raw('["at+jwt"]', json.dumps(claims()))),
        ("claims a list", "malformed", "", _raw(whole, "[]")),
        ("claims a number", "malformed", "", _raw(whole, "7")),
        ("duplicate member", "malformed", "two parsers, two audiences", _raw(whole, twice)),
        ("duplicate in header", "malformed", "",
         _raw('{"alg":"none",' + whole[1:], json.dumps(claims()))),
        ("deep nesting", "malformed", "", _raw(whole, deep)),
        ("NaN", "malformed", "not JSON", _raw(whole, json.dumps(claims()).replace("7", "NaN", 1))),
    ]  # fmt: skip
    return [_case(n, e, w, t, proof(t)) for n, e, w, t in texts]


def header() -> list[dict[str, Any]]:
    changes: list[tuple[str, str, str, dict[str, Any]]] = [
        ("typ JWT", "typ", "an ID token or assertion is no access token", {"typ": "JWT"}),
        ("no typ", "typ", "RFC 9068 section 4", {"typ": GONE}),
        ("long typ", "ok", "application/at+jwt is the same", {"typ": "application/at+jwt"}),
        ("no kid", "kid", "", {"kid": GONE}),
        ("kid a number", "kid", "", {"kid": 7}),
        ("unknown kid", "unknown_key", "", {"kid": "nobody"}),
        ("crit", "crit", "an extension that is not known", {"crit": ["b64"], "b64": False}),
        ("jwk", "header", "the attacker's own key", {"jwk": THIEF_KEY.public}),
        ("jku", "header", "the attacker's own key set", {"jku": "https://evil.example/jwks"}),
        ("x5u", "header", "", {"x5u": "https://evil.example/cert"}),
        ("x5c", "header", "", {"x5c": ["AAAA"]}),
    ]
    out = []
    for name, expect, why, change in changes:
        made = token(header=change)
        out.append(_case(name, expect, why, made, proof(made)))
    return out


def signature() -> list[dict[str, Any]]:
    good = token()
    head, body, sig = good.split(".")
    swapped = token(sub="cred_2").split(".")[1]
    unsigned = {"typ": "at+jwt", "kid": KID}
    none = b64(json.dumps({**unsigned, "alg": "none"}).encode())
    hs = b64(json.dumps({**unsigned, "alg": "HS256"}).encode())
    mac = b64(hashlib.sha256(f"{hs}.{body}".encode()).digest())
    ed = token(key=ED_KEY, header={"kid": ED_KID})
    ed_wrong_kid = token(key=ED_KEY)
    texts = [
        ("other key", "signature", "signed by a key that is not the issuer's",
         token(key=OTHER_KEY)),
        ("changed claims", "signature", "the claims of another token", f"{head}.{swapped}.{sig}"),
        ("zero signature", "signature", "r = s = 0", f"{head}.{body}.{b64(bytes(64))}"),
        ("DER signature", "signature", "JWS wants r and s side by side",
         f"{head}.{body}.{b64(bytes(70))}"),
        ("alg none", "alg", "", f"{none}.{body}.{sig}"),
        ("alg HS256", "alg", "a MAC with the public key", f"{hs}.{body}.{mac}"),
        ("alg ES384", "alg", "not the key's algorithm", token(header={"alg": "ES384"})),
        ("EdDSA", "ok", "the issuer's Ed25519 key", ed),
        ("EdDSA under the EC key", "alg", "kid of one key, algorithm of another", ed_wrong_kid),
    ]  # fmt: skip
    return [_case(n, e, w, t, proof(t)) for n, e, w, t in texts]


def claim_cases() -> list[dict[str, Any]]:
    detail = claims()["authorization_details"][0]
    elsewhere = {**detail, "locations": ["https://other.example"]}
    changes: list[tuple[str, str, str, dict[str, Any]]] = [
        ("good", "ok", "", {}),
        *((f"no {n}", "claim_missing", "", {n: GONE}) for n in
          ("iss", "sub", "client_id", "aud", "iat", "exp", "jti", "scope")),
        ("aud a list", "claim_kind", "the issuer mints one audience", {"aud": [AUDIENCE]}),
        ("aud other", "wrong_audience", "", {"aud": "https://other.example"}),
        ("aud with slash", "wrong_audience", "compared to the letter", {"aud": AUDIENCE + "/"}),
        ("iss other", "issuer", "", {"iss": "https://evil.example"}),
        ("iss with slash", "issuer", "compared to the letter", {"iss": ISSUER + "/"}),
        ("expired", "expired", "beyond the leeway", {"exp": NOW - 31}),
        ("expired within leeway", "ok", "30 seconds are allowed", {"exp": NOW - 29}),
        ("iat ahead", "not_yet", "", {"iat": NOW + 31}),
        ("iat ahead within leeway", "ok", "", {"iat": NOW + 29}),
        ("nbf ahead", "not_yet", "", {"nbf": NOW + 31}),
        ("nbf past", "ok", "", {"nbf": NOW - 5}),
        ("exp a text", "claim_kind", "", {"exp": str(NOW + 100)}),
        ("exp a boolean", "claim_kind", "", {"exp": True}),
        ("exp a fraction", "claim_kind", "the issuer mints whole seconds", {"exp": NOW + 0.5}),
        ("exp negative", "claim_kind", "", {"exp": -1}),
        ("exp enormous", "claim_kind", "", {"exp": 1 << 60}),
        ("scope a list", "claim_kind", "RFC 8693 section 4.2: a text", {"scope": ["a"]}),
        ("sub empty", "claim_kind", "", {"sub": ""}),
        ("unknown claim", "claim_unknown", "it could be a condition", {"only_on_sundays": True}),
        ("details no list", "claim_kind", "", {"authorization_details": {}}),
        ("details of texts", "claim_kind", "", {"authorization_details": ["x"]}),
        ("details other type", "details", "", {"authorization_details": [{**detail, "type": "x"}]}),
        ("details elsewhere", "details", "for another service",
         {"authorization_details": [elsewhere]}),
        ("details without tier", "details", "",
         {"authorization_details": [{k: v for k, v in detail.items() if k != "tier"}]}),
        ("no details", "ok", "a service's own token has none", {"authorization_details": GONE}),
        ("act", "ok", "delegation is accounted for", {"act": {"sub": "agent_1"}}),
        ("act a text", "claim_kind", "", {"act": "agent_1"}),
        ("cnf a text", "claim_kind", "", {"cnf": "x"}),
    ]  # fmt: skip
    out = []
    for name, expect, why, change in changes:
        made = token(**change)
        out.append(_case(name, expect, why, made, proof(made)))
    return out


def binding() -> list[dict[str, Any]]:
    good = token()
    unbound = token(cnf=GONE)
    other = token(jti="t-2")
    private = {**CLIENT_KEY.public, "d": _scalar(1003)}
    p: Callable[..., str] = proof
    made = [
        ("bound, with proof", "ok", "", good, p(good)),
        ("bound, plain Bearer", "proof_missing", "whoever stole it has no proof", good, None),
        ("unbound", "unbound", "accepted only where the service says so", unbound, None),
        ("unbound with a proof", "unbound", "a proof binds nothing by itself", unbound,
         p(unbound)),
        ("empty cnf", "unbound", "", token(cnf={}), None),
        ("thief's key", "proof", "a proof by another key", good, p(good, key=THIEF_KEY)),
        ("thief's signature", "proof", "the right key in the header, signed by another", good,
         p(good, key=THIEF_KEY, header={"jwk": CLIENT_KEY.public})),
        ("proof of another token", "proof", "ath", good, p(other)),
        ("no ath", "proof", "", good, p(good, ath=GONE)),
        ("other method", "proof", "htm", good, p(good, htm="GET")),
        ("method in lower case", "proof", "methods are case-sensitive", good, p(good, htm="post")),
        ("other path", "proof", "htu", good, p(good, htu=f"{AUDIENCE}/v1/other")),
        ("other host", "proof", "htu", good, p(good, htu="https://evil.example/v1/analyze")),
        ("other scheme", "proof", "htu", good, p(good, htu=URL.replace("https", "http"))),
        ("default port", "ok", "the same place", good,
         p(good, htu="https://api.example:443/v1/analyze")),
        ("host in capitals", "ok", "the same place", good,
         p(good, htu="https://API.example/v1/analyze")),
        ("with a query", "ok", "they do not count", good, p(good, htu=f"{URL}?a=b#c")),
        ("htu no URL", "proof", "", good, p(good, htu="x")),
        ("old", "proof", "beyond the window", good, p(good, iat=NOW - 91)),
        ("old within leeway", "ok", "", good, p(good, iat=NOW - 89)),
        ("from the future", "proof", "", good, p(good, iat=NOW + 31)),
        ("no iat", "proof", "", good, p(good, iat=GONE)),
        ("iat a text", "proof", "", good, p(good, iat=str(NOW))),
        ("no jti", "proof", "", good, p(good, jti=GONE)),
        ("jti too long", "proof", "", good, p(good, jti="x" * 257)),
        ("typ JWT", "proof", "an assertion is no proof", good, p(good, header={"typ": "JWT"})),
        ("no jwk", "proof", "", good, p(good, header={"jwk": GONE})),
        ("private jwk", "proof", "a private key in the header", good,
         p(good, header={"jwk": private})),
        ("alg none", "proof", "", good, p(good, header={"alg": "none"})),
        ("alg of another kind", "proof", "", good, p(good, header={"alg": "ES384"})),
        ("garbage", "proof", "", good, "x.y.z"),
        ("too long", "proof", "", good, "a" * 8193),
    ]  # fmt: skip
    return [_case(n, e, w, t, q) for n, e, w, t, q in made]


def policies() -> list[dict[str, Any]]:
    good = token()
    asked: list[tuple[str, str, str, Any]] = [
        ("scope held", "ok", "", {"scope": "code:review"}),
        ("scope not held", "scope", "", {"scope": "vuln:research"}),
        ("part of a scope", "scope", "compared whole", {"scope": "code"}),
        ("action held", "ok", "", {"action": "malware_analysis"}),
        ("action not held", "action", "", {"action": "red_team"}),
        ("tier reached", "ok", "", {"tier": 2}),
        ("tier not reached", "tier", "", {"tier": 3}),
        ("none", "policy_empty", "no policy allows nothing", None),
        ("empty all", "policy_empty", "an empty policy allows nothing", {"all": []}),
        ("empty any", "policy_empty", "an empty policy allows nothing", {"any": []}),
        ("all of two", "ok", "", {"all": [{"scope": "code:review"}, {"tier": 1}]}),
        ("all of two, one fails", "tier", "", {"all": [{"scope": "code:review"}, {"tier": 3}]}),
        ("any of two", "ok", "", {"any": [{"tier": 3}, {"scope": "code:review"}]}),
        ("any of two, none holds", "scope", "", {"any": [{"tier": 3}, {"scope": "x:y"}]}),
    ]
    return [_case(n, e, w, good, proof(good), policy=asks) for n, e, w, asks in asked]


GROUPS: dict[str, Callable[[], list[dict[str, Any]]]] = {
    "shape": shape,
    "header": header,
    "signature": signature,
    "claims": claim_cases,
    "binding": binding,
    "policy": policies,
}


def main() -> None:
    for name, make in GROUPS.items():
        whole = {"issuer": ISSUER, "audience": AUDIENCE, "now": NOW, "jwks": JWKS, "cases": make()}
        (HERE / f"{name}.json").write_text(json.dumps(whole, indent=1) + "\n")


if __name__ == "__main__":
    main()
