"""What a name suggests: an identifier, a year, a code, a person, the start of something; and which names are akin."""

from __future__ import annotations

import re

_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+|[^\W\d_]+")


def _word(words: str, elsewhere: str = "") -> re.Pattern[str]:
    """One of `words` standing alone between punctuation, or one of the patterns `elsewhere` anywhere."""
    alone = rf"(^|[\W_])({'|'.join(words.split())})([\W_]|$)"
    return re.compile("|".join((alone, *elsewhere.split())), re.IGNORECASE)


_IDENTIFIER = re.compile(
    r"(^|[\W_])(ids?|key|num|nr|no|nir|psa|uuid|guid|num[eé]ro|number)$|id$"
    r"|^n°|(^|[\W_])(ident|identifiant|ipp|nip|finess|siret|matricule|dossier)([\W_]|$)",
    re.IGNORECASE,
)
_NOT_IDENTIFIER = re.compile(
    r"(valid|paid|void|amid|covid|steroid|thyroid|fluid|acid|rapid|solid|grid|raid|lipid)$", re.IGNORECASE
)
_YEAR = _word("year yr annee année an ann aaaa yyyy")
_CODE = _word(
    "codes? cd cod icd[0-9]* cim[0-9]* ndc cpt drg ghm atc cip[0-9]* zip type flag ind statut status", "code$"
)
_AMOUNT = _word(
    "amt am mnt qty qte qté nb nbr nbre cnt count age size mons months num number pct pc fee",
    "amount montant cost price quant dose nombre dur[eé]e duration taux rate(?!d) percent pourcent tarif coef",
)
_PERSON = _word(
    "bene ben emp pupil pupils student students [eé]l[eè]ves? [eé]tudiants?",
    "(?<!in)(?<!out)patient person subject benef member individu assur participant people malade usager enrol ^ir_ben "
    "client customer employee salari[eé] citizen resident donor donneur",
)
_ROW = re.compile(
    r"^(row[_. ]?(id|num|number|names?)?|index|unnamed.*|rownum|line[_. ]?(no|num|number)?)$", re.IGNORECASE
)
_START = _word("in intime", "start begin deb from admi entr chart event date day time dt visit issued order created")
_END = _word(
    "fin end out outtime dod dob sor", "end stop disch thru death dece birth naiss store comment valid source update"
)
_SEQUENCE = _word("rang rank ordre ord num nr no week month time visit position pos", "seq ^day days$")
_SUPERIOR = _word(
    "parent manager boss supervisor superior superieur supérieur chef chief head lead responsable mother father mere "
    "mère pere père sire dam previous prev next precedent précédent suivant origin origine root replaces remplace"
)
GENERIC = frozenset("id key num nr no number code index rowid row seq line name pk uuid ident n".split())


def is_identifier(name: str) -> bool:
    """Whether the name is that of an identifier."""
    return bool(_IDENTIFIER.search(name)) and not _NOT_IDENTIFIER.search(name)


def is_year(name: str) -> bool:
    """Whether the name is that of a calendar year."""
    return bool(_YEAR.search(name))


def is_code(name: str) -> bool:
    """Whether the name is that of a code."""
    return bool(_CODE.search(name))


def is_person(name: str) -> bool:
    """Whether the name, of a table or a key, speaks of a person."""
    return bool(_PERSON.search(name))


def is_amount(name: str) -> bool:
    """Whether the name is that of an amount or a count, a number however few its values are."""
    return bool(_AMOUNT.search(name))


def is_row_number(name: str) -> bool:
    """Whether the name is that of a count of rows, which identifies nothing outside its table."""
    return bool(_ROW.search(name))


def time_rank(name: str) -> int:
    """How well a date by this name orders events: 2 it starts something, 1 it may, 0 it ends something."""
    if _END.search(name):
        return 0
    return 2 if _START.search(name) else 1


def is_superior(name: str) -> bool:
    """Whether the name is that of another row of the same kind: a parent, a manager, what precedes."""
    return bool(_SUPERIOR.search(name))


def is_sequence(name: str) -> bool:
    """Whether the name is that of a number that puts rows in order."""
    return bool(_SEQUENCE.search(name))


def folded(name: str) -> str:
    """A name without case and punctuation."""
    return re.sub(r"[\W_]+", "", name).casefold()


def is_generic(name: str) -> bool:
    """Whether any table could have a column of this name."""
    return folded(name) in GENERIC


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def stem(name: str) -> str:
    """A key's name without its ending (`person_id` -> person), or a table's in the singular, without final digits."""
    words = [word.casefold() for word in _WORDS.findall(name)]
    while len(words) > 1 and (words[-1] in GENERIC or words[-1].isdigit()):
        words.pop()
    return re.sub(r"[0-9]+$", "", _singular("".join(words)))


def _thing(key: str) -> str:
    """What a key is the key of, also when it is written in one word (`icustayid` -> icustay)."""
    text = stem(key)
    return re.sub(r"(?<=..)id$", "", text) if is_identifier(key) else text


def speaks_of(column: str, table: str) -> bool:
    """Whether a column's name is that of a table, with or without the ending of a key: patient, patient_id, PATIENT."""
    thing = _thing(column)
    return bool(thing) and thing == stem(table)


def akin(one: str, other: str) -> bool:
    """Whether two tables' names share a stem: nafld1 and nafld2, pbc and pbcseq."""
    first, second = sorted((stem(one), stem(other)), key=len)
    return len(first) >= 3 and second.startswith(first)


def home_rank(table: str, key: str) -> int:
    """How well a table's name fits the name of a key, as the table where it is at home: 3 the same, 0 not at all."""
    thing, holder = _thing(key), stem(table)
    if not thing or is_generic(key):
        return 0
    if thing == holder:
        return 3
    if holder.startswith(thing) or holder.endswith(thing):
        return 2
    return 1 if thing in holder or (len(holder) >= 4 and holder in thing) else 0
