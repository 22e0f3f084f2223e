"""Codes read alone are those of the whole list."""

from synth.core.nomenclatures import find_codes, find_nomenclature, nomenclature_origins


def test_codes_alone_are_those_of_every_list() -> None:
    for name in nomenclature_origins():
        whole = find_nomenclature(name)

        assert whole is not None
        assert find_codes(name, "0001-01-01", "9999-12-31") == (whole.codes, whole.complete)


def test_codes_in_force_in_a_year_are_fewer_where_a_list_dates_them() -> None:
    every, some = (
        find_codes("IR_BIO_R", *dates) for dates in (("0001-01-01", "9999-12-31"), ("1996-02-01", "1996-12-31"))
    )

    assert every is not None and some is not None
    assert set(some[0]) < set(every[0])


def test_a_list_that_does_not_exist() -> None:
    assert find_codes("NO_SUCH_LIST", "2020-01-01", "2020-12-31") is None
