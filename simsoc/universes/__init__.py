"""The multiverse: the same design, or the same run from a step on, several times with other random draws.

One outcome is an anecdote; how far outcomes spread says how much of it is chance (Park et al. 2022, arXiv 2208.04024).
Universes are the replicates of an experiment (`simsoc.experiments`): all that is new is that they are looked at side by
side, thread by thread.
"""
