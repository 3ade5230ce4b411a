"""From a YAML file to a frozen, checked spec. Data only: knows no world, backend or network by itself.

`load.load` reads and checks, `explain.explain` and `explain.to_yaml` write, `schema.json_schema` helps editors; `spec`
holds every key, and `Named`, `Listed` and `Short` are what specs of parts are annotated with.
"""
