"""From a YAML file to a frozen, checked spec. Data only: knows no world, backend or network by itself."""
