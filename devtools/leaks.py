"""People and secrets of the test data, none of which any log may hold."""

import re

WORDS = (
    # Rows of the addon's own tests.
    *("Recipient Example", "Buyer Example", "Voorbeeldstraat", "31600000001"),
    "@marketplace.amazon.",
    # The invented reports.
    *("Anna de Proef", "van den Testen", "Fatma Yılmaz", "Siem Ooievaar"),
    *("Jürgen Muster", "Lotte Beispiel", "Max Prüfer", "Zoë Kühn"),
    *("Amélie Lefèvre", "François Modèle", "Hélène d’Essai", "Noé Bœuf"),
    *("van Proefstraat", "Lange Testweg", "Oefendwarsstraat", "Plein 1944"),
    *("'t Proefhof", "Musterstraße", "Beispielweg", "Am Prüfstand"),
    *("Straße des 17", "Lange Str.", "de l’Exemple", "avenue du Modèle"),
    *("boulevard des Épreuves", "impasse de l'Essai"),
    # What the stand-ins take as secrets, and what they give.
    *("Atzr|", "Atza|", "Atz.sprdt|", "amzn1.oa2-cs.", "standin-myparcel-key"),
    *("standin-password", "standin-test"),
)
_PATTERN = re.compile("|".join(re.escape(word.casefold()) for word in WORDS))


def find_leaks(text):
    """The lines of a log that hold one of them."""
    return [line for line in text.splitlines() if _PATTERN.search(line.casefold())]
