"""Interviews: people of a run, as they were after a step, are asked something. The run and its log stay as they are.

The society is rebuilt from the log, so that whoever is asked holds and remembers what it did then. What is said goes
into a file beside the log (`simsoc.runlog.interviews`), from which the very same question is answered the next time.
"""
