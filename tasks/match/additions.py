"""What an addition makes of the sentence that it stands in: why the fuller text does not say what the other says."""

from typing import Final, NamedTuple

from tasks.match.comparison import quote
from tasks.match.lexicon import Kind, load_lexicon, word_key
from tasks.match.order import is_bounded
from tasks.match.scan import CLAUSE_END, SENTENCE_END
from tasks.match.tokens import Tokens
from tasks.match.words import PREDICATES

TURNING: Final = frozenset({Kind.NEGATION, Kind.SCOPE, Kind.RESERVE, Kind.QUANTIFIER, Kind.ROLE, Kind.SYMBOL})
# These turn only the very word after them.
TURNING_NEXT: Final = frozenset({Kind.QUANTIFIER, Kind.ROLE, Kind.SYMBOL})
# Words before whom somebody belongs to, or what is told by whom.
OF, ACCORDING = word_key("của"), word_key("theo")
TITLES: Final = frozenset(map(word_key, ("ông", "bà", "anh", "chị", "cô")))
DEGREES: Final = frozenset(map(word_key, ("gs", "pgs", "ts", "ths", "bs", "ks", "tskh")))
COUNTED: Final = frozenset({Kind.NUMBER, Kind.DATE, Kind.TIME, Kind.ORDINAL})
MEASURES: Final = frozenset({Kind.UNIT, Kind.CURRENCY})
MAX_OWNED_TOKENS = 5
MAX_TORN_TOKENS = 3
# A subject of common words, and what may stand between it and its verb.
MAX_SUBJECT_TOKENS, MAX_GOVERNING_TOKENS = 6, 4
# What a label before a sentence may say of it.
LABELLING: Final = frozenset({Kind.NEGATION, Kind.SCOPE, Kind.RESERVE})
# So near behind what both texts say a reserve belongs to it; farther off to something else that was added.
MAX_TAIL_TOKENS = 4


class Addition(NamedTuple):
    """Tokens `start:end` of the fuller text, which stand where `place:follows` stands in the contained one.

    Attributes:
        added: Those of them that the contained text lacks, at least one.
    """

    contained: Tokens
    place: int
    follows: int
    fuller: Tokens
    start: int
    end: int
    added: list[int]

    @property
    def is_closed(self) -> bool:
        """Whether a sentence begins after it, were it only by its capital: a caption has no full stop."""
        if self.follows >= len(self.contained.keys) or self.end >= len(self.fuller.keys):
            return True
        begins = self.contained.breaks[self.follows] == SENTENCE_END
        return begins and self.fuller.surfaces[self.end][:1].isupper()

    @property
    def is_whole(self) -> bool:
        """Whether it is a clause, or sentences, of its own."""
        is_bound = is_bounded(self.fuller, self.start, self.end)
        return is_bound or (self.fuller.breaks[self.start] > 0 and self.is_closed)

    def tell(self) -> str:
        """Its first words, in quotation marks."""
        return quote([self.fuller.surfaces[n] for n in self.added])


def refuse(addition: Addition, lost: set[int], *, is_strict: bool) -> str:
    """Why an addition changes what the contained text says; "" if it does not.

    Args:
        addition: Where it stands.
        lost: All tokens of the fuller text that the other lacks.
        is_strict: The language is one whose words are not known: nothing goes inside a sentence.
    """
    if _tears(addition):
        return "a sentence of the shorter begins or ends elsewhere"
    if is_strict and not addition.is_whole:
        return f"adds {addition.tell()} inside a sentence"
    made = _joins(addition.fuller, addition.start, addition.end) or _continues(addition)
    if not made and addition.place == addition.follows:
        made = _shifts(addition.fuller, addition.start, addition.end) or _governs(addition)
    if made:
        return f"{addition.tell()} {made}"
    return _takes_back(addition) or _labels(addition) or _turns(addition, lost)


