"""simsoc: societies of language-model agents as experiments."""
