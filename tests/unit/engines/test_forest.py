"""Which row owns which: one parent a table, the person or a referential at the root."""

from __future__ import annotations

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.engines.forest import Forest, plant
from tests.unit.generators.clinic import CATALOG


def table(name: str, *targets: str, nullable: bool = False, parent: tuple[str, ...] | None = None) -> Table:
    """A table with its own key and one reference to each target."""
    keys = tuple(Column(f"{name}_{target}", "string", "key", nullable) for target in targets)
    references = tuple(ForeignKey((f"{name}_{target}",), target, (target,)) for target in targets)
    return Table(name, (Column(name, "string", "key", False), *keys), (name,), references, parent=parent)


def shape(forest: Forest) -> dict[str, tuple[str, str | None, int]]:
    """Root, parent and number of links of each table."""
    return {n.name: (n.root, n.parent.target if n.parent else None, len(n.links)) for n in forest.nodes}


def planted(*tables: Table) -> dict[str, tuple[str, str | None, int]]:
    return shape(plant(Catalog(tables, Person("p", ("p",)))))


def test_the_clinic() -> None:
    assert shape(plant(CATALOG)) == {
        "hôpitaux": ("hôpitaux", None, 0),
        "specialties": ("specialties", None, 0),
        "persons": ("persons", None, 1),
        "doctors": ("doctors", None, 2),
        "visits": ("persons", "persons", 1),
        "drugs": ("persons", "visits", 0),
    }


def test_a_row_that_names_its_person_and_its_visit_belongs_to_the_visit() -> None:
    assert planted(table("p"), table("visit", "p"), table("act", "p", "visit"))["act"] == ("p", "visit", 1)


def test_a_reference_that_may_be_missing_is_no_parent_when_another_is_not() -> None:
    act = Table(
        "act",
        (Column("act", "string", "key", False), Column("v", "string", "key"), Column("q", "string", "key", False)),
        ("act",),
        (ForeignKey(("v",), "visit", ("visit",)), ForeignKey(("q",), "p", ("p",))),
    )
    assert planted(table("p"), table("visit", "p"), act)["act"] == ("p", "p", 1)


def test_a_declared_parent_wins() -> None:
    act = table("act", "p", "visit", parent=("act_p",))
    assert planted(table("p"), table("visit", "p"), act)["act"] == ("p", "p", 1)


def test_what_persons_refer_to_is_a_root_and_what_hangs_on_it_is_not() -> None:
    found = planted(table("account"), table("p", "account"), table("movement", "account"))

    assert found["account"] == ("account", None, 0)
    assert found["p"] == ("p", None, 1)
    assert found["movement"] == ("account", "account", 0)


def test_parents_come_before_children_and_ancestors_are_listed_upwards() -> None:
    forest = plant(Catalog((table("act", "visit"), table("visit", "p"), table("p")), Person("p", ("p",))))

    assert [node.name for node in forest.nodes] == ["p", "visit", "act"]
    assert forest.ancestors("act") == ("visit", "p")
    assert [node.name for node in forest.children("p")] == ["visit"]
    assert forest.roots == ("p",)
