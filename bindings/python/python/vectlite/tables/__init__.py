"""Tables in and out: pandas, polars, and whatever speaks Arrow.

    from vectlite import tables

    tables.ingest(db, frame, vector="embedding", text="body")
    frame = tables.to_polars(db, filter={"year": {"$gte": 2020}})
    hits = tables.to_pandas(db.search(query, k=100))

- `ingest(db, table, …)`: a table becomes records, a row each.
- `to_arrow(source, …)`: records or hits as a stream of Arrow batches; `to_polars`, `to_pandas`: as frames.

Arrow tables of any library come and go over the Arrow PyCapsule interface. `pip install vectlite[arrow]`
brings what reads it (arro3-core, a few megabytes), `vectlite[polars]` and `vectlite[pandas]` those
libraries; pyarrow is not needed.
"""

from __future__ import annotations

from .export import to_arrow, to_pandas, to_polars
from .records import ingest

__all__ = ["ingest", "to_arrow", "to_pandas", "to_polars"]
