"""One difference between two texts: what each side says there that the other does not."""

from typing import Final, NamedTuple

from tasks.match.align import Hunk
from tasks.match.lexicon import Kind, load_lexicon, word_key
from tasks.match.numerals import NUMBER_WORDS
from tasks.match.scan import SENTENCE_END
from tasks.match.spelling import find_expansion, find_swap, is_typo, looks_short
from tasks.match.tokens import Tokens

NEGATIONS: Final = frozenset(
    key for keys, phrase in load_lexicon().phrases.items() if phrase.kind is Kind.NEGATION for key in keys[:1]
)
# Particles that tell who does what to whom.
ROLE_MARKS: Final = frozenset(
    map(word_key, ("được", "bởi", "do", "cho", "với", "của", "từ", "đến", "tới", "vì", "theo"))
)
PASSIVE_MARKS: Final = frozenset(map(word_key, ("được", "bởi")))
CONTRASTS: Final = frozenset(map(word_key, ("nhưng", "song", "mà")))
# How many tokens away a word said twice may stand: the length of a short coordination.
REPEAT_REACH = 5
# A slip is looked for where so few words differ; a word more and it is a rewording.
MAX_SWAPPED_WORDS = 4
MAX_DENIED_WORDS = 6
MAX_STAND_IN_WORDS = 2
# In a difference of whole sentences a word farther off is said of something else.
MAX_STRAYED_WORDS = 12
# Names, figures and dates are told beside a marker, not in its place.
STATED_BESIDE: Final = frozenset({Kind.NAME, Kind.NUMBER, Kind.DATE, Kind.TIME})


class Loss(NamedTuple):
    """What a hunk takes away.

    Attributes:
        left: Tokens of a that b has nothing for.
        right: Tokens of b that a has nothing for.
        kind: What the difference is called.
        conflict: Why the two sides exclude each other although neither lacks anything; else "".
    """

    left: list[int]
    right: list[int]
    kind: str
    conflict: str


