"""The long way to a decision: all differences of an alignment judged, and what is left weighed."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from tasks.match.align import Alignment, Hunk
from tasks.match.comparison import Comparison, Edit, quote
from tasks.match.hunks import PASSIVE_MARKS, ROLE_MARKS, HunkJudge
from tasks.match.lexicon import Kind, load_lexicon, word_key
from tasks.match.order import drop_moved, drop_said_elsewhere, is_bounded
from tasks.match.scan import CLAUSE_END, SENTENCE_END
from tasks.match.spelling import MAX_ABBREVIATION_CHARS, find_expansion, looks_short
from tasks.match.tokens import Tokens

TURNING: Final = frozenset({Kind.NEGATION, Kind.SCOPE, Kind.RESERVE, Kind.QUANTIFIER, Kind.ROLE, Kind.SYMBOL})
FACTS: Final = frozenset({Kind.NAME, Kind.NUMBER, Kind.DATE, Kind.TIME, Kind.ORDINAL, Kind.PERCENTAGE})
# Whoever or whatever a particle may turn round, and how far it goes for that.
CARRIERS: Final = frozenset({Kind.NAME, Kind.GENERIC, Kind.SCOPE})
MAX_TOKENS_PASSED = 4
# These turn only the very word after them.
TURNING_NEXT: Final = frozenset({Kind.QUANTIFIER, Kind.ROLE, Kind.SYMBOL})
# Words before whom somebody belongs to, or what is told by whom.
OF, ACCORDING = word_key("của"), word_key("theo")
TITLES: Final = frozenset(map(word_key, ("ông", "bà", "anh", "chị", "cô")))
MEASURES: Final = frozenset({Kind.UNIT, Kind.CURRENCY})
MAX_OWNED_TOKENS = 5
MAX_TORN_TOKENS = 3
# What a label before a sentence may say of it.
LABELLING: Final = frozenset({Kind.NEGATION, Kind.SCOPE, Kind.RESERVE})
# So near behind what both texts say a reserve belongs to it; farther off to something else that was added.
MAX_TAIL_TOKENS = 4
# An insertion inside a sentence leaves its statement recognisable as long as the words around stay together:
# at least so many words of content for each insertion. (A choice; 225 labelled pairs do not tell .5 from 4.)
MIN_WORDS_PER_INSERTION = 2.0
# Around a slip that leaves another word (`thường`, `tường`) so much must be the same: 20 tokens are a sentence.
MIN_CONTEXT_TOKENS, MIN_CONTEXT_SIMILARITY = 20, 0.9


class Judgement:
    """The state of one comparison: what each text has that the other lacks."""

    def __init__(self, a: Tokens, b: Tokens, alignment: Alignment) -> None:
        shorter = min(len(a.keys), len(b.keys))
        in_context = shorter >= MIN_CONTEXT_TOKENS and alignment.similarity >= MIN_CONTEXT_SIMILARITY
        self.a, self.b = a, b
        self.similarity = round(alignment.similarity, 4)
        self.judge = HunkJudge(a, b, in_context=in_context)
        self.hunks = self._merge_swaps(alignment.hunks)
        self.lost_a: list[int] = []
        self.lost_b: list[int] = []
        self.edits: list[Edit] = []
        self.conflict = ""

    def decide(self) -> Comparison:
        """The decision, with its edits and reason."""
        for hunk in self.hunks:
            self._take(hunk)
        self.conflict = self.conflict or self._find_moved_mark()
        if self.lost_a and self.lost_b and not self.is_final():
            self._drop_found()
        decision, reason = self._conclude()
        return Comparison(decision, tuple(self.edits), reason, self.similarity)

    def is_final(self) -> bool:
        """Whether each text has a fact that the other has nowhere: no other alignment will find it."""
        return _has_own_fact(self.a, self.lost_a, self.b) and _has_own_fact(self.b, self.lost_b, self.a)

    def _merge_swaps(self, hunks: list[Hunk]) -> list[Hunk]:
        """Two hunks with one word between them that only changes places with its neighbour become one."""
        merged: list[Hunk] = []
        for hunk in hunks:
            if merged and hunk.a_start - merged[-1].a_end <= 2:
                joined = Hunk(merged[-1].a_start, hunk.a_end, merged[-1].b_start, hunk.b_end)
                if self.judge.is_swapped(joined):
                    merged[-1] = joined
                    continue
            merged.append(hunk)
        return merged

    def _take(self, hunk: Hunk) -> None:
        """Note what a hunk takes away."""
        loss = self.judge.judge(hunk)
        self.lost_a += loss.left
        self.lost_b += loss.right
        self.conflict = self.conflict or loss.conflict
        there, here = self.a.surfaces[hunk.a_start : hunk.a_end], self.b.surfaces[hunk.b_start : hunk.b_end]
        self.edits.append(Edit(loss.kind, " ".join(there), " ".join(here)))

    def _find_moved_mark(self) -> str:
        """A particle that moved round a denial or a name, or a passive one round a word: the roles are others."""
        a, b = self.a, self.b
        for one, other in pairwise(self.hunks):
            between = frozenset(a.kinds[one.a_end : other.a_start])
            if other.a_start - one.a_end > MAX_TOKENS_PASSED or between <= {Kind.FREE}:
                continue
            from_a = set(a.keys[one.a_start : one.a_end]) & set(b.keys[other.b_start : other.b_end])
            from_b = set(b.keys[one.b_start : one.b_end]) & set(a.keys[other.a_start : other.a_end])
            turned = from_a | from_b
            if Kind.NEGATION not in between:
                turned &= ROLE_MARKS if not CARRIERS.isdisjoint(between) else PASSIVE_MARKS
            if turned:
                return f"“{min(turned)}” stands elsewhere"
        return ""

    def _drop_found(self) -> None:
        """What stands elsewhere, or was said just before, is not lost."""
        a, b = self.a, self.b
        self.lost_a, self.lost_b = drop_moved(a, self.lost_a, b, self.lost_b)
        if not self.judge.is_strict:
            self.lost_a = drop_said_elsewhere(a, self.lost_a, b, self.lost_b)
            self.lost_b = drop_said_elsewhere(b, self.lost_b, a, self.lost_a)
        self.lost_a = [n for n in self.lost_a if not _repeats(a, n)]
        self.lost_b = [m for m in self.lost_b if not _repeats(b, m)]

    def _conclude(self) -> tuple[str, str]:
        """The decision and the reason for it."""
        a, b = self.a, self.b
        if self.lost_a and self.lost_b:
            return (
                "distinct",
                f"each has what the other lacks: {_tell(a, self.lost_a)} / {_tell(b, self.lost_b)}",
            )
        if self.conflict:
            return "distinct", self.conflict
        if not self.lost_a and not self.lost_b:
            return self._conclude_alike()
        refusal = self._refuse_addition()
        if refusal:
            return "distinct", refusal
        if self.lost_b:
            return "a_in_b", f"the fuller text adds {_tell(b, self.lost_b)}"
        return "b_in_a", f"the fuller text adds {_tell(a, self.lost_a)}"

    def _conclude_alike(self) -> tuple[str, str]:
        """Neither text lacks anything of the other, unless it was cut or says nothing."""
        a, b = self.a, self.b
        cut = self._which_is_cut()
        if cut:
            return cut, "cut short"
        if not self.judge.content(a, 0, len(a.keys)) or not self.judge.content(b, 0, len(b.keys)):
            return "distinct", "a text without content"
        return "same", "differs in notation and words that state nothing"

    def _which_is_cut(self) -> str:
        """The text that ends in dots where the other goes on, were it with a word that states nothing."""
        a, b, last = self.a, self.b, self.hunks[-1]
        if a.is_cut == b.is_cut or last.a_end < len(a.keys) or last.b_end < len(b.keys):
            return ""
        if a.is_cut:
            return "a_in_b" if last.b_end > last.b_start else ""
        return "b_in_a" if last.a_end > last.a_start else ""

    def _refuse_addition(self) -> str:
        """Why what the fuller text adds changes what the other says; "" if it does not."""
        is_b = bool(self.lost_b)
        contained = self.a if is_b else self.b
        matched = len(self.judge.content(contained, 0, len(contained.keys)))
        if not matched:
            return "nothing to contain"
        lost = set(self.lost_b or self.lost_a)
        inside = 0
        for hunk in self.hunks:
            refusal, is_inside = self._refuse_hunk(hunk, lost, is_b=is_b)
            if refusal:
                return refusal
            inside += is_inside
        return "shares only scattered words" if matched < MIN_WORDS_PER_INSERTION * inside else ""

    def _refuse_hunk(self, hunk: Hunk, lost: set[int], *, is_b: bool) -> tuple[str, bool]:
        """Why one addition changes what the other text says, and whether it stands inside a sentence."""
        contained, fuller = (self.a, self.b) if is_b else (self.b, self.a)
        follows, start, end = (
            (hunk.a_end, hunk.b_start, hunk.b_end) if is_b else (hunk.b_end, hunk.a_start, hunk.a_end)
        )
        added = [n for n in range(start, end) if n in lost]
        if not added or (contained.is_cut and end == len(fuller.keys)):
            return "", False
        place = hunk.a_start if is_b else hunk.b_start
        if _tears(contained, place, follows, fuller, start, end):
            return "a sentence of the shorter begins or ends elsewhere", True
        is_closed = _opens_sentence(contained, follows, fuller, end)
        is_whole = is_bounded(fuller, start, end) or (fuller.breaks[start] > 0 and is_closed)
        if self.judge.is_strict and not is_whole:
            return f"adds {_tell(fuller, added)} inside a sentence", True
        is_pure = hunk.a_start == hunk.a_end or hunk.b_start == hunk.b_end
        refusal = _joins(fuller, start, end) or (is_pure and _shifts(fuller, start, end))
        if refusal:
            return f"{_tell(fuller, added)} {refusal}", True
        is_inside = not is_whole and start > 0 and end < len(fuller.keys)
        turned = _takes_back(fuller, start, added) or _labels(fuller, start, end)
        return turned or _turns(fuller, added, end, lost, is_closed=is_closed), is_inside


def _joins(text: Tokens, start: int, end: int) -> str:
    """What an addition makes of the name, code or figure that it stands at; "" for nothing else.

    `Nguyễn Xuân Phúc` is not `Nguyễn Phúc`, `Tân Phú Đông` not `Tân Phú`, `27C` not `27`, `3 đến 5` not `5`.
    """
    kinds, breaks, size = text.kinds, text.breaks, len(text.keys)
    if start and _is_name(text, start - 1, start + 1) and not breaks[start]:
        is_inside = end < size and not any(breaks[start : end + 1]) and _is_name(text, start, end + 1)
        is_word = end == start + 1 and " " not in text.surfaces[start] and not text.surfaces[start].isupper()
        if is_inside or is_word:
            return "makes another name"
    if any(0 < n < size and text.joined[n] and _is_alphanumeric(text, n) for n in (start, end)):
        return "makes another code"
    stated = [n for n in range(start, end) if kinds[n] is not Kind.FREE]
    is_after = (
        start
        and kinds[start - 1] is kinds[stated[0]] is Kind.NUMBER
        and not any(breaks[start : stated[0] + 1])
    )
    is_before = (
        end < size
        and kinds[end] is kinds[stated[-1]] is Kind.NUMBER
        and not any(breaks[stated[-1] + 1 : end + 1])
    )
    is_rate = (
        start and kinds[start - 1] in MEASURES and breaks[start] == CLAUSE_END and _is_measure(text, start)
    )
    return "makes another figure" if is_after or is_before or is_rate else ""


def _is_alphanumeric(text: Tokens, n: int) -> bool:
    return text.surfaces[n - 1][-1].isalnum() and text.surfaces[n][0].isalnum()


def _is_name(text: Tokens, start: int, end: int) -> bool:
    return all(kind is Kind.NAME for kind in text.kinds[start:end])


def _is_measure(text: Tokens, n: int) -> bool:
    """A unit, though no figure stands before it."""
    phrase = load_lexicon().phrases.get((text.keys[n],))
    is_counted = n + 1 < len(text.keys) and text.kinds[n + 1] in FACTS
    return phrase is not None and phrase.kind in MEASURES and not is_counted


def _shifts(text: Tokens, start: int, end: int) -> str:
    """Whether the words of both texts after an addition only say whose it is: `tài xế của ông Khải`, `tài xế ông Khải`."""
    if end >= len(text.keys) or text.breaks[end] or (start and text.keys[start - 1] == ACCORDING):
        return ""
    last = end - 1
    first = max(n for n in range(start, end) if text.breaks[n] or n == start)
    if end - first > MAX_OWNED_TOKENS or not text.breaks[first]:
        return ""
    is_of = text.keys[last] == OF and last > first
    is_owned = text.keys[end] in TITLES and text.kinds[last] is Kind.CONTENT
    return "has what follows for its owner" if is_of or is_owned else ""


def _has_own_fact(text: Tokens, lost: Iterable[int], other: Tokens) -> bool:
    """Whether one of the tokens is a fact that the other text has nowhere, were it as a short form."""
    known = frozenset(other.keys)
    return any(
        text.kinds[n] in FACTS
        and text.keys[n] not in known
        and not looks_short(text.surfaces[n], text.keys[n])
        for n in lost
    )


def _opens_sentence(contained: Tokens, place: int, fuller: Tokens, end: int) -> bool:
    """Whether a sentence begins after an addition, were it only by its capital: a caption has no full stop."""
    if place >= len(contained.keys) or end >= len(fuller.keys):
        return True
    return contained.breaks[place] == SENTENCE_END and fuller.surfaces[end][:1].isupper()


def _turns(fuller: Tokens, added: list[int], end: int, lost: set[int], *, is_closed: bool) -> str:
    """Whether an added word changes the meaning of the words after it, which both texts have."""
    for n in added:
        kind = fuller.kinds[n]
        if kind is Kind.QUESTION and n == added[0]:
            return "one asks what the other states"
        if (
            kind is Kind.RESERVE
            and end < len(fuller.keys)
            and SENTENCE_END not in fuller.breaks[n + 1 : end + 1]
        ):
            return f"“{fuller.surfaces[n]}” changes what follows"
        if kind in TURNING_NEXT and _next_content(fuller, n) in lost:
            continue
        if kind in TURNING and not is_closed and not any(fuller.breaks[n + 1 : end + 1]):
            return f"“{fuller.surfaces[n]}” changes what follows"
    return ""


def _takes_back(fuller: Tokens, start: int, added: list[int]) -> str:
    """Whether an addition takes back, or ties to a condition, what both texts say before it in the sentence."""
    if not start:
        return ""
    for n in range(start, min(start + MAX_TAIL_TOKENS, added[-1] + 1)):
        if fuller.breaks[n] == SENTENCE_END:
            return ""
        if fuller.kinds[n] is Kind.RESERVE:
            return f"“{fuller.surfaces[n]}” changes what stands before it"
    return ""


def _labels(fuller: Tokens, start: int, end: int) -> str:
    """Whether a few words before a sentence of both texts turn it: `Tin giả: ...`, `Cấm: ...`."""
    if end >= len(fuller.keys) or not fuller.breaks[end]:
        return ""
    first = max(n for n in range(start, end) if fuller.breaks[n] or n == start)
    is_label = fuller.breaks[first] and fuller.kinds[first] in LABELLING
    is_alone = all(fuller.kinds[n] in LABELLING or fuller.kinds[n] is Kind.FREE for n in range(first, end))
    return f"“{fuller.surfaces[first]}” changes what follows" if is_label and is_alone else ""


def _tears(contained: Tokens, place: int, follows: int, fuller: Tokens, start: int, end: int) -> bool:
    """Whether the first or last few words of a sentence stand in another sentence of the fuller text: they agree by chance.

    They may be said again in the right one: `Anh Tám về. Anh Tám nói` for `Anh` + `Tám nói`.
    """
    ends = [n for n in range(start + 1, end + 1) if n < len(fuller.keys) and fuller.breaks[n] == SENTENCE_END]
    size = len(contained.keys)
    if not ends or not 0 < place <= follows < size or contained.breaks[follows] or contained.breaks[place]:
        return False
    first, last = place, follows
    while first and contained.breaks[first] != SENTENCE_END:
        first -= 1
    while last < size and contained.breaks[last] != SENTENCE_END:
        last += 1
    is_head = place - first <= MAX_TORN_TOKENS
    is_tail = last - follows <= MAX_TORN_TOKENS
    head, tail = set(contained.keys[first:place]), set(contained.keys[follows:last])
    return (is_head and not head.issubset(fuller.keys[ends[-1] : end])) or (
        is_tail and not tail.issubset(fuller.keys[start : ends[0]])
    )


def _next_content(text: Tokens, n: int) -> int:
    """The place of the next token that states something."""
    n += 1
    while n < len(text.keys) and text.kinds[n] is Kind.FREE:
        n += 1
    return n


def _repeats(text: Tokens, n: int) -> bool:
    """Whether a short form only repeats the words before it: `Giáo dục và Đào tạo (GD-ĐT)`."""
    short = text.surfaces[n]
    if not (
        looks_short(short, text.keys[n]) and short.isupper()
    ):  # `Th.` after `tuổi), Huỳnh Minh` is a name
        return False
    words = " ".join(text.surfaces[max(0, n - 2 * MAX_ABBREVIATION_CHARS) : n]).split()
    slack = len(short) > 2  # for an `và` that is left out
    return find_expansion(short, words[-len(short) - slack :]) is not None


def _tell(text: Tokens, places: Iterable[int]) -> str:
    return quote([text.surfaces[n] for n in sorted(places)])
