"""Recipes: what they may say, and what is said of one that cannot be followed."""

from __future__ import annotations

from pathlib import Path

import pytest

from synth.core.errors import UserError
from synth.pipeline.recipe import Recipe, read_recipe, year_range

SMALLEST = "name: small\ninput:\n  data: tables\n"


def recipe(tmp_path: Path, text: str, *settings: str) -> Recipe:
    path = tmp_path / "recipe.yaml"
    path.write_text(text, encoding="utf-8")
    return read_recipe(path, settings, here=tmp_path / "here")


def problem(tmp_path: Path, text: str, *settings: str) -> str:
    with pytest.raises(UserError) as caught:
        recipe(tmp_path, text, *settings)
    line = str(caught.value)
    assert "\n" not in line
    assert str(tmp_path / "recipe.yaml") in line or "--set" in line
    return line.removeprefix(f"{tmp_path / 'recipe.yaml'}: ")


def test_the_smallest_recipe_has_defaults_for_all_the_rest(tmp_path: Path) -> None:
    read = recipe(tmp_path, SMALLEST)
    assert read.input.data == tmp_path / "tables"
    assert (read.fit.generator, read.fit.min_persons, read.gate.policy) == ("trees", 11, "open-release")
    assert (read.sample.persons, read.publish.draft) == (None, False)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (SMALLEST + "fit: {generator: [", "line 4: is not valid YAML"),
        (SMALLEST + "fitt:\n  x: 1\n", "line 4: unknown key fitt in the recipe; did you mean fit?"),
        (SMALLEST + "fit:\n  genrator: x\n", "line 5: unknown key genrator in section fit; did you mean generator?"),
        (SMALLEST + "fit: 3\n", "line 4: section fit holds no keys"),
        (SMALLEST + "fit:\n  min_persons: many\n", "line 5: fit.min_persons is not a whole number"),
        (SMALLEST + "fit:\n  min_persons: 0\n", "line 5: fit.min_persons is below 1"),
        (SMALLEST + "publish:\n  draft: perhaps\n", "line 5: publish.draft is not true or false"),
        (SMALLEST + "split:\n  train: 0.9\n", "line 4: the shares do not sum to 1"),
        (SMALLEST + "name: twice\n", "line 4: the key name is given twice"),
        (SMALLEST + "seed: 2026-99-99\n", "line 4: the value cannot be read"),
        (SMALLEST + "seed: !!python/name:os.system x\n", "line 4: is not valid YAML"),
        (SMALLEST + "title: &a [*a]\n", "line 4: an alias refers to what contains it"),
        ("name: Not A Name\ninput: {data: x}\n", "line 1: the name is not fit for a package"),
        ("name: x\n", "line 1: the recipe lacks the key input"),
        ("name: x\ninput: {}\n", "line 2: the input is either data or simulate"),
        ("name: x\ninput: {data: a, simulate: {persons: 1}}\n", "line 2: the input is either data or simulate"),
        ("name: x\ninput: {simulate: {persons: 0}}\n", "line 2: no person is asked for"),
        (
            SMALLEST + "learn: false\n",
            "line 4: tables that this recipe does not simulate",
        ),
        ("- a\n", "is not a recipe: it holds no keys"),
        ("", "is not a recipe: it holds no keys"),
    ],
)
def test_what_cannot_be_followed_is_told_in_one_line(tmp_path: Path, text: str, says: str) -> None:
    assert problem(tmp_path, text).startswith(says)


def test_a_recipe_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="file not found"):
        read_recipe(tmp_path / "none.yaml")
    (tmp_path / "bytes.yaml").write_bytes(b"name: \xff\xfe")
    with pytest.raises(UserError, match="cannot be read as UTF-8"):
        read_recipe(tmp_path / "bytes.yaml")
    (tmp_path / "control.yaml").write_text("name: x\ntitle: a\x07b\n")
    with pytest.raises(UserError, match="line 2: is not valid YAML"):
        read_recipe(tmp_path / "control.yaml")


