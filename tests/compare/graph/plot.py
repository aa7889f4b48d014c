"""Recall against searches per second."""

LOWEST_RECALL = 0.80


def draw(curves, path):
    # Imported here, so that processes that measure do not carry it.
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(9, 6))
    for name, points in curves.items():
        shown = [point for point in points if point["recall"] >= LOWEST_RECALL]
        line = dict(linewidth=2.5, zorder=3) if name == "vectlite" else dict(linewidth=1.2)
        axes.plot(
            [point["recall"] for point in shown],
            [point["per_second"] for point in shown],
            marker="o",
            markersize=3,
            label=name,
            **line,
        )
    axes.set_yscale("log")
    axes.set_xlabel("recall@10")
    axes.set_ylabel("searches per second, one core")
    axes.set_title("wordnet-minilm, 100,000 × 384, k = 10, one query a call, Python")
    axes.grid(True, which="both", alpha=0.3)
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    pyplot.close(figure)
