"""Names made comparable, and how alike two of them are.

Only likeness is told here, per mille; what it weighs is said in
`workflows.checks.sanctions_name`. The steps follow what screening lists themselves advise:
one script, one case, no legal form, words in any order, and room for spelling.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from anyascii import anyascii
from rapidfuzz.distance import OSA

SAME = 1000  # per mille
MAX_NAME = 500  # characters of a name that are read; OFAC's own limit is 350
MAX_WORDS = 24

_RESPELLED = 970  # two romanizations of one word
_CONTAINED = 760  # every word of the shorter name, and at least two that say something
_INITIAL = 600  # "J" for "Juan"
_GENERIC_WEIGHT = 0.25

# Legal forms as they look once transliterated; longest first, whole words only.
_LEGAL_FORMS = tuple(
    tuple(form.split())
    for form in sorted(
        """
        obshchestvo s ogranichennoy otvetstvennostyu|tovarystvo z obmezhenoyu vidpovidalnistyu
        publichnoe aktsionernoe obshchestvo|otkrytoe aktsionernoe obshchestvo
        zakrytoe aktsionernoe obshchestvo|nepublichnoe aktsionernoe obshchestvo
        aktsionernoe obshchestvo|public joint stock company|open joint stock company
        closed joint stock company|private joint stock company|joint stock company
        limited liability company|limited liability partnership|public limited company
        private limited|company limited|free zone company|free zone establishment
        sociedad anonima|sociedad de responsabilidad limitada|sociedade anonima
        societe anonyme|societe a responsabilite limitee|gesellschaft mit beschrankter haftung
        aktiengesellschaft|kabushiki kaisha|kabushiki gaisha|godo kaisha|gmbh co kg|co ltd
        sp z o o|sp z oo|spolka akcyjna|sdn bhd|s de rl de cv|sa de cv|pte ltd|pvt ltd|fz llc
        zhu shi hui she|you xian gong si|gu fen you xian gong si|you xian ze ren gong si
        gong si|youxian gongsi|gufen youxian gongsi|youxian zeren gongsi|gongsi
        he tong hui she|ju sik hoe sa|anonim sirketi|limited sirketi
        ooo|oao|zao|pao|ao|nao|tov|too|pat|prat|llc|llp|ltd|limited|ltda|inc|incorporated|corp
        corporation|co|company|plc|lp|gmbh|mbh|ag|kg|kgaa|ohg|ug|ev|sa|sas|sarl|sl|slu|spa|srl|snc
        bv|nv|vof|oy|oyj|ab|as|asa|aps|kft|zrt|nyrt|doo|dd|ood|eood|ad|ead|sia|uab|sro|pte|pty|pvt
        kk|bhd|tbk|jsc|ojsc|cjsc|pjsc|pjs|fze|fzco|fzc|fzllc|wll|saog|eurl|eirl|gie|cv|rl|ae|epe
        """.replace("\n", "|").split("|"),
        key=lambda form: -len(form.split()),
    )
    if form.strip()
)
_FORMS_BY_FIRST: dict[str, list[tuple[str, ...]]] = {}
for _form in _LEGAL_FORMS:
    _FORMS_BY_FIRST.setdefault(_form[0], []).append(_form)

# Words that many organizations share: they count, but little.
_GENERIC = frozenset(
    [
        "agency",
        "association",
        "bank",
        "bureau",
        "center",
        "centre",
        "commercial",
        "consulting",
        "design",
        "development",
        "electronics",
        "engineering",
        "enterprise",
        "enterprises",
        "establishment",
        "export",
        "federal",
        "finance",
        "financial",
        "foundation",
        "general",
        "global",
        "group",
        "holding",
        "holdings",
        "import",
        "industrial",
        "industries",
        "industry",
        "information",
        "institute",
        "international",
        "investment",
        "investments",
        "lab",
        "laboratory",
        "laboratories",
        "labs",
        "logistics",
        "management",
        "marine",
        "maritime",
        "national",
        "network",
        "networks",
        "office",
        "organization",
        "partners",
        "production",
        "products",
        "research",
        "scientific",
        "security",
        "cyber",
        "service",
        "services",
        "shipping",
        "software",
        "solutions",
        "state",
        "system",
        "systems",
        "technical",
        "technologies",
        "technology",
        "tech",
        "trade",
        "trading",
        "transport",
        "union",
        "university",
        "works",
        "gruppa",
        "gruppe",
        "grupo",
        "groupe",
        "kompaniya",
        "kompania",
        "tsentr",
        "nauchno",
        "issledovatelskiy",
        "institut",
        "tekhnologii",
        "torgovyy",
        "dom",
        "zavod",
        "bezopasnost",
        "kiberbezopasnost",
    ]
)
_EMPTY = frozenset(
    [
        "the",
        "and",
        "of",
        "for",
        "y",
        "und",
        "et",
        "i",
        "de",
        "del",
        "la",
        "le",
        "der",
        "die",
        "das",
        "al",
        "el",
        "a",
        "an",
        "und",
    ]
)
_HONORIFICS = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "dr",
        "prof",
        "sheikh",
        "shaykh",
        "haji",
        "hajji",
        "sir",
        "general",
        "col",
        "colonel",
    ]
)

_APOSTROPHES = re.compile("[\u0027\u0060\u00b4\u2018\u2019\u02bb\u02bc\u02bf\u2032]")
_SPELLED_OUT = re.compile(r"\b(\w)\.(?=\w\b)")  # the dot of "S.A", "U.M.V"
_NOT_WORD = re.compile(r"[^0-9a-z]+")
_FROM_IDEOGRAPHS = re.compile(r"(?=[A-Z])")  # only syllabic scripts come out with capitals
_DIGITS = re.compile(r"\d+")
_LETTERS_AND_DIGITS = re.compile(r"(?<=[a-z])(?=\d)|(?<=\d)(?=[a-z])")

# One spelling for what romanizations spell in many ways; applied in order.
_RESPELLINGS = tuple(
    (re.compile(pattern), to)
    for pattern, to in (
        (r"^(?:al|el)(?=[a-z]{5})", ""),  # the Arabic article, written on
        (r"shch|sch|tch|tsch", "sh"),
        (r"dzh|dj", "j"),
        (r"zh", "j"),
        (r"kh|gh", "h"),
        (r"ch", "c"),
        (r"tz|ts", "c"),
        (r"ph", "f"),
        (r"ck|q|c(?=[aou])", "k"),
        (r"x", "ks"),
        (r"w", "v"),
        (r"ou|oo", "u"),
        (r"ae|oe|ue", lambda m: {"ae": "a", "oe": "o", "ue": "u"}[m.group()]),
        (r"(?<![a-z])ye|(?<=[aeiouy])ye", "e"),
        (r"(?<![a-z])yo", "e"),
        (r"(?<=[bcdfghjklmnprstvz])ye", "e"),
        (r"yo|io", "e"),
        (r"(?:iy|yy|ii|ij|yi|ey|ei|ay|ai)$", "i"),
        (r"iu|ju(?=r)", "yu"),
        (r"ia|ja(?=$)", "ya"),
        (r"y", "i"),
        (r"(.)\1+", r"\1"),
    )
)


@dataclass(frozen=True, slots=True)
class Name:
    """A name made comparable.

    Attributes:
        text: as it was written.
        words: in ASCII, lower case, without legal form or honorific, in the order written.
        skeletons: each word with its romanization levelled; as many as `words`.
        key: the skeletons sorted and joined by a space: what an index is searched by.
        numbers: the digit groups in the name.
    """

    text: str
    words: tuple[str, ...]
    skeletons: tuple[str, ...]
    key: str
    numbers: frozenset[str]

    @property
    def unspaced(self) -> str:
        """All words as one, its romanization levelled: what is left when spacing is chance."""
        return skeleton("".join(self.words))

    @property
    def syllabic(self) -> bool:
        """True for names whose words are syllables, as those from Chinese or Korean script."""
        return len(self.words) > 1 and sum(map(len, self.words)) < 4 * len(self.words)

    def __bool__(self) -> bool:
        """False when nothing is left to compare."""
        return bool(self.words)


def latin(text: str) -> str:
    """NFKC, case-folded, then ASCII by anyascii, one space between words.

    Syllables of Chinese, Japanese and Korean come out as words of their own.
    """
    folded = unicodedata.normalize("NFKC", text[:MAX_NAME]).casefold()
    folded = _APOSTROPHES.sub("", folded)
    spread = _FROM_IDEOGRAPHS.sub(" ", anyascii(folded)).casefold()
    spread = _APOSTROPHES.sub("", spread).replace("&", " and ")
    spread = _SPELLED_OUT.sub(r"\1", spread)
    return " ".join(_NOT_WORD.sub(" ", spread).split())


@lru_cache(maxsize=65_536)
def skeleton(word: str) -> str:
    """One spelling for a word's many romanizations: "yevgeniy" and "evgeny" give the same."""
    for pattern, to in _RESPELLINGS:
        word = pattern.sub(to, word)
    return word


