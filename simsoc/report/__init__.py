"""A report: one HTML file that shows what was asked and found, and everything behind it. No network, no server.

`Matter` is what a report is about, handed in by those who know the scenario and its comparisons; what can be read from
the logs alone is read here. `page.write` makes the file.
"""
