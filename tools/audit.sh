#!/usr/bin/env bash
# Asks for known vulnerabilities in what the locks name; `make audit` calls it. Needs the network: the Python
# Packaging Advisory Database by way of PyPI, and npm's. pip-audit comes from a lock of its own.
set -uo pipefail
cd -P "$(dirname "$0")/.."

venv=build/audit
python3 -m venv --clear "$venv" &&
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
        --requirement requirements/audit.txt || exit 2

found=0
# A lock is complete and has hashes: nothing is resolved or installed to judge it.
for lock in requirements/*.txt; do
    printf '%s\n' "$lock"
    "$venv/bin/pip-audit" --strict --progress-spinner off --require-hashes --disable-pip \
        --requirement "$lock" || found=1
done
for lock in tools/*/package-lock.json requirements/agents/*/package-lock.json; do
    printf '%s\n' "$lock"
    npm audit --package-lock-only --prefix "$(dirname "$lock")" || found=1
done
exit "$found"
