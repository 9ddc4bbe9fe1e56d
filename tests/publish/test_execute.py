"""Notebooks in warm kernels: complete and clean, or not there at all."""

from pathlib import Path

import nbformat
import pytest
from joblib import Parallel, delayed
from nbformat.v4 import new_code_cell, new_notebook

from analysis.errors import UserError
from analysis.publish.execute import NotebookFailed, execute
from analysis.publish.kernels.server import SERVER, STAGE_MODULES

pytestmark = pytest.mark.slow


@pytest.fixture
def notebook(tmp_path: Path):
    def make(*cells: str) -> Path:
        parameters = new_code_cell("kecamatan = 'none'", metadata={"tags": ["parameters"]})
        node = new_notebook(cells=[parameters, *map(new_code_cell, cells)])
        node.metadata["kernelspec"] = {
            "name": "python3",
            "language": "python",
            "display_name": "Python 3",
        }
        file = tmp_path / "chapter.ipynb"
        nbformat.write(node, file)
        return file

    return make


def run(notebook: Path, tmp_path: Path, name: str = "x", **kwargs):
    return execute(
        notebook,
        tmp_path / f"{name}.ipynb",
        {"kecamatan": name},
        folder=tmp_path / f"folder {name}",
        **kwargs,
    )


def text(node, cell: int = -1) -> str:
    return node.cells[cell].outputs[0].text.strip()


def test_runs_in_its_folder_with_its_parameter(notebook, tmp_path: Path) -> None:
    node = run(notebook("import os; print(kecamatan, os.path.basename(os.getcwd()))"), tmp_path)
    assert text(node) == "x folder x"


def test_side_by_side_runs_share_nothing(notebook, tmp_path: Path) -> None:
    file = notebook(
        "import os, builtins\nassert not hasattr(builtins, 'left_behind')\n"
        "builtins.left_behind = 1\nprint(kecamatan, os.path.basename(os.getcwd()))"
    )
    nodes = Parallel(4, backend="threading")(
        delayed(run)(file, tmp_path, str(number)) for number in range(8)
    )
    assert [text(node) for node in nodes] == [f"{n} folder {n}" for n in range(8)]


def test_same_run_gives_the_same_bytes(notebook, tmp_path: Path) -> None:
    file = notebook("1 + 1")
    run(file, tmp_path)
    first = (tmp_path / "x.ipynb").read_bytes()
    run(file, tmp_path)
    assert (tmp_path / "x.ipynb").read_bytes() == first


def test_brief_metadata_moves_to_the_notebook(notebook, tmp_path: Path) -> None:
    file = notebook("display({'application/vnd.stunting.brief+json': {'title': 'T'}}, raw=True)")
    assert run(file, tmp_path).metadata["brief"] == {"title": "T"}


@pytest.mark.parametrize(
    ("cell", "cause"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("import os; os.kill(os.getpid(), 9)", "DeadKernelError"),
        ("import time; time.sleep(60)", "CellTimeoutError"),
    ],
)
def test_failed_notebook_never_becomes_a_result(notebook, tmp_path: Path, cell, cause) -> None:
    good = notebook("print('good')")
    run(good, tmp_path)
    before = (tmp_path / "x.ipynb").read_bytes()
    with pytest.raises(NotebookFailed, match=cause) as caught:
        run(notebook(cell), tmp_path, timeout=4)
    assert (tmp_path / "x.ipynb").read_bytes() == before
    assert caught.value.notebook.name == "x.failed.ipynb"


def test_unknown_parameter_is_refused(notebook, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no parameter 'kec'; it knows kecamatan"):
        execute(notebook("1"), tmp_path / "o.ipynb", {"kec": 1}, folder=tmp_path)


def test_figures_of_a_chapter_are_kept_as_pictures(notebook, tmp_path: Path) -> None:
    """Libraries loaded before the kernel's shell is there would else show a figure's name."""
    SERVER.start(STAGE_MODULES)
    cells = (
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
        "figure, _ = plt.subplots()\nfigure",
    )
    shown, last = run(notebook(*cells), tmp_path).cells[-2:]
    assert "image/png" in shown.outputs[0].data
    assert "image/png" in last.outputs[0].data
