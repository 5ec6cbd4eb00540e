"""Pictures as SVG: drawn once, coloured by the page's own style sheet, in light and in dark."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import altair as alt
import polars as pl

from tasks.report.gather import RunRow, Share, tell_percent

INKS: Final = {
    "kept": "#a10001",
    "boilerplate": "#a10002",
    "duplicate": "#a10003",
    "husk": "#a10004",
    "marked": "#a10005",
    "text": "#a10006",
    "faint": "#a10007",
    "line": "#a10008",
    "superseded": "#a10009",
}
"""Colours that stand for the style sheet's variables of these names until the SVG is written."""

MAX_FLOWS: Final = 9
"""Reasons with a ribbon of their own; the others flow together."""
STEPS: Final = 24
"""Points of a ribbon's edge."""
FONT: Final = "sans-serif"


class Size(NamedTuple):
    """Of a picture, in pixels at its own scale."""

    width: int
    height: int


WIDE, NARROW = Size(760, 320), Size(340, 360)


def draw_flow(shares: Sequence[Share], unit: str, size: Size) -> str:
    """From raw to clean: a ribbon per reason, as wide as what it took.

    Args:
        shares: what became of the input.
        unit: paragraphs | chars: what is measured.
        size: of the picture.
    """
    flows = _merge(shares, unit)
    total = sum(amount for _, _, amount in flows) or 1
    gap = 0.055
    scale = 1 - gap * (len(flows) - 1) * 0.5
    ribbons, labels, y_from, y_to = [], [], (1 - scale) / 2, 0.0
    for number, (name, group, amount) in enumerate(flows):
        thickness = amount / total * scale
        room = max(thickness, gap)
        y_end = y_to + (room - thickness) / 2
        for step in range(STEPS + 1):
            x = step / STEPS
            smooth = x * x * (3 - 2 * x)
            top = y_from + (y_end - y_from) * smooth
            ribbons.append({"n": number, "group": group, "x": x, "y": top, "y2": top + thickness})
        told = _tell(amount, total) if size is WIDE else tell_percent(amount, total)
        labels.append({"x": 1.02, "y": y_to + room / 2, "text": f"{name.replace('_', ' ')}  {told}"})
        y_from, y_to = y_from + thickness, y_to + room
    height = max(1.0, y_to)
    frame, texts = pl.DataFrame(ribbons), pl.DataFrame(labels)
    x_scale = alt.Scale(domain=[0, 1.62 if size is WIDE else 2.15])
    y_scale = alt.Scale(domain=[height, 0])
    across = alt.X("x:Q", scale=x_scale, axis=None)
    areas = (
        alt.Chart(frame)
        .mark_area(opacity=0.85, strokeWidth=0.8)
        .encode(
            x=across,
            y=alt.Y("y:Q", scale=y_scale, axis=None),
            y2="y2:Q",
            detail="n:N",
            color=_color_by_group(),
            stroke=_color_by_group(),
        )
    )
    words = (
        alt.Chart(texts)
        .mark_text(align="left", baseline="middle", fontSize=12, color=INKS["text"])
        .encode(x=across, y=alt.Y("y:Q", scale=y_scale, axis=None), text="text:N")
    )
    return _write(alt.layer(areas, words), size)


def _merge(shares: Sequence[Share], unit: str) -> list[tuple[str, str, int]]:
    """What stayed first, then the reasons by size, the small ones together."""
    amounts = sorted(
        ((share.reason or "kept", share.group, int(getattr(share, unit))) for share in shares),
        key=lambda flow: (flow[0] != "kept", -flow[2], flow[0]),
    )
    first, rest = amounts[: MAX_FLOWS + 1], amounts[MAX_FLOWS + 1 :]
    if len(rest) > 1:
        return [*first, (f"{len(rest)} other reasons", "boilerplate", sum(flow[2] for flow in rest))]
    return [*first, *rest]


def _tell(amount: int, total: int) -> str:
    return f"{amount:,} · {tell_percent(amount, total)}"


def draw_trend(runs: Sequence[RunRow], size: Size) -> str:
    """Paragraphs kept and removed after each run."""
    rows = [
        {"run": str(run.number), "order": place, "group": group, "paragraphs": count}
        for run in runs
        for place, (group, count) in enumerate((("kept", run.kept), ("boilerplate", run.removed)))
    ]
    chart = (
        alt.Chart(pl.DataFrame(rows))
        .mark_bar(size=min(40, max(4, size.width // (2 * len(runs)))))
        .encode(
            x=alt.X("run:N", sort=[str(run.number) for run in runs], axis=_axis("run", ticks=False)),
            y=alt.Y("paragraphs:Q", axis=_axis("paragraphs", ticks=True)),
            color=_color_by_group(),
            order="order:Q",
        )
    )
    return _write(chart, size)


def _axis(title: str, *, ticks: bool) -> alt.Axis:
    return alt.Axis(
        title=title,
        labelAngle=0,
        domain=not ticks,
        ticks=False,
        grid=ticks,
        tickCount=4,
        format="~s" if ticks else alt.Undefined,
        labelColor=INKS["faint"],
        titleColor=INKS["faint"],
        gridColor=INKS["line"],
        domainColor=INKS["line"],
        titleFontWeight="normal",
        labelFontSize=11,
        titleFontSize=11,
        labelOverlap=True,
    )


def _color_by_group() -> Any:  # noqa: ANN401 - fill and stroke are told alike
    names = [name for name in INKS if name not in ("text", "faint", "line")]
    scale = alt.Scale(domain=names, range=[INKS[name] for name in names])
    return {"field": "group", "type": "nominal", "legend": None, "scale": scale}


def _write(chart: Any, size: Size) -> str:  # noqa: ANN401 - a chart or layers of charts
    """The chart as SVG that scales with the page and takes its colours from it."""
    import vl_convert  # noqa: PLC0415 - it starts a JavaScript engine

    finished = (
        chart.properties(width=size.width, height=size.height, background="transparent")
        .configure(font=FONT)
        .configure_view(stroke=None)
    )
    svg = str(vl_convert.vegalite_to_svg(finished.to_dict(), vl_version="6.4"))
    for name, ink in INKS.items():
        svg = svg.replace(ink, f"var(--{name})")
    return svg.replace(f'font-family="{FONT}"', 'font-family="inherit"')
