"""Databases that filter, with the metadata of the data set: `r` indexed as a number, `lexname` as a keyword.

The same functions as the other contenders have; `searcher(index, ef)` gives a function from (query, filter), where a
filter is ("r", n) for `r < n`, or ("lexname", text) for equality. `ef` is none for what a user gets who sets nothing.
"""

DATABASES = ("filtered.vectlite", "filtered.qdrant", "filtered.qdrant_i8", "filtered.zvec", "filtered.zvec_i8")
FIELDS = ("r", "lexname")
