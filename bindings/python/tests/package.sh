#!/usr/bin/env bash
# The package as a user gets it: the wheel in an empty environment runs the quick start, and the source distribution
# holds what it is built from.
#
#   tests/package.sh <wheel> <maturin>
set -euo pipefail
wheel=$(realpath "$1")
maturin=$(realpath --no-symlinks "$2")
cd "$(dirname "${BASH_SOURCE[0]}")/.."

room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT

"${PYTHON:-python3}" -m venv "$room/venv"
"$room/venv/bin/python" -m pip install --disable-pip-version-check --quiet --no-index "$wheel"
(cd "$room" && venv/bin/python "$OLDPWD/tests/quick_start.py")

"$maturin" sdist --out "$room" >"$room/log" 2>&1 || { cat "$room/log" >&2; exit 1; }
tar -tf "$room"/vectlite-*.tar.gz >"$room/files"
for file in pyproject.toml README.md LICENSE Cargo.lock python/vectlite/py.typed python/vectlite/_core.pyi \
    bindings/python/src/lib.rs engine/src/lib.rs ann/src/lib.rs text/src/lib.rs; do
    grep -q "/$file\$" "$room/files" || { echo "the source distribution lacks $file" >&2; exit 1; }
done
echo "the source distribution is complete: $(wc -l <"$room/files") files"
