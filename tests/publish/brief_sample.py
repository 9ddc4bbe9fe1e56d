"""A made-up executed brief with the whole two-page grammar, for the tests of rendering."""

from __future__ import annotations

import atexit
import csv
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib
import nbformat
import numpy as np

matplotlib.use("svg")
import matplotlib.pyplot as plt
from matplotlib import font_manager

REPORTS = Path(__file__).resolve().parents[2] / "reports"
MM = 1 / 25.4
STEM = "2026_350920_patrang_ringkasan-stunting"
BLUE, ORANGE, OTHER, INK, MUTED = "#114e7f", "#d9730d", "#8e9aa4", "#17232e", "#55626d"

LABELS = {
    "page": "Halaman",
    "of": "dari",
    "skip": "Langsung ke isi",
    "meeting": "Untuk rapat",
    "period": "Periode data",
    "audience": "Untuk",
    "code": "Kode",
    "data": "Data grafik ini",
    "attachment": "Angka ringkasan ini dalam CSV",
}

METADATA: dict[str, Any] = {
    "title": "Ringkasan Bukti Kecamatan Patrang",
    "subtitle": "Stunting pada balita · Kabupaten Jember",
    "lang": "id",
    "place": "Kecamatan Patrang",
    "code": "35.09.20",
    "period": "survei Juli–Agustus 2026, bulan timbang s.d. Agustus 2026",
    "meeting": "Reviu target tahunan TPPS, 24 September 2026",
    "date": "2026-09-24",
    "status": "DRAF",
    "audience": "camat, kepala puskesmas, OPD",
    "synthetic": True,
    "synthetic_label": "DATA SINTETIS — contoh, bukan keadaan sebenarnya",
    "author": "Bappeda Kabupaten Jember",
    "keywords": ["stunting", "Patrang", "balita"],
    "description": "Perkiraan stunting, target, dan tiga hal untuk diputuskan di Kecamatan Patrang.",
    "url": "https://example.org/2026_350920_patrang.html",
    "citation": "Bappeda Kabupaten Jember (2026). Ringkasan Bukti Kecamatan Patrang.",
    "hashes": {"data": "9f3a1c77", "parameter": "41d2be90", "kode": "dc0093c"},
    "generated": "2026-08-31",
    "pages": 2,
    "labels": LABELS,
}

SIDE_ONE = [
    """::: {.message}
## Pesan utama
Sekitar 1 dari 4 balita di Patrang stunting (24 %, kemungkinan besar 19–30 %). Ini belum dapat dibedakan dari rata-rata kabupaten, dan peluang mencapai target 2026 sekitar 1 dari 10. Celah layanan terbesar: sanitasi dan kehadiran posyandu.
:::
""",
    """:::: {.facts cols="4"}
::: card
[Balita stunting]{.label}

[24 %]{.value} [19–30 %]{.interval}

[Survei 2026, keyakinan sedang]{.note}
:::
::: card
[Perkiraan jumlah]{.label}

[≈ 1.640]{.value} [1.300–2.050]{.interval}

[dari 6.830 balita terdaftar]{.note}
:::
::: card
[Peluang capai target 18 %]{.label}

[1 dari 10]{.value}

![](figures/icons.svg){alt="Sepuluh lingkaran, satu terisi: peluang mencapai target sekitar 1 dari 10."}
:::
::: card
[Penurunan yang diperlukan]{.label}

[3,1 poin]{.value} [per tahun]{.interval}

[168 anak diukur, 6 dari 8 desa]{.note}
:::
::::
""",
    """:::: {.columns}
::: {.column width="60%"}
## Patrang di antara 31 kecamatan

![Belum dapat dibedakan dari rata-rata kabupaten](figures/caterpillar.svg){#fig-caterpillar alt="Perkiraan stunting dan rentangnya untuk 31 kecamatan; Patrang 24 persen, rentang 19 sampai 30 persen, kabupaten 26 persen, target 18 persen."}

::: {.data-table summary="Data grafik 31 kecamatan"}
| Kecamatan | Perkiraan (%) | Rentang (%) |
|---|---:|---:|
| Patrang | 24 | 19–30 |
| Silo | 33 | 27–40 |
| Sumberjambe | 36 | 29–44 |
:::

::: {.reading}
Rentang yang bertumpang-tindih belum dapat dibedakan. Bukan peringkat kinerja.
:::
:::
::: {.column width="40%"}
## Mengapa dua angka berbeda?

![Survei lebih tinggi daripada bulan timbang](figures/bridge.svg){#fig-bridge alt="Survei 24 persen dengan rentang 19 sampai 30 persen; bulan timbang 11 persen dari 5.940 anak yang diukur."}

Bulan timbang mencatat 11 % dari 5.940 anak yang diukur (D/S 87 %). Survei mengukur sampel dengan alat terstandar; selisih terutama berasal dari cara mengukur, sisanya dari anak yang tidak datang.

::: {.caution}
Keyakinan sedang: dua desa tidak terambil dalam sampel.
:::
:::
::::
""",
    """## Tiga hal untuk diputuskan

::: {.decision widths="25 23 10 14 15 13"}
| Keputusan | Celah layanan | Bukti | OPD | Waktu dan dana | Disepakati |
|---|---|---|---|---|---|
| Jamban keluarga dan air minum aman di tiga desa lokus | 38 dari 100 keluarga balita tanpa sanitasi layak (target 10) | ●●○ | DPRKPCK, DPMD | Oktober 2026, Dana Desa dan APBD | ☐ |
| Kunjungan rumah bagi balita yang dua bulan tidak ditimbang | D/S 87 %, target 95 % | ●●● | Dinkes, DP3AKB (TPK) | mulai Oktober 2026, BOK | ☐ |
| Tablet tambah darah dan pemeriksaan kehamilan lengkap | 71 % ibu minum ≥ 90 tablet (target 90 %) | ●●○ | Dinkes | TW I 2027, DAK nonfisik | ☐ |
:::
""",
]

