"""What a reader gives: records, and faults where one could not be read."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, NamedTuple

from tasks.read.fields import Fields, map_fields

if TYPE_CHECKING:
    from tasks.read.pages import Page

MIB = 2**20


@dataclass(frozen=True)
class ReadOptions:
    """How inputs are read.

    Args:
        fields: names of the record fields that hold text, html, url, title, byline, published_at, fetched_at
            and id; the first that a record has is taken. A page is read where there is no text.
        max_document_mib: a longer record is not read. A newspaper's whole year is under 100 MiB; 256 keeps
            one record within the memory of a small machine.
        max_expansion: a packed file that grows by more than this is a bomb. Text shrinks 3 to 10 times,
            and 60 times at the most in the log files of the zstd and gzip manuals.
    """

    fields: Fields = Fields()
    max_document_mib: int = 256
    max_expansion: int = 200

    def __post_init__(self) -> None:
        """Refuse what no run can do.

        Raises:
            ValueError: a count or a size is not above 0.
        """
        for name, value in vars(self).items():
            if isinstance(value, int) and value < 1:
                raise ValueError(f"{name} must be 1 or more")

    @property
    def max_document_bytes(self) -> int:
        """The longest record, in bytes."""
        return self.max_document_mib * MIB


class Record(NamedTuple):
    """One document of a file; `key` tells it from the others there.

    `taken` says which field was taken for what; `member` is the name of the file inside an archive.
    """

    record: int
    key: str
    text: str
    charset: str
    mapped: Mapping[str, str | None]
    extra: str | None = None
    markup: str | None = None
    taken: Mapping[str, str] = MappingProxyType({})
    member: str = ""


class Fault(NamedTuple):
    """A record, or from there on the rest of the file, that could not be read."""

    record: int
    error: str
    member: str = ""


class LeftOut(NamedTuple):
    """Something in a file that is no document by its nature, such as a picture in a crawl: counted by kind."""

    kind: str


Found = Record | Fault | LeftOut
Reader = Callable[[IO[bytes], ReadOptions], Iterator[Found]]

SPLIT = "Split it into documents, or raise read.max_document_mib in the configuration."


class Records:
    """Makes the records of one file, in order.

    Args:
        options: how to read.
    """

    def __init__(self, options: ReadOptions) -> None:
        self._names = options.fields
        self._seen: dict[str, int] = {}
        self.next = 0

    def fault(self, error: str) -> Fault:
        """The next record cannot be read."""
        self.next += 1
        return Fault(self.next - 1, error)

    def make(self, fields: Mapping[str, object], place: str) -> Record | Fault:
        """The next record, of mapped fields.

        Args:
            fields: by name, as the file has them.
            place: where it stands, for the message.
        """
        mapped, extra, taken = map_fields(fields, self._names)
        text, html = mapped.pop("text"), mapped.pop("html")
        markup = None
        if html is not None and not (text and text.strip()):
            page = parse_page(html)
            if page.error:
                return self.fault(f"{place}: {page.error}")
            text, markup = page.text, page.markup
            mapped = {**page.mapped, **{role: value for role, value in mapped.items() if value is not None}}
        if text is None:
            return self.fault(f"{place} has no text. {name_text(list(fields))}")
        return self.add(text, mapped, extra=extra, markup=markup, taken=taken)

    def add(
        self,
        text: str,
        mapped: Mapping[str, str | None],
        *,
        extra: str | None = None,
        markup: str | None = None,
        taken: Mapping[str, str] = MappingProxyType({}),
    ) -> Record:
        """The next record, of a text and what is known of it."""
        about = dict(mapped)
        identity = about.pop("id", None)
        # A number is nobody else's, and very many need not be remembered.
        key = f"#{self.next}" if identity is None else self._tell_apart(f"={identity}")
        self.next += 1
        return Record(self.next - 1, key, text, "utf-8", about, extra, markup, taken)

    def _tell_apart(self, key: str) -> str:
        """The key; a repeated one with a number, so that its records stay apart."""
        self._seen[key] = self._seen.get(key, 0) + 1
        # No id can begin so: keys begin with "#" or "=".
        return key if self._seen[key] == 1 else f"~{self._seen[key]}{key}"


def parse_page(html: str) -> "Page":
    """A page from its characters."""
    from tasks.read.pages import parse_html  # noqa: PLC0415 - a third of a second that most runs do not need

    return parse_html(clean_surrogates(html))


MAX_NAME_CHARS = 60


def name_text(names: list[str]) -> str:
    """What to do where no field is known to hold the text."""
    known = [name if len(name) <= MAX_NAME_CHARS else name[:MAX_NAME_CHARS] + "…" for name in names[:8]]
    return (
        f"It has the fields: {', '.join(known) or 'none'}. "
        "Name the one that holds the text in read.fields.text, or a page in read.fields.html."
    )


def clean_surrogates(text: str) -> str:
    r"""Half surrogate pairs, which no encoding can write, stay as the escapes that they were written in.

    >>> clean_surrogates("a\ud800b")
    'a\\ud800b'
    """
    return text.encode("utf-8", "backslashreplace").decode()


def read_lines(stream: IO[bytes], limit: int) -> Iterator[bytes]:
    """Lines of bounded length: of one that is longer, the first `limit` + 1 bytes."""
    first = True
    while line := stream.readline(limit + 1):
        if len(line) > limit:
            while (rest := stream.readline(MIB)) and not rest.endswith(b"\n"):
                pass
        yield line.removeprefix(b"\xef\xbb\xbf") if first else line
        first = False
