"""How a pattern begins: a short expression that every match of it matches too, so that most lines need no more.

Nearly all patterns of the packs stand at the start of a line and open with words. Their heads together make
one expression that few lines match, and only these lines meet the patterns themselves.
"""

import re
from collections.abc import Iterator

ATOM = re.compile(r"\\[pP]\{\w+\}|\\.|\[\^?(?:\\.|[^\]\\])+\]|\(\?:|.", re.DOTALL)
COUNT = re.compile(r"[?*+]|\{\d+(?:,\d*)?\}")
BROAD = re.compile(r"\[\^|\\[pPwWSD]|^\.$")
"""What nearly any letter is."""
UNREAD = re.compile(r"(?<!\\)\(\?[^:]|\[\[|&&|~~|--|\\[xuQE]")
"""Syntax that no pack uses and that is not taken apart here."""
MIN_LETTERS = 2


def find_head(pattern: str) -> str | None:
    r"""The beginning of a pattern of the Rust crate `regex`; None if it need not stand at the start of a line.

    >>> find_head("^bạn đang (?:xem|đọc).*$|^(?:video|clip)?[:：] .*$")
    '^(?:bạn đang |(?:video|clip)?[:：] )'
    >>> find_head(r"^(?:Bài|Ảnh: \p{Lu}.*){1,5}$")
    '^(?:(?:Bài|Ảnh: ))'
    >>> find_head(r"^\p{L}[\p{L} ]{1,30}@") is None, find_head("cấm sao chép") is None
    (True, True)
    """
    branches = split_branches(pattern)
    if UNREAD.search(pattern) or not all(branch.startswith("^") for branch in branches):
        return None
    head = _join_heads([branch.removeprefix("^") for branch in branches])
    return f"^(?:{head})" if head else None


def split_branches(pattern: str) -> list[str]:
    """The alternatives at the top of a pattern.

    >>> split_branches("^a(?:b|c)[|]|^d")
    ['^a(?:b|c)[|]', '^d']
    """
    branches, depth = [""], 0
    for atom in ATOM.findall(pattern):
        depth += _deepen(atom)
        if atom == "|" and not depth:
            branches.append("")
        else:
            branches[-1] += atom
    return branches


def _join_heads(branches: list[str]) -> str | None:
    """The heads of alternatives; None if one of them has none."""
    heads = [_cut_branch(branch) for branch in branches]
    return None if None in heads else "|".join(filter(None, heads))


def _cut_branch(branch: str) -> str | None:
    """A sequence up to its first letters or group; None if it may begin with nearly anything."""
    head, letters = "", 0
    for atom, count in _read_atoms(branch):
        is_narrow = not atom.startswith("(") and not BROAD.search(atom)
        if letters >= MIN_LETTERS and not (is_narrow and not count):
            return head
        if count.startswith(("?", "*", "{0")):
            head += atom + count
        elif is_narrow:
            head += atom + count
            letters += 1
        elif atom.startswith("("):
            inner = _join_heads(split_branches(atom.removeprefix("(").removeprefix("?:").removesuffix(")")))
            return f"{head}(?:{inner})" if inner else (head if letters else None)
        else:
            return head if letters else None
    return head if letters else None


def _read_atoms(branch: str) -> Iterator[tuple[str, str]]:
    """Each atom of a sequence, groups whole, and how often it may stand there."""
    at = 0
    while at < len(branch):
        start, depth = at, 0
        while at == start or depth:
            atom = ATOM.match(branch, at)
            assert atom is not None, branch
            depth += _deepen(atom[0])
            at = atom.end()
        count = COUNT.match(branch, at)
        end = count.end() if count else at
        yield branch[start:at], branch[at:end]
        at = end


def _deepen(atom: str) -> int:
    """What an atom adds to the depth of groups."""
    return (atom in ("(", "(?:")) - (atom == ")")
