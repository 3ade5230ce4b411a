"""How an agent comes to a decision: generators without I/O that say what is asked.

The plain mind is a world's own `decide`: it asks what the world asks, keeps nothing and adds nothing.
"""
