"""The American National Election Studies: respondents of the official files, and people made up from margins."""
