"""The walk: what is kept, what is walked again, and that an interrupted stage leaves nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from synth.core.errors import UserError
from synth.pipeline.fingerprint import files_digest
from synth.pipeline.lock import sole_run
from synth.pipeline.recipe import Input, Recipe
from synth.pipeline.walk import Stage, Walk, walk

RECIPE = Recipe(name="small", input=Input(data=Path("x")), seed=1)


def copier(source: str) -> Callable[[Walk, Path], None]:
    def work(run: Walk, folder: Path) -> None:
        (folder / "sub").mkdir()
        text = (run.folder(source) / "sub" / "text").read_text()
        (folder / "sub" / "text").write_text(text.upper())

    return work


def first(run: Walk, folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "text").write_text(f"seed {run.recipe.seed % 10}")


STAGES = (
    Stage("one", (), lambda run: {"seed": run.recipe.seed}, first),
    Stage("two", ("one",), lambda run: {}, copier("one")),
    Stage("three", ("two",), lambda run: {"k": run.recipe.fit.min_persons}, copier("two")),
)


def walked(out: Path, recipe: Recipe = RECIPE, *, force: bool = False) -> list[str]:
    steps = walk(Walk(recipe, out), STAGES, force=force)
    assert [step.name for step in steps] == ["one", "two", "three"]
    return [step.name for step in steps if not step.kept]


def test_a_second_run_keeps_everything(tmp_path: Path) -> None:
    assert walked(tmp_path) == ["one", "two", "three"]
    assert walked(tmp_path) == []
    assert (tmp_path / "three" / "sub" / "text").read_text() == "SEED 1"
    assert walked(tmp_path, force=True) == ["one", "two", "three"]


def test_another_program_walks_every_stage_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    walked(tmp_path)
    monkeypatch.setattr("synth.pipeline.walk.fingerprint", lambda: "of another program")
    assert walked(tmp_path) == ["one", "two", "three"]


def test_the_program_is_known_by_the_bytes_and_names_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "a" / "__pycache__").mkdir(parents=True)
    (tmp_path / "a" / "code.py").write_text("x = 1")
    first = files_digest(tmp_path)
    (tmp_path / "a" / "__pycache__" / "code.pyc").write_text("compiled")
    assert files_digest(tmp_path) == first
    (tmp_path / "a" / "code.py").write_text("x = 2")
    changed = files_digest(tmp_path)
    (tmp_path / "a" / "code.py").rename(tmp_path / "a" / "cody.py")
    assert len({first, changed, files_digest(tmp_path)}) == 3


def test_only_what_depends_on_a_change_is_walked_again(tmp_path: Path) -> None:
    walked(tmp_path)
    assert walked(tmp_path, replace(RECIPE, fit=replace(RECIPE.fit, min_persons=12))) == ["three"]
    # another seed, the same outputs of the first stage: nothing further has changed
    assert walked(tmp_path, replace(RECIPE, seed=11, fit=replace(RECIPE.fit, min_persons=12))) == ["one"]
    assert walked(tmp_path, replace(RECIPE, seed=12)) == ["one", "two", "three"]


@pytest.mark.parametrize("fault", ["alter", "remove", "add", "record"])
def test_outputs_that_are_not_intact_are_made_again(tmp_path: Path, fault: str) -> None:
    walked(tmp_path)
    folder = tmp_path / "two"
    if fault == "alter":
        (folder / "sub" / "text").write_text("SEED 2")
    elif fault == "remove":
        (folder / "sub" / "text").unlink()
    elif fault == "add":
        (folder / "stray").write_text("")
    else:
        (folder / "stage.json").write_text("{}")
    assert walked(tmp_path) == ["two"]
    assert (folder / "sub" / "text").read_text() == "SEED 1"


@pytest.mark.parametrize("stop", [KeyboardInterrupt, UserError("no"), ValueError])
def test_an_interrupted_stage_leaves_nothing_and_the_next_run_resumes(tmp_path: Path, stop: type) -> None:
    def interrupted(run: Walk, folder: Path) -> None:
        (folder / "half").write_text("written")
        raise stop

    with pytest.raises((KeyboardInterrupt, UserError, ValueError)):
        walk(Walk(RECIPE, tmp_path), (STAGES[0], replace(STAGES[1], work=interrupted)))
    assert [path.name for path in tmp_path.iterdir()] == ["one"]
    assert walked(tmp_path) == ["two", "three"]


def test_an_interrupted_second_run_leaves_the_first_ones_outputs(tmp_path: Path) -> None:
    walked(tmp_path)

    def interrupted(run: Walk, folder: Path) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        walk(Walk(RECIPE, tmp_path), (replace(STAGES[0], work=interrupted),), force=True)
    assert walked(tmp_path) == []


def test_a_barred_stage_ends_the_walk_and_what_it_left_is_removed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    walked(tmp_path)
    barred = replace(STAGES[1], barred=lambda run: "the gate blocked")
    steps = walk(Walk(RECIPE, tmp_path), (STAGES[0], barred, STAGES[2]))
    assert [step.name for step in steps] == ["one"]
    assert not (tmp_path / "two").exists()
    assert "[2/3] two: not walked: the gate blocked" in capsys.readouterr().err


def test_progress_names_stages_on_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    walked(tmp_path)
    walked(tmp_path)
    text = capsys.readouterr()
    assert text.out == ""
    assert "[2/3] two ..." in text.err
    assert "[2/3] two: done in " in text.err
    assert "[2/3] two: unchanged, kept" in text.err


def test_one_run_at_a_time_and_remains_of_a_killed_one_are_cleared(tmp_path: Path) -> None:
    remains = tmp_path / ".two.abc.part"
    remains.mkdir()
    with sole_run(tmp_path):
        assert not remains.exists()
        with pytest.raises(UserError, match="another run is writing there"), sole_run(tmp_path):
            pass
    with sole_run(tmp_path):
        pass