def comparable(text: str, *, person: bool = False) -> Name:
    """Make a name comparable. Legal forms go, or for a person honorifics, unless all would."""
    words = latin(text).split()[:MAX_WORDS]
    spread = [part for word in words for part in _LETTERS_AND_DIGITS.split(word)]
    kept = [w for w in spread if w not in _HONORIFICS] if person else _without_forms(spread)
    kept = [w for w in kept if w not in _EMPTY] or kept or spread
    bare = tuple(skeleton(word) for word in kept)
    return Name(
        text=text,
        words=tuple(kept),
        skeletons=bare,
        key=" ".join(sorted(bare)),
        numbers=frozenset(n.lstrip("0") or "0" for w in kept for n in _DIGITS.findall(w)),
    )


def _without_forms(words: list[str]) -> list[str]:
    kept: list[str] = []
    at = 0
    while at < len(words):
        length = next(
            (
                len(form)
                for form in _FORMS_BY_FIRST.get(words[at], ())
                if tuple(words[at : at + len(form)]) == form
            ),
            0,
        )
        if not length:
            kept.append(words[at])
        at += length or 1
    return kept


def alike(one: Name, other: Name) -> int:
    """How alike two names are, per mille; 1000 for the same words in any order.

    The best of: their words paired off, each as alike as it is; all words of the shorter
    name found in the longer; both written without spaces. Words that say little count little.
    """
    if not one or not other:
        return 0
    if sorted(one.words) == sorted(other.words):
        return SAME
    paired, contained = _pair_off(one, other)
    return max(paired, contained, _unspaced(one, other))