class HunkJudge:
    """Judges the hunks of one pair; `in_context` says that a long passage is the same around them."""

    def __init__(self, a: Tokens, b: Tokens, *, in_context: bool) -> None:
        self.a, self.b = a, b
        self.is_strict = a.is_strict or b.is_strict
        self.in_context = in_context

    def content(self, text: Tokens, start: int, end: int) -> list[int]:
        """The tokens that state something; in a language whose words we do not know, all of them."""
        return [n for n in range(start, end) if self.is_strict or text.kinds[n] is not Kind.FREE]

    def judge(self, hunk: Hunk) -> Loss:
        """What each side of a hunk has that the other lacks."""
        a, b = self.a, self.b
        left = self.content(a, hunk.a_start, hunk.a_end)
        right = self.content(b, hunk.b_start, hunk.b_end)
        kind = conflict = ""
        is_cut = _is_cut_here(a, hunk.a_end) or _is_cut_here(b, hunk.b_end)
        if hunk.a_end > hunk.a_start and hunk.b_end > hunk.b_start:
            left, right, kind = self._pair_up(hunk, left, right)
            conflict = (
                "" if kind or is_cut else self._find_conflict(hunk) or self._find_stand_in(hunk, left, right)
            )
        if is_cut:
            left, right = self._drop_cut(hunk, left, right)
        if not self.is_strict:
            left, right = _drop_generic(a, left, b, right), _drop_generic(b, right, a, left)
            if not (left and right):
                left = _drop_said_again(a, left, b, hunk.b_start, hunk.b_end)
                right = _drop_said_again(b, right, a, hunk.a_start, hunk.a_end)
        return Loss(left, right, self._name(hunk, left, right, kind), conflict)

    def _pair_up(self, hunk: Hunk, left: list[int], right: list[int]) -> tuple[list[int], list[int], str]:
        """Drop what both sides say in other letters."""
        a, b = self.a, self.b
        if self._is_respaced(hunk) or self._is_slip(hunk):
            return [], [], "spelling"
        if self.is_swapped(hunk):
            return [], [], "order"
        kind = ""
        for n in tuple(left):
            for m in right:
                if (a.keys[n] == b.keys[m] and self._may_stray(hunk, n, m)) or self._is_misspelt(n, m):
                    kind = kind or ("spelling" if a.keys[n] != b.keys[m] else "order")
                    left.remove(n)
                    right.remove(m)
                    break
        for is_a, short, other in ((True, left, right), (False, right, left)):
            if self._drop_expansions(hunk, short, other, is_a=is_a):
                kind = kind or "abbreviation"
        return left, right, kind

    def _may_stray(self, hunk: Hunk, n: int, m: int) -> bool:
        """Whether a token may stand elsewhere within a hunk: a word, or the only name where no particle marks roles."""
        a, b = self.a, self.b
        kinds = (a.kinds[n], b.kinds[m])
        if kinds != (Kind.NAME, Kind.NAME):
            shifts = (n - hunk.a_start - m + hunk.b_start, hunk.a_end - n - hunk.b_end + m)
            return kinds == (Kind.CONTENT, Kind.CONTENT) and min(map(abs, shifts)) <= MAX_STRAYED_WORDS
        here = a.kinds[hunk.a_start : hunk.a_end] + b.kinds[hunk.b_start : hunk.b_end]
        keys = a.keys[hunk.a_start : hunk.a_end] + b.keys[hunk.b_start : hunk.b_end]
        return here.count(Kind.NAME) == 2 and ROLE_MARKS.isdisjoint(keys)

    def _is_respaced(self, hunk: Hunk) -> bool:
        """The same letters with a space more or less; figures may not run together."""
        written_a, written_b = ("".join(words).casefold() for words in self._words(hunk))
        return written_a == written_b and not any(map(str.isdigit, written_a))

    def is_swapped(self, hunk: Hunk) -> bool:
        """Two neighbouring plain words in another order: a slip, or a free choice."""
        if not self._is_small(hunk):
            return False
        words_a, words_b = self._words(hunk)
        place = find_swap([word.casefold() for word in words_a], [word.casefold() for word in words_b])
        if place is None:
            return False
        moved_a, moved_b = words_a[place : place + 2], words_b[place : place + 2]
        return all(_is_plain(w, self.a) for w in moved_a) and all(_is_plain(w, self.b) for w in moved_b)

    def _is_small(self, hunk: Hunk) -> bool:
        size = max(hunk.a_end - hunk.a_start, hunk.b_end - hunk.b_start)
        return not self.is_strict and size <= MAX_SWAPPED_WORDS

    def _words(self, hunk: Hunk) -> tuple[list[str], list[str]]:
        """The words of both sides as written."""
        a, b = self.a, self.b
        return (
            " ".join(a.surfaces[hunk.a_start : hunk.a_end]).split(),
            " ".join(b.surfaces[hunk.b_start : hunk.b_end]).split(),
        )

    def _is_slip(self, hunk: Hunk) -> bool:
        """The same words but for one plain word with a slip of the keys."""
        words_a, words_b = self._words(hunk)
        if not self._is_small(hunk) or len(words_a) != len(words_b):
            return False
        changed = [(x, y) for x, y in zip(words_a, words_b, strict=True) if x.casefold() != y.casefold()]
        if len(changed) != 1:
            return False
        x, y = changed[0]
        is_plain = _is_plain(x, self.a) and _is_plain(y, self.b)
        return is_plain and is_typo(x, y, in_context=self.in_context)

    def _is_misspelt(self, n: int, m: int) -> bool:
        """One plain word with a slip. A name may differ in one letter and be another's."""
        a, b = self.a, self.b
        if self.is_strict or a.kinds[n] is not Kind.CONTENT or b.kinds[m] is not Kind.CONTENT:
            return False
        return is_typo(a.surfaces[n], b.surfaces[m], in_context=self.in_context)

    def _drop_expansions(self, hunk: Hunk, short: list[int], long: list[int], *, is_a: bool) -> bool:
        """Drop short forms on one side with their words on the other; whether there were any."""
        text, other = (self.a, self.b) if is_a else (self.b, self.a)
        start, end = (hunk.b_start, hunk.b_end) if is_a else (hunk.a_start, hunk.a_end)
        found = False
        for n in tuple(short):
            places = _find_expansion(text, n, other, start, end) if long else None
            if places and any(m in places for m in long):
                short.remove(n)
                long[:] = [m for m in long if m not in places]
                found = True
        return found

    def _find_conflict(self, hunk: Hunk) -> str:
        """Words that may be left out, but not stand for one another."""
        a, b = self.a, self.b
        here, there = set(a.keys[hunk.a_start : hunk.a_end]), set(b.keys[hunk.b_start : hunk.b_end])
        opposed = self._find_opposites(hunk, here, there)
        if opposed:
            return opposed
        words_a, words_b = self._words(_cut_at_sentence(a, b, hunk))
        denials_a, denials_b = (sum(word_key(w) in NEGATIONS for w in words) for words in (words_a, words_b))
        if denials_a != denials_b and max(len(words_a), len(words_b)) <= MAX_DENIED_WORDS:
            return "one denies what the other states"
        if max(hunk.a_end - hunk.a_start, hunk.b_end - hunk.b_start) > MAX_SWAPPED_WORDS:
            hunk = Hunk(hunk.a_end - 1, hunk.a_end, hunk.b_end - 1, hunk.b_end)
            here, there = {a.keys[hunk.a_start]}, {b.keys[hunk.b_start]}
        own = _free_figures(a, hunk.a_start, hunk.a_end) - there
        others = _free_figures(b, hunk.b_start, hunk.b_end) - here
        is_other = (own and _has_number(b, hunk.b_start, hunk.b_end)) or (
            others and _has_number(a, hunk.a_start, hunk.a_end)
        )
        return "another number" if is_other else ""

    def _find_opposites(self, hunk: Hunk, here: set[str], there: set[str]) -> str:
        """Two words that exclude each other: anywhere in a short difference, in the same place of a long one."""
        a, b, opposites = self.a, self.b, load_lexicon().opposites
        is_small = max(hunk.a_end - hunk.a_start, hunk.b_end - hunk.b_start) <= MAX_SWAPPED_WORDS
        for n in range(hunk.a_start, hunk.a_end):
            against = opposites.get(a.keys[n], frozenset())
            if not against & there:
                continue
            same_place = (hunk.b_start + n - hunk.a_start, hunk.b_end - (hunk.a_end - n))
            is_own = a.keys[n] not in there
            for m in range(hunk.b_start, hunk.b_end):
                is_opposed = m in same_place or (is_small and is_own and b.keys[m] not in here)
                if b.keys[m] in against and is_opposed:
                    return f"“{a.surfaces[n]}” against “{b.surfaces[m]}”"
        return ""

    def _find_stand_in(self, hunk: Hunk, left: list[int], right: list[int]) -> str:
        """A marker in the place of a word that only the other text has: `bằng năm ngoái`, `hơn năm ngoái`."""
        a, b = self.a, self.b
        is_small = max(hunk.a_end - hunk.a_start, hunk.b_end - hunk.b_start) <= MAX_STAND_IN_WORDS
        if not is_small or self.is_strict or bool(left) == bool(right):
            return ""
        text, lost, other, places = (
            (a, left, b, range(hunk.b_start, hunk.b_end))
            if left
            else (b, right, a, range(hunk.a_start, hunk.a_end))
        )
        said = {text.keys[n] for n in lost}
        marks = [m for m in places if other.keys[m] in load_lexicon().markers and other.keys[m] not in said]
        if any(text.kinds[n] is Kind.ROLE for n in lost):
            marks = list(places)
        if not marks or all(text.kinds[n] in STATED_BESIDE for n in lost):
            return ""
        return f"“{other.surfaces[marks[0]]}” stands where the other has “{text.surfaces[lost[0]]}”"

    def _drop_cut(self, hunk: Hunk, left: list[int], right: list[int]) -> tuple[list[int], list[int]]:
        """The last words of a text that was cut are the beginning of what stands there in the other."""
        words_a, words_b = (" ".join(words).casefold() for words in self._words(hunk))
        if _is_cut_here(self.a, hunk.a_end) and _begins(words_a, words_b):
            left = []
        if _is_cut_here(self.b, hunk.b_end) and _begins(words_b, words_a):
            right = []
        return left, right

    def _name(self, hunk: Hunk, left: list[int], right: list[int], kind: str) -> str:
        """What the difference is called: after the weightiest token lost, else after what made it none."""
        a, b = self.a, self.b
        lost = [a.kinds[n] for n in left] + [b.kinds[m] for m in right]
        if lost:
            return max(lost).name.lower()
        rules = (*a.edits[hunk.a_start : hunk.a_end], *b.edits[hunk.b_start : hunk.b_end])
        return kind or next((rule for rule in rules if rule), "function_word")


