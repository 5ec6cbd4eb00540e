"""What capitals say of the tokens of a text: which are names."""

from collections.abc import Sequence

from tasks.match.lexicon import Kind
from tasks.match.scan import SENTENCE_END


def read_case(words: Sequence[str], surfaces: Sequence[str], breaks: Sequence[int]) -> tuple[int, ...]:
    """Per token 1 if it has a capital, 0 if not, 2 where case says nothing.

    A text all in capitals or without any says nothing, nor does the first word of a sentence.

    Args:
        words: All words of the text, as written.
        surfaces: Its tokens, as written.
        breaks: What stands before each token.

    >>> read_case("Tin: Bão vào Vinh".split(), ["Tin", "Bão", "vào", "Vinh"], [2, 1, 0, 0])
    (2, 1, 0, 1)
    """
    letters = "".join(words)
    if letters.isupper() or letters == letters.lower():
        return (2,) * len(surfaces)
    return tuple(
        0 if not written[0].isupper() else 2 if gap == SENTENCE_END and not written.isupper() else 1
        for written, gap in zip(surfaces, breaks, strict=True)
    )


def name_kinds(
    kinds: Sequence[Kind], surfaces: Sequence[str], breaks: Sequence[int], capital: Sequence[int]
) -> list[Kind]:
    """The kinds of the tokens: a word with a capital inside a sentence is a name.

    An empty one as well (`đại sứ Anh`), but not behind a comma or a colon, where something may begin.
    """
    named = list(kinds)
    for n, has_capital in enumerate(capital):
        is_empty = kinds[n] is Kind.FREE and n > 0 and not breaks[n] and not surfaces[n].isupper()
        if has_capital == 1 and (kinds[n] is Kind.CONTENT or is_empty):
            named[n] = Kind.NAME
    return named
