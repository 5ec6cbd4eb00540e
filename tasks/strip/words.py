"""What the features say in words, for the evidence that a reader sees."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from tasks.strip.sheet import Reals

REGION_WORDS = {
    "before_main": "before the article begins",
    "in_main": "between the article's paragraphs",
    "after_main": "after the article's end",
}


class Concept(NamedTuple):
    """Features that say one thing.

    Attributes:
        above: What is said where the first feature is greater than on lines of articles; "" says nothing.
        below: What is said where it is not.
        features: Features, the one that decides about the words first; the steps of each count with it.
    """

    above: str
    below: str
    features: tuple[str, ...]


CONCEPTS = (
    Concept("a sentence", "no sentence", ("ends", "prose", "sentence", "continues")),
    Concept("long", "short", ("log_words", "words_1", "words_3", "words_8", "words_14", "words_29")),
    Concept("among long lines", "among short lines",
        ("words_near_2", "log_words_before", "log_words_after", "short_near_3", "short_near_10", "block_log_words", "block_spread")),
    Concept("sentences around it", "no sentences around it",
        ("sentences_near_20", "prose_near_3", "prose_near_10", "prose_back", "prose_ahead", "prose_before", "prose_after", "ends_before",
         "ends_after", "between", "block_ends")),
    Concept("beside menus, adverts or links", "",
        ("marked_near_10", "marked_near_3", "marked_near_20", "cue_before", "cue_after", "block_cue", "block_has_cue")),
    Concept("parted from the nearest sentence by what rules removed", "",
        ("marks_since_sentence", "marks_until_sentence", "unmarked_to_sentence")),
    Concept("parted from the article by what rules removed", "",
        ("marks_to_main", "unmarked_to_main", "marks_to_wide", "unmarked_to_wide")),
    Concept("far from the article's paragraphs", "near the article's paragraphs",
        ("to_main", "near_main", "to_wide", "near_wide", "before_wide", "after_wide", "before_main", "in_main", "after_main")),
    Concept("", "few words of the article", ("topic", "topic_words", "topic_head")),
    Concept("", "among lines with few words of the article",
        ("topic_near_3", "topic_near_10", "block_topic", "block_topic_words")),
    Concept("words that the page says again and again", "", ("topic_page",)),
    Concept("a phrase of menus", "", ("cue",)),
    Concept("written like a headline", "", ("headline", "initials", "capitals")),
    Concept("among headlines", "", ("block_headline", "headline_before", "headline_after")),
    Concept("a name", "", ("named", "block_named")),
    Concept("many numbers", "", ("digits", "digits_near_5", "block_digits", "block_numeric", "amount", "block_amount")),
    Concept("a date or time", "", ("date",)),
    Concept("stands on the page more than once", "", ("again", "block_again")),
    Concept("begins like other lines of the page", "", ("first_word", "block_first_word")),
    Concept("in a thread of dated entries", "", ("thread", "block_thread")),
    Concept("below a heading of comments", "", ("comment_said", "comment_ago")),
    Concept("below a heading of other articles", "", ("related_said", "related_ago")),
    Concept("below a menu", "", ("navigation_said", "navigation_ago")),
    Concept("below the headline", "above the headline", ("after_title", "title", "title_to_main")),
    Concept("signs that part links", "", ("separators",)),
    Concept("a link or an address", "", ("link",)),
    Concept("words of a consent window", "", ("privacy",)),
    Concept("a bullet", "", ("bullet", "block_continues")),
    Concept("a colon at its end", "", ("colon", "colon_before", "colon_after", "block_colon")),
    Concept("a question", "", ("question", "block_question")),
    Concept("broken off", "", ("ellipsis",)),
    Concept("a quotation", "no quotation", ("quote",)),
    Concept("many commas", "few commas", ("commas", "block_commas")),
    Concept("brackets", "", ("bracket", "block_bracket")),
    Concept("in a long run of lines without a paragraph", "", ("block_lines", "block_open")),
    Concept("late on the page", "early on the page", ("place",)),
    Concept("a page of many menus", "", ("dump_short", "dump_prose", "dump_marks", "dump_lines")),
)  # fmt: skip
MAX_FACTS = 3


def group_columns(names: Sequence[str]) -> list[list[int]]:
    """Per concept the columns (features and their steps, by name) that belong to it."""
    of = {feature: at for at, concept in enumerate(CONCEPTS) for feature in concept.features}
    groups: list[list[int]] = [[] for _ in CONCEPTS]
    for column, name in enumerate(names):
        groups[of[name.partition(">")[0]]].append(column)
    return groups


def put_into_words(
    region: str, names: Sequence[str], parts: Reals, values: Mapping[str, Reals], typical: Mapping[str, float]
) -> list[str]:
    """For each line what speaks most against it, at most `MAX_FACTS` things and the place first.

    Args:
        region: Where the lines are.
        names: Names of the columns of `parts`.
        parts: What each column adds to the log odds of a line, beyond what it adds on a line of an article.
        values: Feature -> its value per line.
        typical: Feature -> its mean on lines of articles.
    """
    groups = group_columns(names)
    sums = np.column_stack([parts[:, group].sum(axis=1) for group in groups])
    above = np.column_stack(
        [values[concept.features[0]] > typical[concept.features[0]] for concept in CONCEPTS]
    )
    said = []
    for row, order in enumerate(np.argsort(-sums, axis=1, kind="stable")):
        words = [
            CONCEPTS[at].above if above[row, at] else CONCEPTS[at].below
            for at in order.tolist()
            if sums[row, at] > 0
        ]
        said.append(", ".join([REGION_WORDS[region], *[word for word in words if word][:MAX_FACTS]]))
    return said
