"""Evidence packages: a run or an experiment in one file that replays anywhere, with no key and no other folder."""