def numbers_differ(one: Name, other: Name) -> bool:
    """Both names have numbers, and not the same ones."""
    return bool(one.numbers and other.numbers and one.numbers != other.numbers)


def _weight(word: str) -> float:
    return _GENERIC_WEIGHT if word in _GENERIC or len(word) == 1 else 1.0


def _pair_off(one: Name, other: Name) -> tuple[int, int]:
    """(likeness of all words paired, likeness if the shorter is contained), greedily."""
    pairs = sorted(
        (
            (_words_alike(a, sa, b, sb), i, j)
            for i, (a, sa) in enumerate(zip(one.words, one.skeletons, strict=True))
            for j, (b, sb) in enumerate(zip(other.words, other.skeletons, strict=True))
        ),
        reverse=True,
    )
    left, right = [_weight(w) for w in one.words], [_weight(w) for w in other.words]
    used_left: set[int] = set()
    used_right: set[int] = set()
    shared, found, telling = 0.0, [], 0
    for likeness, i, j in pairs:
        if not likeness:
            break
        if i in used_left or j in used_right:
            continue
        used_left.add(i)
        used_right.add(j)
        shared += likeness * (left[i] + right[j])
        found.append(likeness)
        telling += left[i] == right[j] == 1.0
    paired = int(shared / (sum(left) + sum(right)))
    whole = len(found) == min(len(left), len(right)) and telling >= 2
    return paired, int(_CONTAINED * min(found) / SAME) if whole else 0


def _words_alike(a: str, bare_a: str, b: str, bare_b: str) -> int:
    if a == b:
        return SAME
    if a.isdigit() or b.isdigit():
        return 0
    if bare_a == bare_b:
        return _RESPELLED
    if len(a) == 1 or len(b) == 1:
        return _INITIAL if a[0] == b[0] else 0
    return max(_edited(a, b), _edited(bare_a, bare_b) * _RESPELLED // SAME)


def _edited(a: str, b: str) -> int:
    """Likeness within a budget of one edit for each five letters of the longer, else 0."""
    longest = max(len(a), len(b))
    budget = longest // 5 if min(len(a), len(b)) > 3 else 0
    if not budget or abs(len(a) - len(b)) > budget:
        return 0
    edits = OSA.distance(a, b, score_cutoff=budget)
    return 0 if edits > budget else SAME * (longest - edits) // longest


def _unspaced(one: Name, other: Name) -> int:
    a, b = one.unspaced, other.unspaced
    if min(len(a), len(b)) < 5 or (len(one.words) == len(other.words)):
        return 0
    if a == b:
        return _RESPELLED
    return _edited(a, b) * _RESPELLED // SAME if len(a) > 9 else 0
