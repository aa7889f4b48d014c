"""One line of a row: what was measured, what is wanted, and whether that is kept."""

from dataclasses import asdict, dataclass


@dataclass
class Promise:
    """`kept` is none for a figure that nothing is promised about."""

    what: str
    found: str
    wanted: str = ""
    kept: bool | None = None

    def verdict(self):
        return {None: "", True: "kept", False: "NOT KEPT"}[self.kept]

    as_dict = asdict


def at_least(what, figure, bound, form="{:.2f}", unit=""):
    return compared(what, figure, bound, form, unit, "at least", figure is not None and figure >= bound)


def at_most(what, figure, bound, form="{:.2f}", unit=""):
    return compared(what, figure, bound, form, unit, "at most", figure is not None and figure <= bound)


def compared(what, figure, bound, form, unit, word, kept):
    found = "not reached" if figure is None else form.format(figure) + unit
    return Promise(what, found, f"{word} {form.format(bound)}{unit}", kept)
