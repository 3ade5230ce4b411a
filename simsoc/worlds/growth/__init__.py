"""Network growth: newcomers choose whom to follow, members choose new ties (methods.md section 4)."""

from simsoc.core.shelf import Shelf

DESIGNS = Shelf(
    "growth_designs",
    {
        "newcomers": "simsoc.worlds.growth.designs:Newcomers",
        "closure": "simsoc.worlds.growth.designs:Closure",
        "homophily": "simsoc.worlds.growth.designs:Homophily",
        "small_world": "simsoc.worlds.growth.designs:SmallWorld",
        "audit": "simsoc.worlds.growth.designs:Audit",
    },
)
ACCEPTANCE_RULES = Shelf(
    "acceptance_rules",
    {
        "always": "simsoc.worlds.growth.rules:always",
        "shares": "simsoc.worlds.growth.rules:shares",
    },
)
GROWTH_RULES = Shelf(
    "growth_rules",
    {
        "kernel": "simsoc.worlds.growth.rules:kernel",
        "token_prior": "simsoc.worlds.growth.rules:token_prior",
        "random": "simsoc.worlds.growth.rules:at_random",
        "common_neighbours": "simsoc.worlds.growth.rules:common_neighbours",
        "similar": "simsoc.worlds.growth.rules:similar",
    },
)
