#!/usr/bin/env bash
# The package as a user gets it: the wheel in an empty environment runs the quick start, and the source distribution
# holds what it is built from. With --all it is built from that, which takes as long as a release does, and the wheel
# must be one that users get: of every Python from 3.9 on, and small.
#
#   tests/package.sh [--all] <wheel> <maturin>
set -euo pipefail
all=false
if [[ $1 == --all ]]; then
    all=true
    shift
fi
wheel=$(realpath "$1")
maturin=$(realpath --no-symlinks "$2")
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# What an application that has everything else pays for the package, in bytes.
most=$((8 << 20))

room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT

# Output only matters when a step fails.
quietly() {
    "$@" >"$room/log" 2>&1 || { cat "$room/log" >&2; exit 1; }
}

# Runs the quick start with a package in an environment that has nothing else.
try() {
    quietly "${PYTHON:-python3}" -m venv "$room/$1"
    quietly "$room/$1/bin/python" -m pip install --disable-pip-version-check "${@:2}"
    (cd "$room" && "$1/bin/python" "$OLDPWD/tests/quick_start.py")
}

try venv --no-index "$wheel"
(cd "$room" && venv/bin/python - <<'PYTHON'
import subprocess, sys
code = "import time; t = time.perf_counter(); import vectlite; print((time.perf_counter() - t) * 1e3)"
times = sorted(float(subprocess.check_output([sys.executable, "-c", code])) for _ in range(11))
print(f"importing it takes {times[0]:.1f} ms at best, {times[5]:.1f} ms at the median")
PYTHON
)

"$maturin" sdist --out "$room" >"$room/log" 2>&1 || { cat "$room/log" >&2; exit 1; }
tar -tf "$room"/vectlite-*.tar.gz >"$room/files"
for file in pyproject.toml README.md LICENSE Cargo.lock python/vectlite/py.typed python/vectlite/_core.pyi \
    bindings/python/build.rs bindings/python/src/lib.rs engine/src/lib.rs ann/src/lib.rs text/src/lib.rs; do
    grep -q "/$file\$" "$room/files" || { echo "the source distribution lacks $file" >&2; exit 1; }
done
echo "the source distribution is complete: $(wc -l <"$room/files") files"

if $all; then
    [[ $(basename "$wheel") == *-cp39-abi3-* ]] || { echo "$wheel is not for every Python from 3.9 on" >&2; exit 1; }
    size=$(stat -c %s "$wheel")
    ((size <= most)) || { echo "the wheel has $size bytes, expected $most at most" >&2; exit 1; }
    echo "the wheel has $size bytes"
    # In one folder, so that the next one need not compile everything again.
    export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/../../target}/sdist
    try from-source "$room"/vectlite-*.tar.gz
    echo "it installs from the source distribution"
fi