SIDE_TWO = [
    """::: {.side}
## Bukti pendukung
:::
""",
    """## Dua belas indikator menurut pilar

![Sanitasi dan kehadiran posyandu tertinggal](figures/spine.svg){#fig-spine .spine alt="Dua belas indikator: sanitasi layak 62 persen, lebih rendah daripada kabupaten; D/S 87 persen, lebih rendah; sepuluh lainnya belum dapat dibedakan."}

::: {.data-table summary="Data dua belas indikator"}
| Indikator | n | Nilai | Kabupaten | Target | Arti |
|---|---:|---:|---:|---:|---|
| Sanitasi layak | 168 | 62 (54–69) | 74 | 90 | [▼ lebih rendah]{.lower} |
| Imunisasi dasar lengkap | 54 | 81 (69–90) | 83 | 90 | [● belum dapat dibedakan]{.same} |
:::
""",
    """:::: {.columns}
::: {.column width="50%"}
## Faktor yang berhubungan

::: {.table .compact widths="46 30 24"}
| Faktor | Selisih per 100 balita | Stunting di sini |
|---|---:|---:|
| Berat lahir rendah | +15 (10 s.d. 20) | 190 |
| Ibu lulus SD atau kurang | +8 (4 s.d. 12) | 410 |
| Tanpa sanitasi layak | +6 (2 s.d. 10) | 155 |
| ANC kurang dari 6 kali | +4 (0 s.d. 8) | 90 |
| Makanan tidak beragam | +5 (1 s.d. 9) | \\* |
:::

::: {.reading}
Berhubungan dengan, bukan bukti sebab. \\* ditekan: kurang dari 10 anak.
:::
:::
::: {.column width="50%"}
## Kasus baru

![Masih ada 18 kasus baru pada Agustus](figures/newcases.svg){#fig-newcases alt="Kasus baru per bulan Januari sampai Agustus 2026, terakhir 18 anak; yang pulih 11 anak."}
:::
::::
""",
    """:::: {.columns}
::: {.column width="50%"}
## Desa (data rutin)

::: {.table .compact widths="40 20 20 20"}
| Desa | Diukur | Stunting | D/S |
|---|---:|---:|---:|
| Baratan ◆ | 812 | 13 % | 84 % |
| Bintoro ◆ | 1.044 | 15 % | 81 % |
| Gebang | 1.310 | 9 % | 90 % |
| Jember Lor | 702 | 8 % | 92 % |
| Jumerto | 318 | 14 % | 88 % |
| Patrang | 955 | 10 % | 89 % |
| Slawu | 610 | 9 % | 86 % |
| Banjar Sengon | 189 | [tidak ditampilkan]{.suppressed} | 79 % |
:::

::: {.reading}
◆ lokus. Banjar Sengon: jumlah kecil, ditekan agar anak tidak dikenali.
:::
:::
::: {.column width="50%"}
## Tren

::: {.missing}
**Tren tidak ditampilkan.** Survei 2024 dan 2026 memakai rancangan sampel yang berbeda; angka kedua tahun tidak dapat dibandingkan.
:::

## Cara membaca

- Rentang: 90 dari 100 kemungkinan nilai sebenarnya di dalamnya.
- ▲ lebih tinggi dan ▼ lebih rendah bila peluangnya sedikitnya 90 dari 100.
- Lingkaran bukti: ●●● kuat, ●●○ sedang, ●○○ lemah.

## Catatan data

Survei kabupaten 2026 (n = 168), berbobot; perkiraan kecamatan memakai model wilayah kecil. Usia dihitung dari tanggal lahir; 1,2 % ukuran disisihkan.
:::
::::
""",
    """:::: {.foot}
::: {.columns}
::: {.column width="14%"}
![](figures/qr.svg){.qr alt="Kode QR menuju versi HTML ringkasan ini."}
:::
::: {.column width="86%"}
Versi HTML dan data: <https://example.org/2026_350920_patrang.html>

Kutip: Bappeda Kabupaten Jember (2026). *Ringkasan Bukti Kecamatan Patrang.* Data s.d. 31 Agustus 2026.

Sidik: data [9f3a1c77]{.code} · parameter [41d2be90]{.code} · kode [dc0093c]{.code}
:::
:::
::::
""",
]