def _is_plain(word: str, text: Tokens) -> bool:
    """A word that may be misspelt or misplaced without becoming another statement: `giải ba` is not `ba giải`."""
    is_lower = word.islower() or not text.is_cased
    return word.isalpha() and is_lower and word_key(word) not in NEGATIONS | NUMBER_WORDS


def _is_cut_here(text: Tokens, end: int) -> bool:
    return text.is_cut and end == len(text.keys)


def _begins(tail: str, there: str) -> bool:
    """Whether one string begins another; with a whole word, or in the middle of one in letters."""
    is_whole = there[len(tail) : len(tail) + 1] in ("", " ")
    return there.startswith(tail) and (is_whole or tail[-1:].isalpha())


def _cut_at_sentence(a: Tokens, b: Tokens, hunk: Hunk) -> Hunk:
    """A difference as far as the first sentence goes of either side."""
    ends = [
        next((n for n in range(start + 1, end) if text.breaks[n] == SENTENCE_END), end)
        for text, start, end in ((a, hunk.a_start, hunk.a_end), (b, hunk.b_start, hunk.b_end))
    ]
    return Hunk(hunk.a_start, ends[0], hunk.b_start, ends[1])


def _free_figures(text: Tokens, start: int, end: int) -> set[str]:
    """Numbers that may be left out, an article or a list number, but not be replaced by another."""
    return {text.keys[n] for n in range(start, end) if text.kinds[n] is Kind.FREE and text.keys[n].isdigit()}


