"""Answers as tables for a terminal of 100 columns."""

# Columns of a table.
WIDTH = 100
COLUMNS = ("#", "score", "dense", "text", "found")


def heading(number, question):
    """The lines above a table: what is asked, in its three parts."""
    return (
        f"{number:>2}. meaning: {shortened(question.sentence, WIDTH - 16)}\n"
        f"    words:   {shortened(question.words, WIDTH - 16)}\n"
        f"    filter:  {question.filter or 'none'}"
    )


def of_hits(hits):
    """A row a hit: its rank, the fused score with the two it was made of, and what was found."""
    rows = [COLUMNS]
    for rank, hit in enumerate(hits, start=1):
        figures = (figure(hit[key]) for key in ("score", "dense_score", "sparse_score"))
        rows.append((str(rank), *figures, hit["text"]))
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS) - 1)]
    room = WIDTH - sum(widths) - 2 * len(widths) - 2
    lines = [
        "  " + "  ".join(cell.rjust(width) for cell, width in zip(row, widths)) + "  " + shortened(row[-1], room)
        for row in rows
    ]
    return "\n".join([lines[0], "  " + "─" * (WIDTH - 2), *lines[1:]])


def figure(score):
    """A score with three decimals; `-` where the record was not found by that side."""
    return "-" if score is None else f"{score:.3f}"


def shortened(text, most):
    """The text itself, or its beginning with an ellipsis."""
    return text if len(text) <= most else text[: most - 1] + "…"
