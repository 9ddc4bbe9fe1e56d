"""What Quarto is called with, and that its project file leads to the same documents.

Quarto itself cannot be installed from the package registries. A stand-in records how it is
called; it follows `_quarto.yml` with Pandoc and Typst, as Quarto does, so that a wrong path,
extension or option there shows as a different document.
"""

from __future__ import annotations

import importlib.util
import json
import re
import sys
import textwrap
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from analysis.errors import UserError
from analysis.publish.render import pandoc, quarto
from analysis.publish.render.documents import render


def _load_sample() -> Any:
    """The sample's module: tests are no package, so it is found by its path, and once."""
    if "brief_sample" not in sys.modules:
        path = Path(__file__).with_name("brief_sample.py")
        spec = importlib.util.spec_from_file_location("brief_sample", path)
        assert spec and spec.loader
        module = importlib.util.module_from_spec(spec)
        sys.modules["brief_sample"] = module
        spec.loader.exec_module(module)
    return sys.modules["brief_sample"]


sample = _load_sample()

STAND_IN = """\
#!{python}
import sys

arguments = sys.argv[1:]
if arguments == ["--version"]:
    print("{version}")
    sys.exit(0)
import json, os, subprocess
from pathlib import Path
with open("{log}", "a") as log:
    entry = dict(arguments=arguments, cwd=os.getcwd(), files=sorted(os.listdir(".")),
                 epoch=os.environ.get("SOURCE_DATE_EPOCH"))
    log.write(json.dumps(entry) + chr(10))
if {fail}:
    print("ERROR: something in Quarto", file=sys.stderr)
    sys.exit(1)
import pypandoc, typst, yaml
_, name, _, to, _, output, *_ = arguments
project = Path.cwd().parent
config = yaml.safe_load((project / "_quarto.yml").read_text())
options = config["format"][to]
cells = json.loads(Path(name).read_text())["cells"]
assert cells[0]["cell_type"] == "raw" and cells[0]["source"].startswith("---")
text = (chr(10) * 2).join(cell["source"] for cell in cells[1:])
command = [pypandoc.get_pandoc_path(), "-f", config["from"], "-t", to, "--standalone",
           "--template", str(project / options["template"]), "--wrap", options["wrap"],
           "--syntax-highlighting", options["syntax-highlighting"]]
for entry in config["filters"]:
    assert entry["at"] == "pre-ast"
    command += ["--lua-filter", str(project / entry["path"])]
if options.get("embed-resources"):
    command.append("--embed-resources")
made = subprocess.run(command, input=text.encode(), capture_output=True, check=True).stdout
if to == "html":
    Path(output).write_bytes(made)
else:
    source = Path(name).with_suffix(".typ")
    source.write_bytes(made)
    typst.compile(str(source), output=output, root=str(project), ignore_system_fonts=True,
                  font_paths=[str(project / options["font-paths"])],
                  pdf_standards=options["pdf-standard"], format="pdf",
                  timestamp=int(os.environ["SOURCE_DATE_EPOCH"]))
"""


def install(
    monkeypatch: pytest.MonkeyPatch, folder: Path, version: str = "1.9.12", fail: bool = False
) -> Path:
    """Put a stand-in for Quarto first on the PATH; return its log."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "log.jsonl"
    program = folder / "quarto"
    script = STAND_IN.format(python=sys.executable, version=version, log=log, fail=fail)
    program.write_text(textwrap.dedent(script), encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    return log


@pytest.mark.slow
def test_auto_takes_quarto_when_it_is_on_the_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    log = install(monkeypatch, tmp_path / "bin")
    folder = sample.build(tmp_path / "build")
    done = render(folder, engine="auto", out=tmp_path / "out")
    calls = [json.loads(line) for line in log.read_text().splitlines()]
    by_target = {call["arguments"][3]: call for call in calls}
    assert set(by_target) == {"html", "typst"}
    for target, fmt in (("html", "html"), ("typst", "pdf")):
        call = by_target[target]
        assert call["arguments"] == [
            "render", f"{sample.STEM}.ipynb", "--to", target, "--output",
            f"{sample.STEM}.{fmt}", "--no-execute", "--no-clean", "--quiet",
        ]  # fmt: skip
        # One private folder per brief, in a project of its own, never the caller's folder.
        assert Path(call["cwd"]).name == sample.STEM
        assert not Path(call["cwd"]).is_relative_to(tmp_path)
        assert {"brief.json", "figures", "data", f"{sample.STEM}.ipynb"} <= set(call["files"])
        assert call["epoch"] == "1788134400"  # 2026-08-31, the date of the data
        assert not Path(call["cwd"]).exists()
    assert set(done) == {"html", "pdf"}


class Seen(HTMLParser):
    """Elements, attributes and text of a page, however they are spelled."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[object] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        if tag == "img":  # Quarto names a picture inside the page by its label and role
            facts["alt"] = facts.pop("aria-label", facts.get("alt"))
            facts.pop("role", None)
        self.parts.append((tag, {k: " ".join((v or "").split()) for k, v in facts.items()}))

    def handle_endtag(self, tag: str) -> None:
        self.parts.append(f"/{tag}")

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.parts.append(" ".join(data.split()))


