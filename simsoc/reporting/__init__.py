"""Reports: what the page of a report shows is gathered here, from the scenario, the comparison and the code.

`gather` brings it together, `odd` writes the protocol, `make` hands it to the room `report`, which draws.
"""
