"""Words everybody uses. Imports nothing else of simsoc."""
