"""A society in Mesa's SolaraViz: step it, play it, reset it with another seed, and look (extra `ui`)."""
