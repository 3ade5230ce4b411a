"""How a mind decides when no model is asked: one family of rules, a static method for each decision."""
