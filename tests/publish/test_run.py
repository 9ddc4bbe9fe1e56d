"""Runs as a person sees them: what is made, what is said, how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import tiny

from analysis.publish import briefs

pytestmark = pytest.mark.slow

JOMBANG, KENCONG, SUMBERBARU, JEMBER = "35.09.01", "35.09.02", "35.09.03", "35.09"


def changed(before: dict, root: Path) -> set[str]:
    """Names, without endings, of shared files that are new, touched or gone."""
    after = tiny.state(root)
    found = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    return {Path(n).name.split(".")[0] for n in found if "/out/" in n and "/log/" not in n}


def logs(root: Path) -> str:
    files = sorted((root / "reports" / "out" / "log").glob("*.txt"))
    return files[-1].read_text() if files else ""


def test_nothing_changed_nothing_is_touched(made: Path, capsys) -> None:
    before = tiny.state(made)
    assert tiny.reports(made) == 0
    assert tiny.state(made) == before
    said = capsys.readouterr()
    assert "intake        unchanged" in said.out
    assert "briefs: 0 built, 4 unchanged, 0 failed" in said.out
    assert "open reports/out/index.html" in said.out
    assert said.err == ""


_IDLE = """
import json, resource, sys
sys.path.insert(0, sys.argv[1])
import tiny
tiny.freeze()
status = tiny.reports(tiny.Path(sys.argv[2]))
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps([status, used.ru_utime + used.ru_stime, sorted(sys.modules)]))
"""


def test_nothing_changed_takes_no_time(made: Path) -> None:
    """CPU seconds of the whole program: with others on the machine the clock says nothing."""
    folder = str(Path(__file__).parent)
    done = subprocess.run(
        [sys.executable, "-c", _IDLE, folder, str(made)], capture_output=True, text=True
    )
    assert "0 built, 4 unchanged, 0 failed" in done.stdout, done.stderr
    status, seconds, loaded = json.loads(done.stdout.splitlines()[-1])
    assert status == 0
    # Twice what it takes on a slow machine that has to compile all modules first.
    assert seconds < 6
    heavy = {"papermill", "nbformat", "matplotlib", "jupyter_client", "rich", "scipy", "joblib"}
    assert heavy & set(loaded) == set()


def test_one_area_changed_only_its_brief_the_whole_and_the_index(made: Path, capsys) -> None:
    before = tiny.state(made)
    tiny.survey(made, 1, 7, 1)
    assert tiny.reports(made) == 0
    assert changed(before, made) == {
        "2026_350902_kencong_ringkasan-stunting",
        "2026_3509_kabupaten-jember_ringkasan-stunting",
        "index", "2026_3509_semua", "manifest",
    }  # fmt: skip
    assert "[  1/2] " in capsys.readouterr().out
    assert (
        "value 7" in (made / "reports/out/2026_350902_kencong_ringkasan-stunting.html").read_text()
    )


def test_dates_decide_nothing(made: Path, capsys) -> None:
    for file in [*(made / "data").rglob("*"), *(made / "params").rglob("*")]:
        file.touch()
    before = tiny.state(made)
    assert tiny.reports(made) == 0
    assert tiny.state(made) == before


def test_a_file_that_was_changed_or_lost_is_made_again(made: Path) -> None:
    before = tiny.shared(made)
    out = made / "reports" / "out"
    (out / "2026_350901_jombang_ringkasan-stunting.pdf").write_text("tampered")
    (out / "2026_350902_kencong_ringkasan-stunting.html").unlink()
    (out / "index.html").unlink()
    (made / "data/processed/effects.parquet").unlink()
    assert tiny.reports(made, "--quiet") == 0
    assert tiny.shared(made) == before


def test_one_failure_leaves_the_others_and_the_file_of_before(made: Path, capsys) -> None:
    before = tiny.shared(made)
    tiny.survey(made, 2)
    tiny.fault(made, **{KENCONG: "error"})
    assert tiny.reports(made) == 1
    said = capsys.readouterr()
    assert "briefs: 3 built, 0 unchanged, 1 failed" in said.out
    assert "error: Kencong: ValueError: no such thing (see " in said.err
    assert "note: made from an earlier state of the data: 2026_350902_kencong" in said.err
    after = tiny.shared(made)
    kept = {name for name in before if before[name] == after[name]}
    assert kept == {f"2026_350902_kencong_ringkasan-stunting.{e}" for e in ("html", "pdf", "csv")}
    manifest = json.loads(after["manifest.json"])
    assert manifest["outdated"] == ["2026_350902_kencong_ringkasan-stunting"]
    (made / "fault.json").unlink()
    assert tiny.reports(made) == 0
    assert "briefs: 1 built, 3 unchanged, 0 failed" in capsys.readouterr().out
    assert json.loads(tiny.shared(made)["manifest.json"])["outdated"] == []


def test_crash_and_hang_end_one_brief_only(made: Path, capsys, monkeypatch) -> None:
    monkeypatch.setattr(briefs.plan, "__defaults__", (3,))
    tiny.survey(made, 2)
    tiny.fault(made, **{JOMBANG: "crash", SUMBERBARU: "hang"})
    assert tiny.reports(made) == 1
    said = capsys.readouterr()
    assert "2 built, 0 unchanged, 2 failed" in said.out
    assert "error: Jombang: DeadKernelError: Kernel died" in said.err
    assert "error: Sumberbaru: CellTimeoutError: " in said.err
    assert b"value 1" in tiny.shared(made)["2026_350901_jombang_ringkasan-stunting.html"]


def test_what_the_user_can_mend_is_one_sentence_and_status_2(made: Path, capsys) -> None:
    before = tiny.shared(made)
    tiny.survey(made, 2)
    tiny.fault(made, intake="user")
    assert tiny.reports(made) == 2
    said = capsys.readouterr()
    assert said.err == ("error: survey.csv: row 3, column value: found 'x', expected a number.\n")
    assert tiny.shared(made) == before
    assert tiny.main("data") == 2


def test_defect_of_a_stage_is_status_1_and_its_words_stay_out_of_the_log(
    made: Path, capsys
) -> None:
    tiny.survey(made, 2)
    tiny.fault(made, intake="error")
    assert tiny.reports(made) == 1
    assert "error: stage intake failed: RuntimeError" in capsys.readouterr().err
    assert "stage intake failed: RuntimeError (see reports/build/stages/1_intake" in logs(made)
    assert "Siti" not in logs(made)
    assert str(made) not in logs(made)


def test_two_stages_of_a_wave_both_say_why(made: Path, capsys) -> None:
    tiny.survey(made, 2)
    tiny.fault(made, prevalence="user", determinants="error")
    assert tiny.reports(made) == 2
    said = capsys.readouterr().err
    assert "error: stage determinants failed" in said
    assert "error: survey.csv: row 3" in said


def test_only_these(made: Path, capsys) -> None:
    tiny.survey(made, 2)
    assert tiny.reports(made, "Kencong") == 0
    said = capsys.readouterr()
    assert "briefs: 2 built, 0 unchanged, 0 failed" in said.out
    assert (
        "earlier state of the data: 2026_350901_jombang_ringkasan-stunting, 2026_350903" in said.err
    )
    assert tiny.reports(made, "Nowhere") == 2
    assert "Nowhere" in capsys.readouterr().err


def test_quiet_prints_errors_only(made: Path, capsys) -> None:
    tiny.survey(made, 2)
    tiny.fault(made, **{KENCONG: "error"})
    assert tiny.reports(made, "--quiet") == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "error: Kencong" in said.err


def test_a_remark_on_a_document_is_said_each_time(made: Path, capsys, monkeypatch) -> None:
    from analysis.publish.render import documents as render

    def remarked(folder: Path, **options: object) -> render.Documents:
        return render.Documents(tiny.documents(folder).contents, ("3 pages where 2 were wanted.",))

    monkeypatch.setattr(render, "documents", remarked)
    tiny.survey(made, 2)
    for _ in range(2):
        assert tiny.reports(made, "--quiet") == 0
        assert "note: Jombang: 3 pages where 2 were wanted." in capsys.readouterr().err


def test_log_tells_what_was_made_and_how_long_it_took(made: Path) -> None:
    tiny.survey(made, 2, 1)
    assert tiny.reports(made, "--quiet") == 0
    lines = [line[9:] for line in logs(made).splitlines()]  # without the time of day
    assert sum(line.startswith("intake ") for line in lines) == 1
    assert any("2026_350901_jombang_ringkasan-stunting: Jombang: built (" in x for x in lines)
    assert lines[-1].startswith("briefs: 2 built, 2 unchanged, 0 failed")


def test_manifest_agrees_with_the_folder_and_the_log_is_not_in_it(made: Path) -> None:
    assert tiny.main("verify", "reports/out/manifest.json") == 0
    assert not any(
        "log" in name for name in json.loads(tiny.shared(made)["manifest.json"])["outputs"]
    )


@pytest.mark.parametrize("jobs", ["0", "-1", "two"])
def test_number_of_jobs_must_be_one(made: Path, jobs: str) -> None:
    with pytest.raises(SystemExit):
        tiny.reports(made, "--jobs", jobs)