def _tears(addition: Addition) -> bool:
    """Whether the first or last few words of a sentence stand in another sentence of the fuller text: they agree by chance.

    They may be said again in the right one: `Anh Tám về. Anh Tám nói` for `Anh` + `Tám nói`.
    """
    contained, place, follows, fuller, start, end, _ = addition
    ends = [n for n in range(start + 1, end + 1) if n < len(fuller.keys) and fuller.breaks[n] == SENTENCE_END]
    size = len(contained.keys)
    if not ends or not 0 < place <= follows < size or contained.breaks[follows] or contained.breaks[place]:
        return False
    first = max(n for n in range(place) if contained.breaks[n] == SENTENCE_END or not n)
    last = next((n for n in range(follows, size) if contained.breaks[n] == SENTENCE_END), size)
    head, tail = set(contained.keys[first:place]), set(contained.keys[follows:last])
    is_head = place - first <= MAX_TORN_TOKENS and not head.issubset(fuller.keys[ends[-1] : end])
    is_tail = last - follows <= MAX_TORN_TOKENS and not tail.issubset(fuller.keys[start : ends[0]])
    return is_head or is_tail


def _joins(text: Tokens, start: int, end: int) -> str:
    """What an addition makes of the name, code or figure that it stands at; "" for nothing else.

    `Nguyễn Xuân Phúc` is not `Nguyễn Phúc`, `Tân Phú Đông` not `Tân Phú`, `27C` not `27`, `3 đến 5` not `5`.
    """
    breaks, size = text.breaks, len(text.keys)
    is_degree = all(text.keys[n] in DEGREES for n in range(start, end))
    if start and _is_name(text, start - 1, start + 1) and not breaks[start] and not is_degree:
        is_inside = end < size and not any(breaks[start : end + 1]) and _is_name(text, start, end + 1)
        is_word = end == start + 1 and " " not in text.surfaces[start] and not text.surfaces[start].isupper()
        if (is_inside or is_word) and not (is_inside and _follows_place(text, start)):
            return "makes another name"
    if any(0 < n < size and text.joined[n] and _is_alphanumeric(text, n) for n in (start, end)):
        return "makes another code"
    return "makes another figure" if _makes_figure(text, start, end) else ""


def _follows_place(text: Tokens, n: int) -> bool:
    """Whether the name of a country, a city or a club behind an office stands before a token: `tổng thống Nga Vladimir Putin`."""
    is_place = text.keys[n - 1] in load_lexicon().places
    return is_place and n > 1 and not text.breaks[n - 1] and text.surfaces[n - 2].islower()


def _makes_figure(text: Tokens, start: int, end: int) -> bool:
    """Whether an addition makes a range or a fraction of a figure, or a rate of an amount: `6 tấn`, `6 tấn/ha`."""
    kinds, breaks, size = text.kinds, text.breaks, len(text.keys)
    stated = [n for n in range(start, end) if kinds[n] is not Kind.FREE]
    if not stated:
        return False
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
    return bool(is_after or is_before or is_rate)


def _is_alphanumeric(text: Tokens, n: int) -> bool:
    return text.surfaces[n - 1][-1].isalnum() and text.surfaces[n][0].isalnum()


def _is_name(text: Tokens, start: int, end: int) -> bool:
    return all(kind is Kind.NAME for kind in text.kinds[start:end])


def _is_measure(text: Tokens, n: int) -> bool:
    """A unit, though no figure stands before it."""
    phrase = load_lexicon().phrases.get((text.keys[n],))
    is_counted = n + 1 < len(text.keys) and text.kinds[n + 1] in COUNTED
    return phrase is not None and phrase.kind in MEASURES and not is_counted


def _continues(addition: Addition) -> str:
    """Whether the fuller text goes on where a sentence ends, and makes it the subject of another: `... là chuyện bịa`."""
    contained, fuller, start = addition.contained, addition.fuller, addition.start
    ends = addition.follows == len(contained.keys) or contained.breaks[addition.follows] == SENTENCE_END
    is_open = start > 0 and not fuller.breaks[start] and not contained.is_cut
    return (
        "makes another sentence of what stands before it"
        if ends and is_open and fuller.keys[start] in PREDICATES
        else ""
    )


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