WITH_PARAMETERS = """\
name: small
parameters:
  input: null
  persons: 40
  year: 2022
input:
  data: ${input}
sample:
  persons: ${persons}
title: Tables of ${year}, ${persons} persons
"""


def test_parameters_take_their_default_or_what_the_command_line_says(tmp_path: Path) -> None:
    read = recipe(tmp_path, WITH_PARAMETERS, "input=real", "persons=500")
    assert read.sample.persons == 500
    assert read.title == "Tables of 2022, 500 persons"


def test_a_path_is_relative_to_whoever_gave_it(tmp_path: Path) -> None:
    assert recipe(tmp_path, WITH_PARAMETERS, "input=real").input.data == tmp_path / "here" / "real"
    by_default = WITH_PARAMETERS.replace("input: null", "input: near")
    assert recipe(tmp_path, by_default).input.data == tmp_path / "near"
    below = WITH_PARAMETERS.replace("data: ${input}", "data: ${input}/tables")
    assert recipe(tmp_path, below, "input=real").input.data == tmp_path / "here" / "real" / "tables"
    assert recipe(tmp_path, SMALLEST, "input.data=real").input.data == tmp_path / "here" / "real"
    assert recipe(tmp_path, WITH_PARAMETERS, "input=/abs").input.data == Path("/abs")


def test_a_parameter_without_a_value_is_asked_for(tmp_path: Path) -> None:
    says = problem(tmp_path, WITH_PARAMETERS)
    assert says == "line 7: the parameter input has no value; add --set input=VALUE"


def test_an_undeclared_parameter_is_told(tmp_path: Path) -> None:
    assert "line 4: ${x} is not a parameter" in problem(tmp_path, SMALLEST + "title: ${x}\n")
    assert "did you mean input?" in problem(tmp_path, WITH_PARAMETERS, "inputt=x")
    assert "--set takes key=value" in problem(tmp_path, SMALLEST, "persons")


def test_a_dotted_setting_overrides_the_recipe(tmp_path: Path) -> None:
    read = recipe(tmp_path, SMALLEST, "fit.generator=independent", "fit.min_persons=20", "publish.draft=yes")
    assert (read.fit.generator, read.fit.min_persons, read.publish.draft) == ("independent", 20, True)
    assert "unknown key genrator" in problem(tmp_path, SMALLEST, "fit.genrator=independent")
    assert "goes through name" in problem(tmp_path, SMALLEST, "name.x=1")


def test_codes_given_on_the_command_line_stay_text(tmp_path: Path) -> None:
    assert recipe(tmp_path, WITH_PARAMETERS, "input=007").input.data == tmp_path / "here" / "007"


def test_the_section_score_is_the_plan_of_the_metrics(tmp_path: Path) -> None:
    read = recipe(tmp_path, SMALLEST + "score:\n  targets: 50\n  keys: [person.sex, person.born]\n  plants: [0.05]\n")
    assert (read.score.targets, read.score.keys, read.score.plants) == (50, ("person.sex", "person.born"), (0.05,))
    assert "line 5: unknown key target" in problem(tmp_path, SMALLEST + "score:\n  target: 50\n")
    assert "score.pool is below 1" in problem(tmp_path, SMALLEST + "score: {pool: 0}\n")


def test_dates_in_metadata_stay_as_written(tmp_path: Path) -> None:
    read = recipe(tmp_path, SMALLEST + "publish:\n  metadata:\n    since: 2021-01-01\n    tags: [a, b]\n")
    assert read.publish.metadata == {"since": "2021-01-01", "tags": ["a", "b"]}


def test_years_are_one_or_two() -> None:
    assert (year_range("2022"), year_range("2021-2023")) == ((2022, 2022), (2021, 2023))
    for wrong in ("22", "2023-2021", "2021/2022", ""):
        with pytest.raises(UserError):
            year_range(wrong)