def seen(page: Path) -> list[object]:
    parser = Seen()
    parser.feed(page.read_text(encoding="utf-8"))
    return parser.parts


@pytest.mark.slow
def test_both_engines_give_the_same_documents(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = sample.build(tmp_path / "build")
    embedded = render(folder, engine="pandoc", out=tmp_path / "pandoc")
    install(monkeypatch, tmp_path / "bin")
    by_quarto = render(folder, engine="quarto", out=tmp_path / "quarto")
    assert seen(by_quarto["html"]) == seen(embedded["html"])
    assert by_quarto["pdf"].read_bytes() == embedded["pdf"].read_bytes()


@pytest.mark.parametrize("version", ["1.8.27", "1.4.0", "unknown"])
def test_an_old_quarto_is_refused_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str
) -> None:
    install(monkeypatch, tmp_path / "bin", version=version)
    folder = sample.build(tmp_path / "build", ["Teks."])
    with pytest.raises(UserError, match=rf"{re.escape(version)}.*1\.9 or newer.*--engine pandoc"):
        render(folder, engine="auto", out=tmp_path / "out")
    assert render(folder, formats=["html"], engine="pandoc", out=tmp_path / "out")


def test_quarto_asked_for_but_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    folder = sample.build(tmp_path / "build", ["Teks."])
    with pytest.raises(UserError, match="not on the PATH"):
        render(folder, engine="quarto", out=tmp_path / "out")
    with pytest.raises(UserError, match="allowed are auto, quarto, pandoc"):
        render(folder, engine="latex", out=tmp_path / "out")


def test_quarto_that_fails_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    install(monkeypatch, tmp_path / "bin", fail=True)
    folder = sample.build(tmp_path / "build", ["Teks."])
    with pytest.raises(UserError, match="Quarto failed: ERROR: something in Quarto"):
        render(folder, engine="quarto", out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_versions_that_are_new_enough(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for version, parsed in (("1.9.0", (1, 9, 0)), ("1.11.3", (1, 11, 3)), ("2.0", (2, 0, 0))):
        install(monkeypatch, tmp_path / version, version=version)
        assert quarto.check_version(str(tmp_path / version / "quarto")) == parsed


def test_project_file_reads_the_same_markdown_as_the_embedded_engine() -> None:
    config = yaml.safe_load((sample.REPORTS / "_quarto.yml").read_text(encoding="utf-8"))
    assert config["execute"]["enabled"] is False
    named = re.findall(r"\+(\w+)", config["from"])
    assert sorted(named) == sorted(pandoc.EXTENSIONS)
    assert config["from"].startswith("markdown_strict-raw_html-")
    assert config["format"]["html"]["theme"] == "none"
    assert config["format"]["html"]["minimal"] is True
    assert config["format"]["typst"]["pdf-standard"] == ["a-3a", "ua-1"]
    assert config["format"]["typst"]["shift-heading-level-by"] == 0


def test_shortcodes_are_out_of_quarto_s_sight(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Quarto looks for the sign `{{<` in the text before it reads Markdown."""
    seen = tmp_path / "seen.txt"
    install(monkeypatch, tmp_path / "bin")
    program = tmp_path / "bin" / "quarto"
    spy = f"text = 0\nopen({str(seen)!r}, 'w').write(Path(name).read_text())\n"
    program.write_text(program.read_text().replace("text = (chr", spy + "text = (chr"))
    folder = sample.build(tmp_path / "build", ["Desa {{< include /etc/passwd >}}."])
    done = render(folder, formats=["html"], engine="quarto", out=tmp_path / "out")
    assert "{{<" not in seen.read_text()
    assert "{{&lt; include /etc/passwd &gt;}}" in done["html"].read_text(encoding="utf-8")


#: What Quarto 1.9 hands on to Typst of `pdf-standard`; other values it drops with a warning.
TYPST_STANDARDS = {
    *("1.4", "1.5", "1.6", "1.7", "2.0"),
    *("a-1a", "a-1b", "a-2a", "a-2b", "a-2u", "a-3a", "a-3b", "a-3u", "a-4", "a-4e", "a-4f"),
    "ua-1",
}


def test_what_quarto_would_silently_drop_is_not_asked_of_it() -> None:
    config = yaml.safe_load((sample.REPORTS / "_quarto.yml").read_text(encoding="utf-8"))
    assert set(config["format"]["typst"]["pdf-standard"]) <= TYPST_STANDARDS
    # A path of the project file is taken from the brief's folder only when it leads to
    # something; else it is left as it is, and means another place.
    paths = [entry["path"] for entry in config["filters"]]
    paths += [options["template"] for options in config["format"].values()]
    paths += [config["format"]["typst"]["font-paths"]]
    for path in paths:
        assert (sample.REPORTS / path).exists(), path


def test_output_is_a_name_since_quarto_refuses_a_path() -> None:
    for fmt in ("html", "pdf"):
        arguments = quarto.command("quarto", "2026_350901_x", fmt)
        assert "/" not in arguments[arguments.index("--output") + 1]
        assert "/" not in arguments[arguments.index("render") + 1]
