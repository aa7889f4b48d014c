"""Runs the cases that all languages share; their format is described beside them."""

from __future__ import annotations

import inspect
import json
import shutil
from pathlib import Path
from typing import Any, Optional

import vectlite
from vectlite.analyzers import Analyzer

TESTS = Path(__file__).resolve().parents[3] / "tests"
CASES = TESTS / "conformance"

KNOWN = {
    "case": {"name", "open", "steps"},
    "call": {"call", "on", "with", "as", "gives", "fails"},
    "get": {"get", "on", "gives", "fails"},
    "fails": {"code", "says", "committed"},
}
# Under these keys nothing may be missing.
WHOLE = {"metadata", "sparse", "vectors"}
PATHS = {"path", "root", "dest", "dest_dir", "source", "repair_to"}


class Slip(Exception):
    """The case is not well written."""


def known(what: str, given: dict[str, Any]) -> None:
    unknown = given.keys() - KNOWN[what]
    if unknown:
        raise Slip(f"unknown keys of a {what}: {sorted(unknown)}")


def plain(value: Any) -> Any:
    """A value of a case, with the special ones made."""
    if isinstance(value, list):
        return [plain(element) for element in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        [(key, argument)] = value.items()
        if key == "$float":
            return {"nan": float("nan"), "inf": float("inf"), "-inf": float("-inf"), "-0": -0.0}[argument]
        if key == "$int":
            return int(argument)
        if key == "$repeat":
            return argument[0] * argument[1]
        if key == "$bytes":
            return bytes.fromhex(plain(argument))
        if key == "$surrogate":
            return "\ud800"
    return {key: plain(element) for key, element in value.items()}


def difference(expected: Any, found: Any, place: str = "result", whole: bool = False) -> Optional[str]:
    """Where `found` is not what was expected."""
    if isinstance(expected, dict):
        if not isinstance(found, dict):
            return f"{place}: expected {expected!r}, found {found!r}"
        if whole and expected.keys() != found.keys():
            return f"{place}: expected the keys {sorted(expected)}, found {sorted(found)}"
        for key, value in expected.items():
            if key not in found:
                if value is None and not whole:
                    continue
                return f"{place}: {key!r} is missing"
            what = difference(value, found[key], f"{place}[{key!r}]", whole or key in WHOLE)
            if what:
                return what
        return None
    if isinstance(expected, list):
        if not isinstance(found, (list, tuple)) or len(expected) != len(found):
            return f"{place}: expected {expected!r}, found {found!r}"
        parts = (difference(*pair, f"{place}[{at}]", whole) for at, pair in enumerate(zip(expected, found)))
        return next(filter(None, parts), None)
    is_same_kind = isinstance(expected, bool) == isinstance(found, bool)
    return None if is_same_kind and expected == found else f"{place}: expected {expected!r}, found {found!r}"


def analyzer(description: dict[str, Any]) -> Analyzer:
    """The analyzer of `{"preset": name}` or `{"steps": […]}`."""
    if description.keys() == {"preset"}:
        return Analyzer.preset(description["preset"])
    if description.keys() != {"steps"}:
        raise Slip(f"an analyzer has a preset or steps, not {sorted(description)}")
    built = Analyzer()
    for step in description["steps"]:
        name, *arguments = [step] if isinstance(step, str) else step
        built = getattr(built, name)(*arguments)
    return built


class World:
    """The directory of a case and what it has open."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.handles: dict[str, Any] = {"vectlite": vectlite}

    def arguments(self, given: dict[str, Any]) -> dict[str, Any]:
        arguments = {}
        for name, value in plain(given).items():
            if name in PATHS and isinstance(value, str):
                value = self.directory / value
            elif name == "analyzer" and isinstance(value, dict):
                value = analyzer(value)
            elif name == "sync" and isinstance(value, list):
                value = tuple(value)
            arguments[name] = value
        return arguments

    def call(self, step: dict[str, Any]) -> Any:
        known("call", step)
        on, name, arguments = step.get("on", "db"), step["call"], step.get("with", {})
        if on not in self.handles:
            raise Slip(f"nothing is called {on!r}")
        if (on, name) == ("vectlite", "analyzer"):
            return analyzer(plain(arguments))
        method = getattr(self.handles[on], name)
        unknown = arguments.keys() - inspect.signature(method).parameters.keys()
        if unknown:
            raise Slip(f"{name} has no {sorted(unknown)}")
        found = method(**self.arguments(arguments))
        return Path(found).relative_to(self.directory).as_posix() if name == "backup" else found

    def do(self, step: dict[str, Any]) -> None:
        path = self.directory / step["path"]
        rest = step.keys() - {"do", "path"}
        if step["do"] == "write_file" and rest == {"text"}:
            path.write_text(step["text"])
        elif step["do"] == "make_directory" and not rest:
            path.mkdir()
        elif step["do"] == "flip_byte" and rest == {"offset"}:
            content = bytearray(path.read_bytes())
            content[step["offset"]] ^= 0xFF
            path.write_bytes(content)
        elif step["do"] == "truncate" and rest == {"length"}:
            path.write_bytes(path.read_bytes()[: step["length"]])
        elif step["do"] == "copy_golden" and rest == {"from"}:
            shutil.copyfile(TESTS / "golden" / step["from"], path)
        else:
            raise Slip(f"no such file work: {step}")

    def step(self, step: dict[str, Any]) -> None:
        if "do" in step:
            return self.do(step)
        fails = step.get("fails")
        try:
            if "get" in step:
                known("get", step)
                found = getattr(self.handles[step.get("on", "db")], step["get"])
            else:
                found = self.call(step)
        except (vectlite.VectLiteError, TypeError) as error:
            judge(error, fails)
            return None
        assert fails is None, f"expected {fails}, found {found!r}"
        if "gives" in step:
            what = difference(plain(step["gives"]), found)
            assert what is None, what
        if "as" in step:
            self.handles[step["as"]] = found
        return None

    def close(self) -> None:
        for handle in self.handles.values():
            if hasattr(handle, "close"):
                handle.close()


def judge(error: Exception, fails: Optional[dict[str, Any]]) -> None:
    """Whether that is the error that was expected."""
    if fails is None:
        raise error
    known("fails", fails)
    code = getattr(error, "code", "type")
    assert code == fails["code"], f"expected the code {fails['code']!r}, found {code!r}: {error}"
    for part in fails.get("says", []):
        assert part in str(error), f"expected {part!r} in the message, found {str(error)!r}"
    if "committed" in fails:
        assert getattr(error, "committed", None) == fails["committed"]


def run(case: dict[str, Any], directory: Path) -> None:
    """Runs a case in an empty directory; the first step that differs fails it."""
    known("case", case)
    world = World(directory)
    try:
        if case["open"] is not None:
            world.handles["db"] = vectlite.open(directory / "db.vdb", **world.arguments(case["open"]))
        for number, step in enumerate(case["steps"], 1):
            try:
                world.step(step)
            except Exception as error:
                raise AssertionError(f"step {number} {json.dumps(step)[:200]}: {error}") from error
    finally:
        world.close()


def cases() -> list[tuple[str, dict[str, Any]]]:
    """All cases, each with its topic and name; none where they are not beside the package."""
    found = []
    for file in sorted(CASES.glob("*.json")):
        topic = json.loads(file.read_text(encoding="utf-8"))
        found += [(f"{topic['topic']}: {case['name']}", case) for case in topic["cases"]]
    return found
