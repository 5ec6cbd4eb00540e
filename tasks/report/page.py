"""The page: sums, samples and pictures poured into one HTML file that asks nobody for anything."""

import base64
import hashlib
import math
import shlex
from importlib.resources import files
from typing import Final, NamedTuple

import jinja2
from markupsafe import Markup

from tasks.differences import Run
from tasks.explain import name_record
from tasks.marks import write_mark
from tasks.report.charts import NARROW, WIDE, Size, draw_flow, draw_trend
from tasks.report.gather import Sums, gather_sums, tell_percent
from tasks.report.groups import BY_KEY, GROUPS
from tasks.report.repairs import Repaired, sample_repairs
from tasks.report.samples import (
    Cluster,
    Miss,
    Page,
    explain_pages,
    sample_clusters,
    sample_misses,
    sample_pages,
)
from tasks.store import Store

MAX_PAGE_BYTES: Final = 5_000_000
"""What a mail server lets through, base64 and all, with room to spare."""
MAX_DOCUMENT_BYTES: Final = 3_500_000
"""Of it for sampled documents; those that do not fit are left out."""
MAX_CELL_CHARS: Final = 400
"""Of a name, a line or a sentence in a table: an address may have thousands."""


def write_report(store: Store) -> str:
    """The report on a corpus as one HTML page, under MAX_PAGE_BYTES, the same for the same corpus.

    Samples that do not fit are halved, the documents first, until they do; what is left is counted and short.

    Raises:
        StoreError: there is no corpus.
    """
    store.require_corpus()
    sums = gather_sums(store)
    templates = open_templates()
    samples = Samples(
        documents=render_pages(templates, sample_pages(store), MAX_DOCUMENT_BYTES),
        clusters=sample_clusters(store),
        misses=sample_misses(store),
        repairs=sample_repairs(store, [mended.name for mended in sums.mended]),
    )
    told = {
        "corpus": store.root.resolve().name,
        "run": store.last_run,
        "sums": sums,
        "totals": _total(sums),
        "charts": _draw(sums),
        "groups": GROUPS,
        **load_assets(),
    }
    page = templates.get_template("report.html")
    html = page.render(**told, **samples._asdict())
    while len(html.encode()) > MAX_PAGE_BYTES and any(samples):
        samples = samples.halve()
        html = page.render(**told, **samples._asdict())
    return html


class Samples(NamedTuple):
    """What the report shows of the corpus itself."""

    documents: list[tuple[Page, Markup]]
    clusters: list[Cluster]
    misses: list[Miss]
    repairs: list[Repaired]

    def halve(self) -> "Samples":
        """Half of the documents; half of all else once there are none."""
        if self.documents:
            return self._replace(documents=self.documents[: len(self.documents) // 2])
        return Samples(
            [],
            self.clusters[: len(self.clusters) // 2],
            self.misses[: len(self.misses) // 2],
            self.repairs[: len(self.repairs) // 2],
        )


def write_explanation(store: Store, place: str) -> str:
    """The lines of a source as a page: `decant explain --html`.

    Raises:
        UsageError: the corpus has no such source or line.
        StoreError: there is no corpus.
    """
    templates = open_templates()
    bodies = render_pages(templates, explain_pages(store, place))
    return templates.get_template("document.html").render(
        place=place, documents=bodies, groups=GROUPS, **load_assets()
    )


def open_templates() -> jinja2.Environment:
    """The templates of this package; whatever they print is escaped."""
    templates = jinja2.Environment(
        loader=jinja2.PackageLoader("tasks.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters |= {"number": lambda value: f"{value:,}", "percent": tell_percent, "marked": write_runs}
    templates.filters |= {"shell": shlex.quote, "tojson_text": write_mark, "place": name_record}
    templates.filters |= {"short": cut_cell}
    templates.globals |= {"sign_of": lambda key: BY_KEY[key].sign, "name_of": lambda key: BY_KEY[key].name}
    return templates


def load_assets() -> dict[str, object]:
    """Style sheet and script, and the policy that lets this script run and nothing else be loaded."""
    folder = files("tasks.report") / "templates"
    style, script = ((folder / name).read_text("utf-8") for name in ("style.css", "script.js"))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    return {
        "style": Markup(style),  # noqa: S704 - a file of this package
        "script": Markup(script),  # noqa: S704 - a file of this package
        "policy": policy,
    }


def render_pages(
    templates: jinja2.Environment, pages: list[Page], max_bytes: float = math.inf
) -> list[tuple[Page, Markup]]:
    """Documents as HTML, as many as fit."""
    body = templates.get_template("lines.html")
    rendered, size = [], 0
    for page in pages:
        html = body.render(page=page)
        taken = len(html.encode("utf-8", "replace"))
        if size + taken > max_bytes:
            continue
        size += taken
        rendered.append((page, Markup(html)))  # noqa: S704 - rendered with autoescape
    return rendered


def cut_cell(text: str) -> str:
    """A text that a table has room for.

    >>> cut_cell("a" * 1000)[-3:]
    'aa…'
    """
    return text if len(text) <= MAX_CELL_CHARS else text[: MAX_CELL_CHARS - 1] + "…"


def write_runs(runs: list[Run], tag: str = "mark") -> Markup:
    """A text with its own words in an element, the blanks after them outside; everything is escaped.

    >>> write_runs([Run("hơn ", False), Run("<30> ", True), Run("hộ", False)])
    Markup('hơn <mark>&lt;30&gt;</mark> hộ')
    """
    opened, closed = Markup(f"<{tag}>"), Markup(f"</{tag}>")  # noqa: S704 - a literal of the templates
    parts = []
    for run in runs:
        word = run.text.rstrip() or run.text
        marked = opened + word + closed if run.is_own else Markup.escape(word)
        parts.append(marked + run.text[len(word) :])
    return Markup().join(parts)


def _total(sums: Sums) -> dict[str, int]:
    kept = [share for share in sums.shares if share.reason is None]
    return {
        "paragraphs": sum(share.paragraphs for share in sums.shares),
        "chars": sum(share.chars for share in sums.shares),
        "kept": sum(share.paragraphs for share in kept),
        "kept_chars": sum(share.chars for share in kept),
    }


def _draw(sums: Sums) -> dict[str, Markup]:
    pictures = {}
    if sums.shares:
        for unit in ("chars", "paragraphs"):
            pictures[f"{unit}_wide"] = draw_flow(sums.shares, unit, WIDE)
            pictures[f"{unit}_narrow"] = draw_flow(sums.shares, unit, NARROW)
    if len(sums.runs) > 1:
        pictures["trend_wide"] = draw_trend(sums.runs, Size(640, 180))
        pictures["trend_narrow"] = draw_trend(sums.runs, Size(280, 180))
    return {name: Markup(svg) for name, svg in pictures.items()}  # noqa: S704 - drawn here, from numbers
