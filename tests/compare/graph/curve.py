"""Recall against searches per second, and what lies between the measured points."""

from math import exp, log


def rate_at(points, recall):
    """Searches per second at this recall, between the two measured points around it; none where no point reaches it.

    The logarithm of the rate is taken as linear in recall from one point to the next. Below the lowest point the
    lowest point counts: nothing faster was measured.
    """
    points = sorted(points)
    if not points or points[-1][0] < recall:
        return None
    above = next(place for place, point in enumerate(points) if point[0] >= recall)
    if above == 0:
        return points[0][1]
    (low, fast), (high, slow) = points[above - 1], points[above]
    share = (recall - low) / (high - low)
    return exp(log(fast) + share * (log(slow) - log(fast)))
