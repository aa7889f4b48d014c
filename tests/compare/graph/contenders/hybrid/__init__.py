"""Databases that search by vector and text at once, by reciprocal rank fusion.

The same functions as the other contenders have; `searcher(index, ef)` gives a function from (query, text), where `ef` is none
for what a user gets who sets nothing; `parts(index)` gives one for each source alone, and one for each fusion.
"""

DATABASES = ("hybrid.vectlite", "hybrid.zvec")
