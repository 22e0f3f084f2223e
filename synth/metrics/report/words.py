"""Every word of the page in English and French, and the metrics in plain words."""

from __future__ import annotations

from html import escape

CRITERIA = {
    "individualisation": (
        "Individualisation: can a person be singled out?",
        "Individualisation : peut-on isoler une personne ?",
    ),
    "correlation": (
        "Correlation: can records of a person be linked?",
        "Corrélation : peut-on relier des données d'une personne ?",
    ),
    "inference": (
        "Inference: can an attribute of a person be deduced?",
        "Inférence : peut-on déduire un attribut d'une personne ?",
    ),
}
COMPARISON = ("Is the comparison sound?", "La comparaison est-elle valable ?")
OUTCOMES = {
    "pass": ("pass", "conforme"),
    "block": ("blocked", "bloqué"),
    "inconclusive": ("cannot be told", "indéterminé"),
}
STATES = {
    "measured": ("", ""),
    "underpowered": ("too few persons", "trop peu de personnes"),
    "skipped": ("not measured", "non mesuré"),
}
ROLES = {
    "train": ("train (learned from)", "apprentissage"),
    "holdout": ("holdout (other real persons)", "témoins (autres personnes réelles)"),
    "synthetic": ("synthetic", "synthétique"),
    "reference": ("reference", "référence"),
}
FAMILIES = {
    "disclosure": ("Disclosure risk", "Risque de divulgation"),
    "structure": ("Structure", "Structure"),
    "fidelity": ("Fidelity", "Fidélité"),
    "utility": ("Utility", "Utilité"),
}
METRICS = {
    "holdout_contamination": ("control persons found in train", "personnes témoins présentes dans l'apprentissage"),
    "row_copies": ("rows copied, beyond chance", "lignes recopiées, au-delà du hasard"),
    "trajectory_copies": ("persons copied whole", "parcours recopiés en entier"),
    "membership_distance": ("membership, by distance", "appartenance, par la distance"),
    "membership_density": ("membership, by density", "appartenance, par la densité"),
    "membership_f1": ("membership F1 (diagnostic)", "F1 d'appartenance (diagnostic)"),
    "anonymity_loss": ("anonymity loss coefficient (diagnostic)", "coefficient de perte d'anonymat (diagnostic)"),
    "singling_out": ("singling out", "isolement par une condition"),
    "replicated_uniques": ("unique persons found again", "personnes uniques retrouvées"),
    "linkability": ("two halves linked", "deux moitiés reliées"),
    "disclosive_cells": ("unanimous cells", "cellules unanimes"),
    "attribute_inference": ("an attribute guessed", "attribut deviné"),
    "death_register": ("deaths found through the open register", "décès retrouvés par le fichier ouvert"),
    "claims_and_stays": ("stays put together with claims", "séjours rapprochés des remboursements"),
    "shadow_membership": ("membership, by shadow models", "appartenance, par modèles fantômes"),
    "unsafe_cells": ("unsafe published counts", "effectifs publiés non sûrs"),
    "derived_cells": ("counts a model lets one work out", "effectifs qu'un modèle laisse calculer"),
    "sensitivity": ("smallest leak these attacks would see", "plus petite fuite que ces attaques verraient"),
    "marginal_tvd": ("columns, total variation", "colonnes, variation totale"),
    "marginal_ks": ("columns, Kolmogorov-Smirnov", "colonnes, Kolmogorov-Smirnov"),
    "marginal_wasserstein": ("columns, Wasserstein in standard deviations", "colonnes, Wasserstein en écarts-types"),
    "pair_tvd": ("pairs of columns, total variation", "couples de colonnes, variation totale"),
    "pair_association": ("association kept", "association conservée"),
    "k_marginal_score": ("triples of columns (0 to 1000)", "triplets de colonnes (0 à 1000)"),
    "s_pmse": ("standardised propensity error", "erreur de propension standardisée"),
    "specks": ("propensity distance", "distance de propension"),
    "po50": ("rows told apart beyond chance", "lignes distinguées au-delà du hasard"),
    "c2st_auc": ("classifier tells synthetic from real", "un classifieur distingue le synthétique"),
    "foreign_key_integrity": ("keys that resolve", "clés résolues"),
    "child_count_tvd": ("number of rows of a parent", "nombre de lignes par parent"),
    "constraint_share": ("declared constraints kept", "contraintes déclarées respectées"),
    "claims_validity": ("validity rules broken", "règles de validité enfreintes"),
    "markov_1": ("what follows what (order 1)", "enchaînements (ordre 1)"),
    "markov_2": ("what follows what (order 2)", "enchaînements (ordre 2)"),
    "gap_ks": ("time between events", "temps entre événements"),
    "trajectory_length": ("length of trajectories", "longueur des parcours"),
    "trajectory_coherence": ("different codes within a person", "codes différents au sein d'une personne"),
    "km_difference": ("survival curves, gap", "courbes de survie, écart"),
    "km_optimism": ("survival curves, signed gap", "courbes de survie, écart signé"),
    "short_sightedness": ("follow-up cut short", "suivi raccourci"),
    "incidence_difference": ("cumulative incidence, gap", "incidence cumulée, écart"),
    "cox_overlap": ("Cox model, overlap of intervals", "modèle de Cox, recouvrement des intervalles"),
    "standardised_prevalence": ("age-sex standardised prevalence, fold", "prévalence standardisée âge-sexe, rapport"),
    "standardised_incidence": ("age-sex standardised incidence, fold", "incidence standardisée âge-sexe, rapport"),
    "comorbidity_pairs": ("conditions met together, fold", "affections associées, rapport"),
    "comorbidity_index": ("comorbidity index", "indice de comorbidité"),
    "cost_mean": ("mean cost, fold", "coût moyen, rapport"),
    "cost_gini": ("concentration of costs (Gini), gap", "concentration des coûts (Gini), écart"),
    "cost_top": ("part of the dearest 5 %, gap", "part des 5 % les plus coûteux, écart"),
    "pathway_tvd": ("next event of a person", "événement suivant d'une personne"),
    "tstr_gap": ("accuracy lost, trained on synthetic", "exactitude perdue, appris sur le synthétique"),
}


def both(english: str, french: str) -> str:
    """The same words in both languages; the page shows one."""
    if english == french:
        return escape(english)
    return f'<span lang="en">{escape(english)}</span><span lang="fr">{escape(french)}</span>'


def metric_name(metric: str) -> str:
    """A metric in plain words, both languages."""
    return both(*METRICS.get(metric, (metric, metric)))
