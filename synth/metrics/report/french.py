"""The page in French: what a score is about, why a figure is missing, and the gate's reasons, made from the figures.

Scopes and notes are written in English by the metrics; here their fixed phrases are put into French around the names of
tables and columns, which stay as they are. A phrase that is not known is left in English rather than dropped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from synth.core.score import Score, persons_to_clear
from synth.core.verdict import Check

_SCOPES: tuple[tuple[str, str], ...] = (
    (r"\bwhole persons, all tables\b", "personnes entières, toutes tables"),
    (r"\bwhole persons\b", "personnes entières"),
    (r"\ball rows of a person\b", "toutes les lignes d'une personne"),
    (r": rows\b", " : lignes"),
    (r": pairs of columns\b", " : couples de colonnes"),
    (r": triples of columns\b", " : triplets de colonnes"),
    (r": pairs of conditions\b", " : couples d'affections"),
    (r": sum of weights\b", " : somme des poids"),
    (r"\bmean of all columns\b", "moyenne de toutes les colonnes"),
    (r": time to the next row of a person\b", " : temps jusqu'à la ligne suivante d'une personne"),
    (r"\bin order of time\b", "dans l'ordre du temps"),
    (r"\bcolumns dealt in two halves\b", "colonnes réparties en deux moitiés"),
    (r"\bunivariate conditions\b", "conditions sur une colonne"),
    (r"\bmultivariate conditions\b", "conditions sur plusieurs colonnes"),
    (r"\bpersons of holdout in train\b", "personnes témoins présentes dans l'apprentissage"),
    (r" predicted from all others\b", " prédit à partir de tout le reste"),
    (r" predicted from \(", " prédit à partir de ("),
    (r" from all others\b", " à partir de tout le reste"),
    (r" \(a person's commonest\)", " (le plus fréquent d'une personne)"),
    (r" from \(", " à partir de ("),
    (r" of \(", " de ("),
    (r"^(DiSCO|DiSDiO) of ", r"\1 de "),
    (r"\boutlier decile\b", "décile atypique"),
    (r", group (\d+) by size\b", r", groupe n° \1 par effectif"),
    (r"; nearest\b", " ; plus proche voisin"),
    (r"; model\b", " ; modèle"),
    (r"^time to event: ", "délai jusqu'à l'événement : "),
    (r"\bcause ranked (\d+) by frequency\b", r"cause n° \1 par fréquence"),
    (r"^([^:]*) with ([^:]*) : couples", r"\1 avec \2 : couples"),
    (r": cells with a constraint", " : cellules soumises à une contrainte"),
    (r"^rule (\d+): ", r"règle \1 : "),
    (r"^cost: ", "coût : "),
    (r"^pathway: ", "parcours : "),
    (r"\bamounts of persons\b", "montants par personne"),
    (r"\bconditions of persons\b", "affections des personnes"),
    (r"\bpathways of persons\b", "parcours des personnes"),
    (r"\battributes of persons\b", "attributs des personnes"),
    (r"\bperson table\b", "table des personnes"),
    (r"\ball conditions\b", "toutes les affections"),
    (r"\ball tables\b", "toutes les tables"),
    (r"\ball attacks\b", "toutes les attaques"),
    (r"\bbest attack\b", "meilleure attaque"),
    (r"\bevery attack\b", "chaque attaque"),
    (r"\bknown columns\b", "colonnes connues"),
    (r"\bdeaths looked up in the open register\b", "décès cherchés dans le fichier ouvert"),
    (r"\bstays put together with claims\b", "séjours rapprochés des remboursements"),
    (r"\bmost vulnerable persons\b", "personnes les plus vulnérables"),
    (r"\bpublished tables\b", "tables publiées"),
    (r"\bthe model\b", "le modèle"),
    (r"\ball others\b", "tout le reste"),
    (r"^([\w.'-]+) by ([\w.'-]+)$", r"\1 par \2"),
)
_NOTES: tuple[tuple[str, str], ...] = (
    (r"would have detected a leak of ([\d.]+) % of training persons or more with at least 95 % power",
     r"aurait décelé une fuite d'au moins \1 % des personnes de l'apprentissage avec une puissance d'au moins 95 %"),
    (r"no planted leak up to ([\d.]+) % was detected with 95 % power",
     r"aucune fuite plantée jusqu'à \1 % n'a été décelée avec une puissance de 95 %"),
    (r"no reference persons: the attacker knows no population",
     "pas de personnes de référence : l'attaquant ne connaît aucune population"),
    (r"at most (\d+) attributes differ from a synthetic person",
     r"au plus \1 attributs diffèrent d'une personne synthétique"),
    (r"model, surest guesses kept", "modèle, seules les réponses les plus sûres"),
    (r"logistic regression on standardised distances", "régression logistique sur des distances réduites"),
    (r"no holdout to test on", "pas de personnes témoins pour tester"),
    (r"no holdout: .*", "pas de personnes témoins : le hasard ne peut être distingué de la fuite"),
    (r"no holdout.*", "pas de personnes témoins"),
    (r"no table holds several rows a person; whole rows are judged by row copies",
     "aucune table n'a plusieurs lignes par personne ; les lignes entières relèvent des copies de lignes"),
    (r"there is no SNDS table of deaths", "il n'y a pas de table de décès du SNDS"),
    (r"there are no SNDS tables of stays beside beneficiaries",
     "il n'y a pas de tables de séjours du SNDS à côté des bénéficiaires"),
    (r"nobody of train died", "personne de l'apprentissage n'est décédé"),
    (r"nobody of train was in hospital", "personne de l'apprentissage n'a été hospitalisé"),
    (r"no published table was given", "aucune table publiée n'a été donnée"),
    (r"no model was given", "aucun modèle n'a été donné"),
    (r"no shadow models were trained .*", "aucun modèle fantôme n'a été entraîné (synth shadow)"),
    (r"fewer than (\d+) models or 2 targets", r"moins de \1 modèles ou de 2 cibles"),
    (r"no synthetic person or no attribute", "aucune personne synthétique ou aucun attribut"),
    (r"no attribute varies, .*", "aucun attribut ne varie, ou rien de connu ne permet de le deviner"),
    (r"no planting was asked for", "aucune fuite à planter n'a été demandée"),
    (r"no table of persons has columns to compare", "aucune table de personnes n'a de colonnes à comparer"),
    (r"no training or no synthetic rows: nothing can be a copy",
     "pas de lignes d'apprentissage ou synthétiques : rien ne peut être une copie"),
    (r"no condition singles out a synthetic person", "aucune condition n'isole une personne synthétique"),
    (r"persons have fewer than two columns to link by", "moins de deux colonnes pour relier des personnes"),
    (r"no table has two columns to compare", "aucune table n'a deux colonnes à comparer"),
    (r"no table has three columns to compare", "aucune table n'a trois colonnes à comparer"),
    (r"the interval is over pairs of columns", "l'intervalle porte sur les couples de colonnes"),
    (r"no complete key in the synthetic rows", "aucune clé complète dans les lignes synthétiques"),
    (r"no foreign key to check", "aucune clé étrangère à vérifier"),
    (r"no table has a parent", "aucune table n'a de table mère"),
    (r"no table has rows of a person in order of time",
     "aucune table n'ordonne dans le temps les lignes d'une personne"),
    (r"nobody has enough rows in a row", "personne n'a assez de lignes à la suite"),
    (r"nobody has two rows", "personne n'a deux lignes"),
    (r"no column to compare", "aucune colonne à comparer"),
    (r"no pair of columns is associated in the real tables",
     "aucun couple de colonnes n'est associé dans les tables réelles"),
    (r"fewer than (\d+) persons or no column", r"moins de \1 personnes ou aucune colonne"),
    (r"fewer than (\d+) persons, or nothing to predict", r"moins de \1 personnes, ou rien à prédire"),
    (r"fewer than (\d+) rows", r"moins de \1 lignes"),
    (r"fewer than (\d+) events a coefficient", r"moins de \1 événements par coefficient"),
    (r"no covariate varies", "aucune covariable ne varie"),
    (r"a covariate does not vary or separates: no maximum likelihood",
     "une covariable ne varie pas ou sépare : pas de maximum de vraisemblance"),
    (r"no time to event with covariates is declared or recognised",
     "aucun délai jusqu'à un événement avec covariables n'est déclaré ni reconnu"),
    (r"no time to event is declared or recognised in the person table",
     "aucun délai jusqu'à un événement n'est déclaré ni reconnu dans la table des personnes"),
    (r"no analysis has causes that compete", "aucune analyse n'a de causes concurrentes"),
    (r"nobody is followed", "personne n'est suivi"),
    (r"the longest follow-up is one person's: no interval",
     "le plus long suivi est celui d'une personne : pas d'intervalle"),
    (r"the event column is not there", "la colonne de l'événement est absente"),
    (r"the event column has other than two values: declare which of them are the event",
     "la colonne de l'événement n'a pas deux valeurs : déclarez lesquelles sont l'événement"),
    (r"no amount is declared .*", "aucun montant n'est déclaré (`costs` des analyses) ni reconnu par son nom"),
    (r"nobody in the synthetic tables, or no amount above 0 in train",
     "personne dans les tables synthétiques, ou aucun montant positif dans l'apprentissage"),
    (r"no amount above 0 in the synthetic tables", "aucun montant positif dans les tables synthétiques"),
    (r"no pathway is declared .*", "aucun parcours n'est déclaré (`pathways` des analyses) ni connu pour ces tables"),
    (r"no event is common enough in train", "aucun événement n'est assez fréquent dans l'apprentissage"),
    (r"no condition is declared .*",
     "aucune affection n'est déclarée (`conditions` des analyses) ni connue pour ces tables"),
    (r"nobody is in the synthetic tables", "personne dans les tables synthétiques"),
    (r"nobody has it in the synthetic tables", "personne ne l'a dans les tables synthétiques"),
    (r"fewer than (\d+) persons of train have any of the conditions, or none is dated",
     r"moins de \1 personnes de l'apprentissage ont une des affections, ou aucune n'est datée"),
    (r"no two conditions are met in (\d+) persons of train",
     r"aucun couple d'affections n'est réuni chez \1 personnes de l'apprentissage"),
    (r"no constraint is declared in the catalog", "aucune contrainte n'est déclarée dans le catalogue"),
    (r"no rules are known for these tables", "aucune règle n'est connue pour ces tables"),
    (r"no table of persons has rows to follow", "aucune table de personnes n'a de lignes à suivre"),
)  # fmt: skip
_QUESTIONS: Mapping[str, str] = {
    "holdout_contamination": "Les personnes témoins sont-elles bien des personnes que l'apprentissage n'a pas vues ?",
    "row_copies": "Des lignes de personnes de l'apprentissage se retrouvent-elles plus souvent que par hasard ?",
    "trajectory_copies":
        "Le parcours entier d'une personne de l'apprentissage se retrouve-t-il, sous un "
        "identifiant quelconque ?",
    "singling_out":
        "Une condition que remplit une seule personne synthétique désigne-t-elle une "
        "seule personne réelle ?",
    "replicated_uniques": "Des personnes seules avec ce qu'on sait communément d'elles se retrouvent-elles ?",
    "membership_distance": "Qui connaît le dossier d'une personne peut-il dire qu'elle était dans l'apprentissage ?",
    "membership_density":
        "Qui connaît un dossier et d'autres personnes réelles peut-il dire que la "
        "personne était dans l'apprentissage ?",
    "linkability":
        "Deux moitiés de ce qu'on sait d'une personne peuvent-elles être réunies par les "
        "tables synthétiques ?",
    "disclosive_cells":
        "Les personnes synthétiques qui partagent ce qu'on sait d'une personne "
        "partagent-elles toutes son secret ?",
    "attribute_inference":
        "Les tables synthétiques font-elles mieux deviner un attribut d'une personne de "
        "l'apprentissage ?",
    "sensitivity": "Ces attaques, sur ces tables, auraient-elles vu une fuite de cette part des personnes ?",
    "death_register": "Le fichier ouvert des décès permet-il de retrouver un décès de l'apprentissage et sa cause ?",
    "claims_and_stays": "Un séjour et les remboursements d'une même personne peuvent-ils être rapprochés ?",
    "shadow_membership":
        "Qui entraîne le même générateur sur d'autres personnes peut-il dire que les plus vulnérables "
        "étaient dans l'apprentissage ?",
    "unsafe_cells": "Des effectifs publiés montrent-ils trop peu de personnes, ou un groupe unanime ou dominé ?",
    "derived_cells": "Un modèle remis tient-il, ou laisse-t-il calculer, des statistiques de trop peu de personnes ?",
    "persons": "Y a-t-il assez de personnes pour juger ?",
    "repeats": "Chaque attaque a-t-elle été menée avec assez de graines ?",
    "privacy_claims": "Le modèle se réclame-t-il d'une confidentialité différentielle que rien ici ne prouve ?",
}  # fmt: skip


def _put(text: str, phrases: Sequence[tuple[str, str]]) -> str:
    for pattern, french in phrases:
        text = re.sub(pattern, french, text)
    return text


def scope_fr(scope: str) -> str:
    """What a score is about, in French."""
    return re.sub(r"(?<! ): ", " : ", _put(scope, _SCOPES))


def note_fr(note: str) -> str:
    """Why a figure is missing, or how to read it, in French."""
    for pattern, french in _NOTES:
        if re.fullmatch(pattern, note):
            return re.sub(pattern, french, note)
    return note


_WITHOUT_SCORE = ("persons", "repeats", "privacy_claims")


def reason_fr(check: Check, score: Score | None) -> str:
    """The gate's reason for one check, in French, from the same figures as the English one."""
    question = _QUESTIONS.get(check.metric, "")
    if check.observed is None or (score is None and check.metric not in _WITHOUT_SCORE):
        missing = (
            "La mesure manque ou n'a pas de sens pour ces tables" if check.outcome == "pass" else "La mesure manque"
        )
        why = f" : {note_fr(score.note)}" if score is not None and score.note else ""
        return f"{question} {missing}{why}.".strip()
    if score is None:
        verb = "au moins" if check.metric in ("persons", "repeats") else "au plus"
        return f"{question} Relevé {_figure(check.observed)}, il faut {verb} {_figure(check.bound)}."
    figure = f"Mesuré {_figure(score.value)} (intervalle à 95 % : {_figure(score.low)} à {_figure(score.high)})"
    control = "" if score.control is None else f", contre {_figure(score.control)} pour les témoins"
    return f"{question} {figure}{control}. {_conclusion(check, score)}".strip()


def _conclusion(check: Check, score: Score) -> str:
    bound = _figure(check.bound)
    observed, limit = check.observed, check.bound
    if check.outcome == "block":
        return f"Cela prouve une fuite au-delà de la borne permise, {bound}."
    short = score.n < score.needed
    persons = f"{score.n} personnes attaquées, environ {score.needed} nécessaires au plus"
    if check.outcome == "inconclusive":
        if short:
            return f"Trop peu pour conclure ({persons}) : la sûreté n'est pas démontrée."
        wanted = None if limit is None or check.statistic != "high" else persons_to_clear(score, limit)
        more = "" if wanted is None else f" {score.n} personnes attaquées ; il en faudrait environ {wanted}."
        return f"Aucune fuite n'est prouvée, mais la borne {bound} n'est pas respectée avec certitude.{more}"
    within = observed is not None and limit is not None and observed <= limit
    if within or check.metric == "sensitivity":
        return f"La borne permise, {bound}, est respectée."
    return "Aucune fuite n'est prouvée ; la sûreté ne l'est pas non plus, ce que cette politique accepte."


def _figure(value: float | None) -> str:
    return "?" if value is None else f"{value:.4g}".replace(".", ",")
