#!/usr/bin/env bash
# Builds .venv from the locks in requirements/, or brings it up to date; `make setup` calls it.
# PYTHON names the interpreter; without it the first Python >= 3.11 on PATH is taken.
set -euo pipefail
cd -P "$(dirname "$0")/.."

fail() {
    printf 'make setup: %s\n' "$@" >&2
    exit 2
}

recent_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    local candidate
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        if recent_enough "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    fail "needs Python 3.11 or newer, and found none as '${PYTHON:-python3, python3.13, python3.12 or python3.11}'." \
        "Install one, or name it: make setup PYTHON=/path/to/python3.12"
}

# A venv whose interpreter is gone or too old, or that was moved here, is made anew.
usable_venv() {
    recent_enough .venv/bin/python && [[ "$(cat .venv/.root 2>/dev/null)" == "$PWD" ]]
}

make_venv() {
    local python
    python="$(find_python)"
    "$python" -m venv --clear .venv ||
        fail "'$python -m venv' failed." "On Debian and Ubuntu it needs the package python3-venv."
    printf '%s\n' "$PWD" > .venv/.root
}

with_uv() {
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
        --requirement requirements/bootstrap.txt &&
        .venv/bin/uv pip sync --quiet --python .venv/bin/python --require-hashes --compile-bytecode \
            requirements/dev.txt
}

# The lock is complete; resolving it again, pip would stumble over extras that it holds without a pin.
with_pip() {
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
        --requirement requirements/dev.txt
}

command -v git > /dev/null || fail "needs git, which is not on PATH." "Install it with your system's packages."
usable_venv || make_venv
if ! with_uv; then
    printf 'make setup: uv did not manage; pip takes over (slower, the same versions)\n' >&2
    with_pip || fail "the packages of requirements/dev.txt could not be installed; pip says why above."
fi
# hatchling and editables come from the lock, so nothing is fetched to build with.
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation \
    --editable .
