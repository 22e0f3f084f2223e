"""The forest of a catalog: which row owns which. Each table has at most one parent; a tree's root row is the unit.

The person table is one root. A table that no key ties to a person (a referential) is the root of its own tree, and its
units are its own rows: providers count as units too.
"""

from __future__ import annotations

from dataclasses import dataclass

from synth.core.catalog import Catalog, ForeignKey, Table
from synth.core.joins import parents_first, person_paths


@dataclass(frozen=True, slots=True)
class Node:
    """A table in the forest: its root table, its parent key (None for a root) and its other keys, the links."""

    table: Table
    root: str
    parent: ForeignKey | None
    links: tuple[ForeignKey, ...]

    @property
    def name(self) -> str:
        """The table's name."""
        return self.table.name


@dataclass(frozen=True, slots=True)
class Forest:
    """All nodes, parents before children and targets before the tables that link to them."""

    catalog: Catalog
    nodes: tuple[Node, ...]

    def node(self, name: str) -> Node:
        """The node of a table."""
        return next(node for node in self.nodes if node.name == name)

    def children(self, name: str) -> tuple[Node, ...]:
        """Nodes whose parent is `name`, in order."""
        return tuple(node for node in self.nodes if node.parent is not None and node.parent.target == name)

    def tree(self, root: str) -> tuple[Node, ...]:
        """The nodes of one tree, the root first."""
        return tuple(node for node in self.nodes if node.root == root)

    @property
    def roots(self) -> tuple[str, ...]:
        """Root tables, referentials before the persons who refer to them where keys say so."""
        return tuple(node.name for node in self.nodes if node.parent is None)

    def ancestors(self, name: str) -> tuple[str, ...]:
        """Parent, grandparent ... up to the root."""
        found: list[str] = []
        parent = self.node(name).parent
        while parent is not None:
            found.append(parent.target)
            parent = self.node(parent.target).parent
        return tuple(found)


def plant(catalog: Catalog) -> Forest:
    """The forest of a catalog.

    A table without a way to the person is a root when a person's row refers to it (an account, a provider); otherwise
    it hangs on the first such table that it must name (an account's movements).
    """
    persons = person_paths(catalog)
    referred = {key.target for name in persons for key in catalog.table(name).foreign_keys}
    nodes: dict[str, Node] = {}
    for name in parents_first(catalog):
        table = catalog.table(name)
        if name in persons:
            parent = persons[name].keys[0] if persons[name].keys else None
        else:
            parent = None if name in referred else _referential_parent(table, catalog)
        root = name if parent is None else nodes[parent.target].root
        nodes[name] = Node(table, root, parent, tuple(key for key in table.foreign_keys if key is not parent))
    return Forest(catalog, tuple(nodes.values()))


def _referential_parent(table: Table, catalog: Catalog) -> ForeignKey | None:
    for key in table.foreign_keys:
        filled = key.columns == table.parent or not any(table.column(name).nullable for name in key.columns)
        if filled and key.target != table.name and not catalog.table(key.target).public and not table.public:
            return key
    return None
