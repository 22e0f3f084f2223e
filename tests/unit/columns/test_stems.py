"""Rare codes are known by beginnings that k persons share; what follows never comes from the rows."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.columns.codec import Codec, codec_from
from synth.columns.levels import Levels
from synth.columns.stemming import Found, RareTally
from synth.columns.stems import Stem, Stems, pool_of, shape_of
from synth.core.catalog import Column
from synth.core.nomenclatures import nomenclature

NUMBERS = Column("provider", "string", "code", maximum_length=8)


def stems_of(texts: list[str], persons: list[int], column: Column = NUMBERS, k: int = 5) -> Found | None:
    """The stems of these rare codes, one row each."""
    tally = RareTally()
    names = sorted(set(texts))
    tally.add(np.array([names.index(text) for text in texts]), names, np.array(persons))
    return tally.stems(column, (), 0, k)


def texts_of(stems: Stems, *drawn: np.ndarray) -> np.ndarray:
    """The codes that are drawn for rows."""
    written, places = stems.decode(*drawn)
    return np.array(written, dtype=object)[places]


def providers(count: int = 200) -> list[str]:
    return [f"{(13, 75)[i % 2]}{i % 4}{10_000 + 37 * i:05d}" for i in range(count)]


def test_identifiers_become_marked_ones_under_a_beginning_that_k_persons_share() -> None:
    texts = providers()
    found = stems_of(texts, list(range(len(texts))))
    assert found is not None

    prefixes = [stem.prefix for stem in found.stems.stems]
    assert all(len({i for i, text in enumerate(texts) if text.startswith(prefix)}) >= 5 for prefix in prefixes)
    assert found.support >= 5
    codes = found.stems.encode(texts)
    assert (codes >= 0).all()
    made = texts_of(
        found.stems, codes, np.arange(len(texts)), np.linspace(0, 1, len(texts), False), np.ones(len(texts))
    )
    assert not set(made) & set(texts)
    assert all(len(text) == 8 and "S" in text for text in made)
    assert [text[:2] for text in made] == [text[:2] for text in texts]


def test_a_mark_never_stands_where_other_codes_have_their_beginning() -> None:
    # 60 persons with providers of department 75, and one with each of nine others of the same ten
    texts = [f"75{i:06d}" for i in range(60)] + [f"7{i}{i:06d}" for i in (0, 1, 2, 3, 4, 6, 7, 8, 9)]
    found = stems_of(texts, list(range(69)))
    assert found is not None and {len(stem.prefix) for stem in found.stems.stems} == {1, 4}

    made = texts_of(found.stems, found.stems.encode(texts), np.arange(69), np.linspace(0, 1, 69, False), np.ones(69))
    assert {text[4] for text in made} == {"S"}
    assert all(text[:2].isdigit() and len(text) == 8 for text in made)
    assert len({text[:2] for text in made}) > 3


def test_rare_codes_of_no_list_stay_codes_beside_the_common_ones() -> None:
    rare = [f"{(401, 250)[i % 2]}{i % 90:02d}"[: 4 + i % 2] for i in range(200)]
    tally = RareTally()
    names = sorted(set(rare))
    tally.add(np.array([names.index(text) for text in rare]), names, np.arange(200))
    found = tally.stems(Column("diagnosis", "string", "code"), ("V5861",), 600, 5)
    assert found is not None and not found.stems.marked

    made = texts_of(found.stems, found.stems.encode(rare), np.arange(200), np.linspace(0, 1, 200, False), np.ones(200))
    assert {text[:3] for text in made} == {"401", "250"}
    assert len(set(made)) > 20 and all(text.isdigit() for text in made)


def test_a_text_without_digits_is_under_no_stem_when_counted_nor_when_read() -> None:
    rare = [*(f"T{i % 10}N{i % 7}" for i in range(60)), "TXNX"]
    tally = RareTally()
    names = sorted(set(rare))
    tally.add(np.array([names.index(text) for text in rare]), names, np.arange(len(rare)))
    found = tally.stems(Column("tnm", "string", "code"), (), 100, 30)
    assert found is not None and found.others == 1

    places = found.stems.encode(rare)
    assert places[-1] == -1 and (places[:-1] >= 0).all()


def test_one_persons_codes_make_no_stem() -> None:
    texts = [f"99{i:06d}" for i in range(50)] + providers()
    found = stems_of(texts, [0] * 50 + list(range(1, 201)))
    assert found is not None

    assert not any(stem.prefix.startswith("9") for stem in found.stems.stems)
    assert found.others == 1


def test_as_many_different_codes_come_back_and_persons_come_back_to_theirs() -> None:
    rng = np.random.Generator(np.random.PCG64(1))
    owners = np.repeat(np.arange(400), 10)
    # each person sees one of 300 doctors again and again
    texts = [f"75{1_000_000 + 7 * d}"[:8] for d in np.repeat(rng.integers(0, 300, 400), 10).tolist()]
    found = stems_of(texts, owners.tolist())
    assert found is not None and found.stems.reuse == 1.0

    codes = np.zeros(len(owners), dtype=np.int64)
    stems = Stems((found.stems.stems[0],), found.stems.reuse, True)
    made = texts_of(stems, codes, owners, rng.random(len(owners)), rng.random(len(owners)))
    assert all(len(set(made[owners == person])) == 1 for person in range(20))


def test_the_pool_gives_back_as_many_members_as_there_were() -> None:
    pool = pool_of(2_000, 700)
    met = len(set(np.random.Generator(np.random.PCG64(0)).integers(0, pool, 2_000).tolist()))

    assert met == pytest.approx(700, rel=0.06)
    assert pool_of(10, 10) > 100


def test_rare_codes_of_a_public_list_become_codes_of_the_list_under_the_same_beginning() -> None:
    listed = nomenclature("IR_CIM_V").codes
    chosen = [code for code in listed if code.startswith(("I2", "E1"))][:60]
    column = Column("diagnosis", "string", "code", nomenclature="IR_CIM_V")
    found = stems_of(chosen, list(range(len(chosen))), column)
    assert found is not None

    made = texts_of(
        found.stems,
        found.stems.encode(chosen),
        np.arange(len(chosen)),
        np.linspace(0, 1, len(chosen), False),
        np.ones(len(chosen)),
    )
    assert set(made) <= set(listed)
    stems = [found.stems.stems[place].prefix for place in found.stems.encode(chosen).tolist()]
    assert all(code.startswith(stem) for code, stem in zip(made, stems, strict=True))
    assert sum(code[0] == real[0] for code, real in zip(made, chosen, strict=True)) > 50


def test_a_list_of_which_a_part_is_there_need_not_know_all_codes() -> None:
    known = [code for code in nomenclature("IR_CIM_V").codes if code.startswith(("I2", "E1"))][:40]
    chosen = [*known, *(f"I2{i:02d}" for i in range(91, 99)), *(f"E1{i:02d}" for i in range(91, 99))]
    column = Column("diagnosis", "string", "code", nomenclature="IR_CIM_V")
    found = stems_of(chosen, list(range(len(chosen))), column)
    assert found is not None and not found.stems.marked

    codes = found.stems.encode(chosen)
    made = texts_of(found.stems, codes, np.arange(56), np.linspace(0, 1, 56, False), np.ones(56))
    assert set(made) <= set(nomenclature("IR_CIM_V").codes)


def test_published_weights_survive_the_model() -> None:
    stem = Stem("I2", 12, "99", 2, ("I200", "I219"), (1.0, 3.0))
    stems = Stems((stem,), 0.0, False)
    kept = Levels((), (), False, stems)
    assert codec_from(Codec(kept, False, 12).document()).kept == kept

    made = texts_of(stems, np.zeros(400, int), np.arange(400), np.linspace(0, 1, 400, False), np.ones(400))
    assert (made == "I219").sum() == 300


@pytest.mark.parametrize(
    ("texts", "column"),
    [
        (["free text no. " + str(i) for i in range(100)], Column("x", "string", "code")),
        (providers(), Column("x", "string", "text")),
        (providers(), Column("x", "string", "code", categories=("a", "b"))),
        (providers(10), NUMBERS),
        (["1" * (3 + i % 9) + str(i) for i in range(100)], NUMBERS),
    ],
)
def test_what_is_no_list_of_codes_has_no_stems(texts: list[str], column: Column) -> None:
    assert stems_of(texts, list(range(len(texts))), column) is None


def test_numbers_that_identify_become_invented_ones_however_many_digits_they_have() -> None:
    column, who = Column("orderid", "integer", "code"), np.arange(400)
    orders = [str(n) for n in np.random.default_rng(3).choice(10_000_000, 380, replace=False)] + [
        str(n) for n in range(20)
    ]
    found = stems_of(orders, [n % 100 for n in range(400)], column)
    assert found is not None and not found.stems.marked and found.support >= 5
    for stem in found.stems.stems:
        assert len({n % 100 for n, text in enumerate(orders) if text.startswith(stem.prefix)}) >= 5

    codes = found.stems.encode(orders)
    known = codes >= 0
    drawn = np.random.default_rng(4).random(known.sum())
    made = texts_of(found.stems, codes[known], who[known], drawn, np.ones(known.sum()))
    assert known.sum() > 300 and len(set(made)) > 0.95 * known.sum()
    assert len(set(made) & set(orders)) < 5  # by chance, as the places after a stem are few
    assert all(text.isdigit() and len(text) <= 7 for text in made)


def test_numbers_too_long_for_an_integer_are_not_invented() -> None:
    longest = [str(9 * 10**18 + n * 10**15) for n in range(200)]
    assert stems_of(longest, list(range(200)), Column("orderid", "integer", "code")) is None


def test_a_shape_tells_digits_and_letters_apart() -> None:
    assert shape_of("a1-B2") == "a9-A9"
    made = Stem("X", 1, "9A-a9", 10_000).member(4_321, False)
    assert shape_of(made) == "A9A-a9"


def test_a_pattern_that_forbids_the_mark_leaves_digits() -> None:
    column = Column("provider", "string", "code", pattern="[0-9]{8}")
    found = stems_of(providers(), list(range(200)), column)
    assert found is not None and not found.stems.marked
    made = texts_of(found.stems, np.zeros(50, dtype=np.int64), np.arange(50), np.linspace(0, 1, 50, False), np.ones(50))

    assert all(text.isdigit() and len(text) == 8 for text in made)


@given(st.integers(0, 10**9), st.text("9Aa", min_size=1, max_size=6), st.booleans())
def test_members_have_the_shape_of_the_stem(number: int, shape: str, marked: bool) -> None:
    made = Stem("21", 1, shape, 1).member(number, marked)

    assert made.startswith("21") and len(made) == 2 + len(shape)


def test_a_codec_with_stems_is_read_as_it_was_written() -> None:
    stems = Stems((Stem("12", 30, "9999", 50), Stem("13", 20, "9999", 2, ("130001", "130002"))), 0.25, True)
    codec = Codec(Levels(("000000",), (9,), True, stems), True, 11)

    assert codec_from(codec.document()) == codec
    assert codec.size == 5
    assert codec.kept is not None and isinstance(codec.kept, Levels)
    assert codec.kept.encode(pa.array(["000000", "120001", "139999", "77", None])).tolist() == [0, 1, 2, 3, -1]
    texts = codec.texts(np.array([0, 1, 2, 3, 4]), np.full(5, 0.4)).to_pylist()
    assert texts[0] == "000000" and texts[1].startswith("12S") and texts[2] == "130001" and texts[4] is None