def _governs(addition: Addition) -> str:
    """Whether words between a subject and its verb may be a verb that governs it: `ông Khải khước từ nhận tiền`.

    No list has all such verbs, so no plain words may come between the first words of a clause, or a name, and a
    word in small letters, but those that say when or how much, or are said twice.
    """
    contained, place, _, fuller, start, end, _ = addition
    is_between = 0 < place < len(contained.keys) and end < len(fuller.keys) and not contained.breaks[place]
    if not is_between or end - start > MAX_GOVERNING_TOKENS or any(fuller.breaks[start : end + 1]):
        return ""
    added = [n for n in range(start, end) if fuller.kinds[n] is not Kind.FREE]
    if not all(_is_plain(fuller, n) for n in (*added, end)):
        return ""
    is_twice = fuller.keys[start:end] in (
        contained.keys[place - end + start : place],
        contained.keys[place : place + end - start],
    )
    if is_twice or all(fuller.keys[n] in load_lexicon().aspects for n in added):
        return ""
    first = max(n for n in range(place) if contained.breaks[n])
    before = fuller.kinds[start - 1]
    is_subject = before is Kind.CONTENT and place - first <= MAX_SUBJECT_TOKENS
    return "may govern what follows" if is_subject or before in (Kind.NAME, Kind.GENERIC) else ""


def _is_plain(text: Tokens, n: int) -> bool:
    return text.kinds[n] is Kind.CONTENT and text.surfaces[n].islower()


def _takes_back(addition: Addition) -> str:
    """Whether an addition takes back, or ties to a condition, what both texts say before it in the sentence."""
    fuller, start = addition.fuller, addition.start
    if not start:
        return ""
    for n in range(start, min(start + MAX_TAIL_TOKENS, addition.added[-1] + 1)):
        if fuller.breaks[n] == SENTENCE_END:
            return ""
        if fuller.kinds[n] is Kind.RESERVE:
            return f"“{fuller.surfaces[n]}” changes what stands before it"
    return ""


def _labels(addition: Addition) -> str:
    """Whether a few words before a sentence of both texts turn it: `Tin giả: ...`, `Cấm: ...`."""
    fuller, start, end = addition.fuller, addition.start, addition.end
    if end >= len(fuller.keys) or not fuller.breaks[end]:
        return ""
    first = max(n for n in range(start, end) if fuller.breaks[n] or n == start)
    is_label = fuller.breaks[first] and fuller.kinds[first] in LABELLING
    is_alone = all(fuller.kinds[n] in LABELLING or fuller.kinds[n] is Kind.FREE for n in range(first, end))
    return f"“{fuller.surfaces[first]}” changes what follows" if is_label and is_alone else ""


def _turns(addition: Addition, lost: set[int]) -> str:
    """Whether an added word changes the meaning of the words after it, which both texts have."""
    fuller, end = addition.fuller, addition.end
    for n in addition.added:
        kind = fuller.kinds[n]
        if kind is Kind.QUESTION and n == addition.added[0]:
            return "one asks what the other states"
        breaks = fuller.breaks[n + 1 : end + 1]
        is_reserved = kind is Kind.RESERVE and end < len(fuller.keys) and SENTENCE_END not in breaks
        if kind in TURNING_NEXT and _next_content(fuller, n) in lost:
            continue
        if is_reserved or (kind in TURNING and not addition.is_closed and not any(breaks)):
            return f"“{fuller.surfaces[n]}” changes what follows"
    return ""


def _next_content(text: Tokens, n: int) -> int:
    """The place of the next token that states something."""
    n += 1
    while n < len(text.keys) and text.kinds[n] is Kind.FREE:
        n += 1
    return n
