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


def group_columns(names: Sequence[str]) -> Reals:
    """1 where a column (a feature or a step of one, by name) belongs to a concept; a row per concept."""
    of = {feature: at for at, concept in enumerate(CONCEPTS) for feature in concept.features}
    grouped = np.zeros((len(CONCEPTS), len(names)))
    for column, name in enumerate(names):
        grouped[of[name.partition(">")[0]], column] = 1
    return grouped


def put_into_words(
    region: str, sums: Reals, values: Mapping[str, Reals], typical: Mapping[str, float]
) -> list[str]:
    """For each line what speaks most against it, at most `MAX_FACTS` things and the place first.

    Args:
        region: Where the lines are.
        sums: A row per concept: what it adds to the log odds of each line, beyond what it adds on a line of an article.
        values: Feature -> its value per line.
        typical: Feature -> its mean on lines of articles.
    """
    above = np.array([values[concept.features[0]] > typical[concept.features[0]] for concept in CONCEPTS])
    phrase = 2 * np.arange(len(CONCEPTS))[:, None] + above
    phrases = [words for concept in CONCEPTS for words in (concept.below, concept.above)]
    speaks = (sums > 0) & np.array([bool(words) for words in phrases])[phrase]
    order = np.argsort(np.where(speaks, -sums, np.inf), axis=0, kind="stable")[:MAX_FACTS]
    chosen = np.where(np.take_along_axis(speaks, order, 0), np.take_along_axis(phrase, order, 0), -1)
    distinct, which = np.unique(chosen, axis=1, return_inverse=True)
    told = [
        ", ".join([REGION_WORDS[region], *[phrases[at] for at in row if at >= 0]])
        for row in distinct.T.tolist()
    ]
    return [told[at] for at in which.ravel().tolist()]
