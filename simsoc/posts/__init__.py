"""What people wrote to each other, as plain data: gathered from events, read from and written to files.

Pure functions of posts. `post` gathers them from a run's events, `told` and `markdown` show a thread to people,
`listing` writes and `reading` reads the JSON of Reddit and of its dumps, `pairs` makes blind pairs for human raters.
"""

from .post import Id, Post, gather, in_tree, read_id, told_id, whole_threads

__all__ = ["Id", "Post", "gather", "in_tree", "read_id", "told_id", "whole_threads"]
