"""Words of the shipped policies in French; what a publisher's own policy says stays as it is written."""

from __future__ import annotations

_FRENCH: dict[str, str] = {
    "Publication for anyone, without conditions of access": "Publication pour tous, sans condition d'accès",
    "Trial inside the circle that may see the real tables": "Essai dans le cercle qui peut voir les tables réelles",
    "Publication of tables about a rare disease or a small cohort": (
        "Publication de tables sur une maladie rare ou une petite cohorte"
    ),
    "Delivery to named partners under contract": "Remise à des partenaires nommés, sous contrat",
    "software testing and teaching": "essais de logiciels et enseignement",
    "describing one column at a time": "description des colonnes une à une",
    "exploring relations between columns, to be confirmed on real data": (
        "exploration des relations entre colonnes, à confirmer sur les données réelles"
    ),
    "attackers who trained models of their own on similar data (shadow models)": (
        "les attaquants qui entraînent leurs propres modèles sur des données semblables (modèles fantômes)"
    ),
    "several releases made from the same tables and compared with one another": (
        "plusieurs publications tirées des mêmes tables et comparées entre elles"
    ),
    "free text": "le texte libre",
    "the model file and published aggregates, unless they were given to synth score": (
        "le fichier du modèle et les agrégats publiés, sauf s'ils ont été donnés à synth score"
    ),
    "differential privacy - no generator offers it, and a model that claims it is blocked, not audited": (
        "la confidentialité différentielle - aucun générateur ne l'offre ; un modèle qui s'en réclame est bloqué, "
        "non audité"
    ),
    "the model file and published aggregates; these scores look at the synthetic tables only": (
        "le fichier du modèle et les agrégats publiés ; ces mesures ne portent que sur les tables synthétiques"
    ),
}


def policy_fr(words: str) -> str:
    """A title, a use or a limit of a shipped policy in French; other words as they are."""
    return _FRENCH.get(words, words)
