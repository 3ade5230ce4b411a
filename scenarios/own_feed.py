"""A feed of one's own for own_feed.yaml: posts that are forgotten."""


def freshest(items, now, *, half_life: float = 5.0):
    """A post's likes and replies, and one for being there, all worth less the older it is.

    half_life: steps after which a post is worth half.
    """
    return (1 + items.likes + items.replies) * 0.5 ** ((now - items.step) / half_life)
