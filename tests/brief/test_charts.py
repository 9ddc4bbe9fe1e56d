from __future__ import annotations

import dataclasses
import re
from io import StringIO

import matplotlib as mpl
import pytest
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from analysis.brief.charts import (
    bridge,
    caterpillar,
    choropleth,
    effects,
    icons,
    newcases,
    ruler,
    spine,
    tilemap,
    trend,
)
from analysis.brief.charts.canvas import LABEL_PT, Scale, shorten, ticks, top_of, width_mm, wrap
from analysis.brief.charts.style import RC, load_style, svg
from analysis.brief.charts.svg import outline, slim
from analysis.brief.formatting import Formatter
from analysis.errors import UserError

STYLE, FORM = load_style(), Formatter("id")
AREAS = [
    caterpillar.Area(
        f"35.09.{i:02d}", f"Kecamatan {i}", 0.2 + i / 200, 0.15 + i / 200, 0.3 + i / 200
    )
    for i in range(30)
] + [caterpillar.Area("35.09.31", "Tersembunyi", None, None, None)]
TILES = [
    tilemap.Tile(f"{i}", f"Nama{i:02d}x", i // 8, i % 8, state)
    for i, state in enumerate(["higher", "similar", "lower", "not_compared"] * 8)
]
ROW = spine.SpineRow(
    "Sanitasi layak", "3. Konvergensi", "1.700", "73 % (65–81)", "71 %", "90 %", "similar",
    "● belum dapat dibedakan", None, 0.73, 0.65, 0.81, 0.71, 0.9, (0.5, 0.6, 0.7, 0.8),
)  # fmt: skip
EFFECTS = [
    effects.EffectRow(
        "Tanpa sanitasi layak", "Konvergensi", 5.9, 2.8, 8.9, "+5,9 (2,8–8,9)", "≈ 54"
    ),
    effects.EffectRow(
        "Tanpa air minum layak", "Konvergensi", 1.1, -2.4, 4.5, "+1,1 (−2,4 – 4,5)", "–"
    ),
]
LINES = caterpillar.Lines(0.3, "kabupaten 30 %", 0.177, "target 17,7 %")
STEPS = [
    bridge.Step("Rutin", "total", None, 0.1, 0.09, 0.11, "10,0 %"),
    bridge.Step("Hitung ulang", "computed", 0.1, 0.17, None, None, "+7,0 poin"),
    bridge.Step("Tidak ditimbang", "bounded", 0.17, 0.17, 0.15, 0.24, "antara 15–24 %"),
    bridge.Step("Susunan", "not_computed", 0.17, None, None, None, "tidak dihitung"),
    bridge.Step("Survei", "total", None, 0.31, 0.29, 0.33, "31 %"),
]
DRAWINGS = {
    "caterpillar": lambda: caterpillar.caterpillar(AREAS, "35.09.20", LINES, "* tidak ditampilkan", STYLE, FORM),
    "tilemap": lambda: tilemap.tilemap(TILES, "3", dict.fromkeys(tilemap.SIGNS, "kata"), STYLE),
    "ruler": lambda: ruler.ruler(0.24, 0.19, 0.3, [(0.3, "kabupaten")], list("abcde"), STYLE, FORM),
    "icons": lambda: icons.icons(0.12, STYLE),
    "spine": lambda: spine.spine([ROW], [f"h{i}" for i in range(7)], STYLE, FORM),
    "effects": lambda: effects.effects(EFFECTS, ["a", "b", "c", "d"], STYLE, FORM),
    "newcases": lambda: newcases.newcases(
        [newcases.Period("Jan 26", 7, 5, 0), newcases.Period("Mar 26", None, 0, 2)], ("a", "b", "c"), STYLE, FORM
    ),
    "trend": lambda: trend.trend(
        [trend.Point(2022, "SSGI", 0.349, text="34,9 %"), trend.Point(2024, "SSGI", 0.304, 0.27, 0.34, "30,4 %")],
        STYLE, FORM,
    ),
    "path": lambda: trend.target_path(
        [trend.Target(2025, 0.188, "18,8 %"), trend.Target(2029, 0.142, "14,2 %")],
        trend.Point(2026, "", 0.3, 0.28, 0.32, "30 %"), STYLE, FORM, ("a", "b"),
    ),
    "bridge": lambda: bridge.bridge(STEPS, STYLE, FORM),
}  # fmt: skip


@pytest.mark.parametrize("name", DRAWINGS)
def test_charts_are_the_same_bytes_each_time_and_hold_no_live_text(name):
    first, second = svg(DRAWINGS[name]()), svg(DRAWINGS[name]())
    assert first == second
    assert "<text" not in first
    assert "<dc:date" not in first
    assert not re.search(r'href="(?!#)', first)


@pytest.mark.parametrize("name", DRAWINGS)
def test_lines_and_letters_are_wide_enough_for_paper(name):
    drawing = DRAWINGS[name]()
    for artist in drawing.get_children():
        if hasattr(artist, "get_fontsize"):
            assert artist.get_fontsize() >= LABEL_PT >= 8.7
        for width in artist.get_linewidths() if hasattr(artist, "get_linewidths") else []:
            assert width >= 0.75


@pytest.mark.parametrize(
    "name", ["spine", "effects", "bridge", "caterpillar", "tilemap", "newcases"]
)
def test_words_stay_inside_the_picture(name):
    drawing = DRAWINGS[name]()
    page = drawing.bbox
    renderer = drawing.canvas.get_renderer() if hasattr(drawing.canvas, "get_renderer") else None
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    renderer = renderer or FigureCanvasAgg(drawing).get_renderer()
    for artist in drawing.get_children():
        if hasattr(artist, "get_fontsize") and artist.get_text():
            box = artist.get_window_extent(renderer)
            assert box.x0 >= page.x0 - 1, artist.get_text()
            assert box.x1 <= page.x1 + 1, artist.get_text()


def test_suppressed_areas_have_words_and_no_point():
    drawing = caterpillar.caterpillar(AREAS, None, LINES, "* tidak ditampilkan", STYLE, FORM)
    words = [a.get_text() for a in drawing.get_children() if hasattr(a, "get_text")]
    assert words.count("* tidak ditampilkan") == 1
    points = [a for a in drawing.get_children() if hasattr(a, "get_xdata")]
    assert sum(len(a.get_xdata()) for a in points) == 30


def test_icons_never_round_to_certainty():
    assert [icons.filled(p) for p in (0.0, 0.024, 0.03, 0.5, 0.96, 0.98)] == [0, 0, 1, 5, 9, 10]


def test_abbreviations_are_each_their_own():
    names = ["Sumberbaru", "Sumbersari", "Sumberjambe", "Sukorambi", "Sukowono", "Patrang", "Kalisat",
             "Kaliwates", "Silo"]  # fmt: skip
    short = tilemap.abbreviations(names)
    assert len(set(short.values())) == len(names)
    assert short["Sumberjambe"] == "S.ja"
    assert max(map(len, short.values())) <= 4


def test_scales_hold_values_inside():
    scale = Scale(0, 0.5, 10, 110)
    assert (scale(0), scale(0.25), scale(0.9)) == (10, 60, 110)
    assert top_of([0.31, 0.12]) == pytest.approx(0.35)
    assert ticks(0.35) == [0.0, 0.1, 0.2, 0.3]


def test_wrapped_words_fit_their_room():
    lines = wrap("Desa menganggarkan stunting dari Dana Desa/APBDes", 40)
    assert len(lines) == 2
    assert all(width_mm(line) <= 40 for line in lines)
    assert shorten("Protein hewani kurang dari 3 hari", 30).endswith("…")


@pytest.mark.parametrize("name", DRAWINGS)
def test_letters_stand_where_matplotlib_puts_them(name):
    drawing, theirs = DRAWINGS[name](), StringIO()
    with mpl.rc_context(RC):
        drawing.savefig(theirs, format="svg")
    ours = svg(drawing)

    def texts(text):
        return re.findall(r'transform="(translate\([^)]*\)[^"]* ?scale\(0\.[^"]*)"', text)

    assert texts(ours) == texts(theirs.getvalue())
    letters = re.findall(
        r'<use xlink:href="#[^"]*-([0-9a-f]+)"(?: transform="translate\(([\d.]+) 0\)")?/>',
        theirs.getvalue(),
    )
    placed = re.findall(r'<use href="#[A-Z]+([0-9a-f]+)"(?: x="([\d.]+)")?/>', ours)
    blank = re.findall(r'<path id="[^"]*-([0-9a-f]+)" transform', theirs.getvalue())
    seen = [(letter, x) for letter, x in letters if letter not in blank]
    assert placed == [(letter, f"{float(x):.1f}" if x else "") for letter, x in seen]
    assert set(re.findall(r'<path id="[A-Z]+([0-9a-f]+)"', ours)) == {letter for letter, _ in seen}


def test_outlines_become_cubic_and_whole():
    assert outline("M 0 0 L 3200 0 Q 3200 3200 0 3200 z") == "M0 0L100 0C100 67 67 100 0 100Z"
    assert "<!--" not in slim("<!-- x --><svg></svg>")


SQUARE = {
    "type": "FeatureCollection",
    "features": [
        {"properties": {"code": code}, "geometry": {"type": kind, "coordinates": shape}}
        for code, kind, shape in (
            ("a", "Polygon", [[[0, 0], [1, 0], [1, 1], [0, 1]]]),
            (
                "b",
                "MultiPolygon",
                [[[[1, 0], [2, 0], [2, 1], [1, 1]]], [[[3, 0], [3.1, 0], [3.1, 0.1]]]],
            ),
        )
    ],
}


def test_choropleth_draws_every_boundary(tmp_path):
    import json

    file = tmp_path / "batas.geojson"
    file.write_text(json.dumps(SQUARE), encoding="utf-8")
    shapes = choropleth.read_shapes(file)
    drawing = choropleth.choropleth(
        shapes, {"a": "higher", "b": "lower"}, "a", dict.fromkeys(tilemap.SIGNS, "kata"), STYLE
    )
    assert len(shapes["b"]) == 2
    assert "<text" not in svg(drawing)


def test_a_boundary_file_that_is_none_says_so(tmp_path):
    file = tmp_path / "batas.geojson"
    file.write_text('{"type": "FeatureCollection"}', encoding="utf-8")
    with pytest.raises(UserError, match=r"batas\.geojson: expected GeoJSON"):
        choropleth.read_shapes(file)


def test_names_of_the_two_lines_share_a_line_only_where_they_do_not_touch():
    scale = caterpillar.Scale(0, 0.6, 26, 102)
    apart = caterpillar._names(scale, LINES, 105, STYLE)
    close = caterpillar._names(
        scale, dataclasses.replace(LINES, target=0.29, target_label="target 29,0 %" * 3), 105, STYLE
    )
    assert [n.line for n in apart] == [0, 0]
    assert sorted(n.line for n in close) == [0, 1]


def test_a_year_between_higher_ones_has_its_number_below():
    points = [trend.Point(2022, "A", 0.35, text="x"), trend.Point(2023, "B", 0.29, text="dip"),
              trend.Point(2024, "A", 0.31, text="y")]  # fmt: skip
    drawn = trend.trend(points, STYLE, FORM)
    place = {t.get_text(): t.get_position()[1] for t in drawn.findobj(Text)}
    assert place["dip"] > place["x"] and place["dip"] > place["y"]  # millimetres from the top


def test_new_cases_stand_at_their_months():
    periods = [newcases.Period(str(i), 6, 6, at) for i, at in enumerate((0, 3, 4))]
    drawn = newcases.newcases(periods, ("a", "b", "c"), STYLE, FORM)
    left = sorted({round(p.get_x(), 2) for p in drawn.findobj(Rectangle) if p.get_height() > 5})
    assert left[1] - left[0] == pytest.approx(3 * (left[2] - left[1]), abs=0.05)
