"""Worked analyses: published tables and figures redrawn from simulated runs, ``python -m analysis.NAME``.

consensus_times: how long groups take to agree. majority_force: how strongly models follow a majority. kernel: how
newcomers choose whom to follow. readme_picture: the picture in the README.
Each prints its tables and writes one figure; nothing but `simsoc`, its measures and its published table is used.
"""