def build(folder: Path, texts: list[str] | None = None, **metadata: Any) -> Path:
    """Write ``folder/STEM/`` with notebook, figures and data; return it."""
    target = folder / STEM
    (target / "data").mkdir(parents=True)
    shutil.copytree(drawn_once(), target / "figures")
    with (target / "data" / "angka.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["indikator", "nilai"], ["stunting", "24"]])
    notebook = executed(SIDE_ONE + SIDE_TWO if texts is None else texts, METADATA | metadata)
    nbformat.write(notebook, target / f"{STEM}.ipynb")
    return target


@cache
def drawn_once() -> Path:
    """Folder with the charts, drawn once a process: drawing takes longer than rendering."""
    folder = Path(tempfile.mkdtemp(prefix="brief-sample-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    draw_figures(folder)
    return folder


def executed(texts: list[str], metadata: dict[str, Any]) -> nbformat.NotebookNode:
    """Notebook with each text as the Markdown output of a code cell, among other outputs."""
    v4 = nbformat.v4
    first = v4.new_code_cell("SECRET_CODE = 1", execution_count=1)
    first.outputs = [
        v4.new_output("stream", name="stdout", text="PRINTED TEXT"),
        v4.new_output("display_data", data={"text/html": "<b>HTML OUTPUT</b>"}),
    ]
    cells = [first]
    for number, text in enumerate(texts, start=2):
        cell = v4.new_code_cell("display(Markdown(part))", execution_count=number)
        data = {"text/markdown": text, "text/plain": "<IPython.core.display.Markdown object>"}
        cell.outputs = [v4.new_output("display_data", data=data)]
        cells.append(cell)
    notebook = v4.new_notebook(cells=cells, metadata={"brief": metadata})
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
    return notebook


def draw_figures(folder: Path) -> None:
    """Draw the sample's charts as a brief's would be: text as paths, no date, fixed ids."""
    for font in REPORTS.glob("fonts/*.ttf"):
        font_manager.fontManager.addfont(str(font))
    style = {
        "font.family": "Source Sans 3",
        "font.size": 8.7,
        "svg.fonttype": "path",
        "svg.hashsalt": "brief",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.edgecolor": OTHER,
        "axes.linewidth": 0.75,
        "text.color": INK,
        "xtick.color": MUTED,
        "ytick.color": MUTED,
    }
    drawings = {
        "caterpillar": _caterpillar,
        "bridge": _bridge,
        "spine": _spine,
        "newcases": _new_cases,
        "icons": _icons,
        "qr": _qr,
    }
    with matplotlib.rc_context(style):
        for name, draw in drawings.items():
            figure = draw()
            figure.savefig(folder / f"{name}.svg", metadata={"Date": None}, transparent=True)
            plt.close(figure)


def _sized(width_mm: float, height_mm: float) -> tuple[Any, Any]:
    return plt.subplots(figsize=(width_mm * MM, height_mm * MM), layout="constrained")


def _caterpillar() -> Any:
    rng = np.random.default_rng(7)
    middle = np.sort(rng.normal(26, 5, 31))
    half = rng.uniform(4, 8, 31)
    figure, ax = _sized(105, 72)
    colors = [BLUE if i == 11 else OTHER for i in range(31)]
    ax.vlines(range(31), middle - half, middle + half, colors=colors, linewidths=1.2)
    ax.scatter(range(31), middle, c=colors, s=12, zorder=3)
    ax.axhline(26, color=INK, lw=0.9, ls="--")
    ax.axhline(18, color=ORANGE, lw=0.9, ls=":")
    ax.text(30.6, 26.4, "kabupaten 26 %", ha="right", va="bottom")
    ax.text(30.6, 17.6, "target 18 %", ha="right", va="top")
    ax.text(11, middle[11] + half[11] + 1, "Patrang", ha="center", color=BLUE, weight="semibold")
    ax.set_xticks([])
    ax.set_ylim(8, 48)
    ax.set_ylabel("Balita stunting (%)")
    return figure


def _bridge() -> Any:
    figure, ax = _sized(70, 30)
    ax.barh([1, 0], [24, 11], color=[BLUE, "#a9c9e3"], height=0.55)
    ax.plot([19, 30], [1, 1], color=INK, lw=1)
    ax.set_yticks([1, 0], ["Survei", "Bulan timbang"])
    ax.text(31, 1, "24 %", va="center")
    ax.text(12, 0, "11 %", va="center")
    ax.set_xlim(0, 38)
    return figure


def _spine() -> Any:
    names = [
        "Sanitasi layak", "Air minum aman", "D/S posyandu", "Imunisasi dasar lengkap",
        "ASI eksklusif", "MP-ASI beragam", "TTD ibu hamil ≥ 90", "ANC 6 kali",
        "KB pascapersalinan", "Berat lahir rendah", "Jaminan kesehatan", "Pendampingan keluarga",
    ]  # fmt: skip
    rng = np.random.default_rng(3)
    figure, ax = _sized(180, 82)
    for row, name in enumerate(reversed(names)):
        value = rng.uniform(-1, 1)
        ax.plot([-2.2, 2.2], [row, row], color="#e3e8ec", lw=7, solid_capstyle="butt")
        ax.plot([-0.7, 0.7], [row, row], color="#c3ccd4", lw=7, solid_capstyle="butt")
        ax.plot([value - 0.5, value + 0.5], [row, row], color=BLUE, lw=1.2)
        ax.plot(value, row, "o", color=BLUE, ms=4.5)
        ax.text(-5.0, row, name, va="center")
        ax.text(-2.9, row, f"{60 + 3 * row} %", va="center", ha="right")
        ax.text(2.5, row, "● belum dapat dibedakan", va="center")
    ax.axvline(0, color=INK, lw=0.9, ls="--")
    ax.set_xlim(-5.1, 4.2)
    ax.axis("off")
    return figure


def _new_cases() -> Any:
    figure, ax = _sized(87, 42)
    ax.bar(range(8), [31, 28, 26, 29, 22, 21, 19, 18], color=BLUE, width=0.6)
    ax.set_xticks(range(8), ["Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu"])
    ax.set_ylabel("Kasus baru")
    return figure


def _icons() -> Any:
    figure, ax = plt.subplots(figsize=(40 * MM, 4 * MM))
    figure.subplots_adjust(0, 0, 1, 1)
    ax.scatter(range(10), [0] * 10, s=40, c=[BLUE] + ["none"] * 9, edgecolors=BLUE, linewidths=1)
    ax.set_xlim(-0.6, 9.6)
    ax.axis("off")
    return figure


def _qr() -> Any:
    grid = np.random.default_rng(1).integers(0, 2, (25, 25))
    figure, ax = plt.subplots(figsize=(19 * MM, 19 * MM))
    figure.subplots_adjust(0, 0, 1, 1)
    ax.pcolormesh(grid, cmap="Greys")
    ax.axis("off")
    return figure
