"""Charts of PowerPoint's own, with their numbers in a sheet behind them.

python-pptx has no error bars, so the element of the Open XML standard (ECMA-376, 21.2.2.55)
is written here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from pptx.chart.data import CategoryChartData
from pptx.enum.chart import (
    XL_CHART_TYPE,
    XL_LABEL_POSITION,
    XL_LEGEND_POSITION,
    XL_MARKER_STYLE,
    XL_TICK_LABEL_POSITION,
    XL_TICK_MARK,
)
from pptx.enum.dml import MSO_LINE
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Pt

from analysis.brief.deck.parts import Bars, Path
from analysis.brief.tables import spreadsheet_safe
from analysis.publish.slides.package import hexadecimal, rgb

FONT = 13
_Data: Any = CategoryChartData  # python-pptx leaves it untyped


def bar_chart(shapes: Any, part: Bars, place: Sequence[Any], palette: dict[str, str]) -> Any:
    """Add bars with their intervals; those whose interval includes zero are grey."""
    data = _Data(number_format="0.0")
    data.categories = [spreadsheet_safe(name) for name in part.categories]
    data.add_series(spreadsheet_safe(part.series), part.values)
    frame = shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, *place, data)
    chart = _plain(frame.chart)
    plot = chart.plots[0]
    plot.gap_width, plot.vary_by_categories = 70, False
    series = plot.series[0]
    series.invert_if_negative = False
    for index, sure in enumerate(part.sure):
        fill = series.points[index].format.fill
        fill.solid()
        fill.fore_color.rgb = rgb(palette["blue-mid" if sure else "rule"])
    minus = [value - low for value, low in zip(part.values, part.low, strict=True)]
    plus = [high - value for value, high in zip(part.values, part.high, strict=True)]
    _error_bars(series, minus, plus, palette["ink"])
    names, values = chart.category_axis, chart.value_axis
    names.reverse_order = True
    # The scale stands below, though the order is reversed.
    values._element.find(qn("c:crosses")).set("val", "max")
    names.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    values.has_title = True
    values.axis_title.text_frame.text = part.unit
    _font(values.axis_title.text_frame.paragraphs[0].runs[0].font, palette["muted"])
    step = 5.0 if max(part.high) > 10 else 2.0
    values.minimum_scale = step * math.floor(min(0.0, *part.low) / step)
    values.maximum_scale = step * math.ceil(max(part.high) / step)
    values.major_unit = step
    values.tick_labels.number_format = "0"
    values.tick_labels.number_format_is_linked = False
    _axes(names, values, palette)
    return frame


def path_chart(shapes: Any, part: Path, place: Sequence[Any], palette: dict[str, str]) -> Any:
    """Add the target path as a dotted line and the figure as a point with its interval."""
    estimate, low, high = part.figure
    here = part.years.index(part.figure_year)
    figures = [estimate if i == here else None for i in range(len(part.years))]
    data = _Data(number_format="0.0%")
    data.categories = part.years
    data.add_series(spreadsheet_safe(part.target_name), part.targets)
    data.add_series(spreadsheet_safe(part.figure_name), figures)
    frame = shapes.add_chart(XL_CHART_TYPE.LINE_MARKERS, *place, data)
    chart = _plain(frame.chart)
    chart.has_legend = True
    chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
    _font(chart.legend.font, palette["ink"])
    target, figure = chart.plots[0].series
    _line(target, palette["orange-ink"], XL_MARKER_STYLE.DIAMOND, palette["white"])
    target.format.line.dash_style = MSO_LINE.ROUND_DOT
    _line(figure, palette["blue"], XL_MARKER_STYLE.CIRCLE, palette["blue"])
    figure.marker.size = 12
    only = [0.0] * len(part.years)
    minus, plus = list(only), list(only)
    minus[here], plus[here] = estimate - low, high - estimate
    _error_bars(figure, minus, plus, palette["blue"], direction="y", width=2.5)
    for series, color, where in (
        (target, palette["orange-ink"], XL_LABEL_POSITION.BELOW),
        (figure, palette["blue"], XL_LABEL_POSITION.RIGHT),
    ):
        labels = series.data_labels
        labels.show_value, labels.position = True, where
        labels.number_format, labels.number_format_is_linked = "0.0%", False
        _font(labels.font, color)
    values = chart.value_axis
    values.minimum_scale = 0
    values.tick_labels.number_format = "0%"
    values.tick_labels.number_format_is_linked = False
    _axes(chart.category_axis, values, palette)
    return frame


def _plain(chart: Any) -> Any:
    chart.has_title = False
    chart.has_legend = False
    chart.font.size = Pt(FONT)
    return chart


def _line(series: Any, color: str, marker: Any, fill: str) -> None:
    series.smooth = False
    series.format.line.color.rgb = rgb(color)
    series.format.line.width = Pt(2)
    series.marker.style, series.marker.size = marker, 9
    series.marker.format.fill.solid()
    series.marker.format.fill.fore_color.rgb = rgb(fill)
    series.marker.format.line.color.rgb = rgb(color)


def _axes(names: Any, values: Any, palette: dict[str, str]) -> None:
    values.has_major_gridlines = True
    values.major_gridlines.format.line.color.rgb = rgb(palette["grid"])
    values.format.line.fill.background()
    values.major_tick_mark = names.major_tick_mark = XL_TICK_MARK.NONE
    names.format.line.color.rgb = rgb(palette["ink"])
    names.has_major_gridlines = False
    _font(names.tick_labels.font, palette["ink"])
    _font(values.tick_labels.font, palette["muted"])


def _font(font: Any, color: str) -> None:
    font.size, font.bold = Pt(FONT), False
    font.color.rgb = rgb(color)


def _error_bars(
    series: Any,
    minus: Sequence[float],
    plus: Sequence[float],
    color: str,
    direction: str | None = None,
    width: float = 1.5,
) -> None:
    """Add intervals of each point to a series, before its categories as the schema wants."""
    way = f'<c:errDir val="{direction}"/>' if direction else ""
    bars = parse_xml(
        f'<c:errBars {nsdecls("c", "a")}>{way}<c:errBarType val="both"/>'
        '<c:errValType val="cust"/><c:noEndCap val="1"/>'
        f"<c:plus>{_literal(plus)}</c:plus><c:minus>{_literal(minus)}</c:minus>"
        f'<c:spPr><a:ln w="{int(Pt(width))}"><a:solidFill><a:srgbClr val="{hexadecimal(color)}"/>'
        "</a:solidFill></a:ln></c:spPr></c:errBars>"
    )
    series._element.find(qn("c:cat")).addprevious(bars)


def _literal(numbers: Sequence[float]) -> str:
    points = "".join(
        f'<c:pt idx="{index}"><c:v>{number:.6g}</c:v></c:pt>'
        for index, number in enumerate(numbers)
    )
    return (
        "<c:numLit><c:formatCode>General</c:formatCode>"
        f'<c:ptCount val="{len(numbers)}"/>{points}</c:numLit>'
    )
