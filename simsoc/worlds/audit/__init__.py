"""Audits of a mind: the same asked again and again, of one name and another, in several wordings (methods.md 6)."""

from simsoc.core.shelf import Shelf

AUDIT_INSTRUMENTS = Shelf(
    "audit_instruments",
    {
        "swap": "simsoc.worlds.audit.swap:Swap",
        "surveys": "simsoc.worlds.audit.surveys:Surveys",
        "compass": "simsoc.worlds.audit.statements:Compass",
    },
)
AUDIT_RULES = Shelf(
    "audit_rules",
    {
        "priced": "simsoc.worlds.audit.rules:priced",
        "leaning": "simsoc.worlds.audit.rules:leaning",
    },
)