def _has_number(text: Tokens, start: int, end: int) -> bool:
    numeric = (Kind.NUMBER, Kind.ORDINAL, Kind.DATE)
    return any(text.kinds[n] in numeric or text.keys[n].isdigit() for n in range(start, end))


def _drop_generic(text: Tokens, lost: list[int], other: Tokens, there: list[int]) -> list[int]:
    """A word that only points at somebody is not lost where the other text names him, or says nothing instead."""
    is_pointing = bool(lost) and all(text.kinds[n] is Kind.GENERIC for n in lost)
    kinds = {other.kinds[m] for m in there}
    is_answered = not there or (Kind.NAME in kinds and Kind.GENERIC not in kinds)
    return [] if is_pointing and is_answered else lost


def _drop_said_again(text: Tokens, lost: list[int], other: Tokens, start: int, end: int) -> list[int]:
    """Plain words that are only said a second time are not lost: `lãnh đạo A và lãnh đạo B` for `lãnh đạo A và B`."""
    near = other.keys[max(0, start - REPEAT_REACH) : start] + other.keys[end : end + REPEAT_REACH]
    return [n for n in lost if not (text.keys[n] in near and _is_said_twice(text, n))]


def _is_said_twice(text: Tokens, n: int) -> bool:
    """Whether a plain word stands near by once more."""
    if text.kinds[n] is not Kind.CONTENT or not text.surfaces[n].islower():
        return False
    own = text.keys[max(0, n - REPEAT_REACH - 1) : n] + text.keys[n + 1 : n + REPEAT_REACH + 2]
    return text.keys[n] in own


def _find_expansion(short: Tokens, n: int, other: Tokens, start: int, end: int) -> range | None:
    """The tokens of the other text that a short form stands for."""
    if not looks_short(short.surfaces[n], short.keys[n]):
        return None
    places = [(m, word) for m in range(start, end) for word in other.surfaces[m].split()]
    found = find_expansion(short.surfaces[n], [word for _, word in places])
    return range(places[found[0]][0], places[found[1] - 1][0] + 1) if found else None
