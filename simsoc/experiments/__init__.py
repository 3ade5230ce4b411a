"""Experiments: arms x grid x replicates laid out, run, gone on with until complete, and compared twin by twin.

`layout` says which runs there are, `folder` keeps their logs and an index, `processes` and `threads` run them, `issue`
does all of that, and `compared` looks at what came of it.
"""
