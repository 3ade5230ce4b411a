"""Scoring the texts of a run that is over: by words, by a trained classifier, by a service, by a model as a judge.

The run and its log stay as they are. What a scorer that has to be asked says goes into a file beside the log, from
which the very same text is scored the next time: nothing is paid for twice.
"""
