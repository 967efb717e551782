#!/bin/sh
# Says in plain words what this machine lacks, before anything fails in a confusing way.
#
#   check_machine.sh           check everything that building a host needs
#   check_machine.sh --venv    that, and what making a virtual environment needs
#   check_machine.sh --python  print the Python to use, check nothing else
#
# The Python: HOLDFAST_PYTHON, else python3, else the newest python3.X on PATH.
set -u

recent_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1
}

find_python() {
    if [ -n "${HOLDFAST_PYTHON:-}" ]; then
        recent_enough "$HOLDFAST_PYTHON" && echo "$HOLDFAST_PYTHON"
        return
    fi
    for name in python3 python3.15 python3.14 python3.13 python3.12 python3.11 python3.10; do
        if recent_enough "$name"; then
            command -v "$name"
            return
        fi
    done
}

# The packages that hold something, by the name of the machine's package manager.
packages() {
    case "$1" in
        python) echo python3 ;;
        venv) if command -v apt-get >/dev/null; then echo python3-venv; fi ;;
        compiler) if command -v dnf >/dev/null; then echo gcc-c++; else echo g++; fi ;;
        headers)
            if command -v dnf >/dev/null; then echo python3-devel; else echo python3-dev; fi ;;
    esac
}

installer() {
    for manager in apt-get dnf apk; do
        if command -v "$manager" >/dev/null; then
            case "$manager" in
                apt-get) echo "apt install" ;;
                dnf) echo "dnf install" ;;
                apk) echo "apk add" ;;
            esac
            return
        fi
    done
    echo "install"
}

missing() {  # $1: sentence, $2: key for packages()
    echo "  - $1" >&2
    wanted="$wanted $(packages "$2")"
    count=$((count + 1))
}

python=$(find_python)
if [ "${1:-}" = "--python" ]; then
    echo "$python"
    exit 0
fi

here=$(cd "$(dirname "$0")/.." && pwd)
wanted=""
count=0
if [ -z "$python" ] && [ -n "${HOLDFAST_PYTHON:-}" ]; then
    echo "HOLDFAST_PYTHON names no Python 3.10 or later: '$HOLDFAST_PYTHON'" >&2
    echo "  do: name one that exists, or leave it out to use python3" >&2
    exit 1
elif [ -z "$python" ]; then
    missing "no Python 3.10 or later (python3, python3.X on PATH)" python
    missing "so its headers and library could not be looked for" headers
else
    if [ "${1:-}" = "--venv" ] && ! "$python" -c 'import venv, ensurepip' >/dev/null 2>&1; then
        missing "$python cannot make virtual environments (no venv or ensurepip)" venv
    fi
    if ! said=$(PYTHONPATH="$here/src" "$python" -m pyholdfast config --cflags --ldflags 2>&1); then
        missing "$(printf '%s\n' "$said" | head -n 1)" headers
        remedy=$(printf '%s\n' "$said" | sed -n 's/^  do: //p')
    fi
fi
# What the variable CXX names, else one of the usual names, else the ziglang package.
for word in ${CXX:-c++ g++ clang++}; do
    if command -v "$word" >/dev/null; then compiler=$word; break; fi
done
if [ -z "${compiler:-}" ]; then
    if [ -z "$python" ] || ! "$python" -c 'import ziglang' >/dev/null 2>&1; then
        missing "no C++ compiler (CXX='${CXX:-}', c++, g++, clang++)" compiler
    fi
fi

if [ "$count" -gt 0 ]; then
    echo "holdfast cannot be built here yet. Above: what is missing. To install it:" >&2
    echo "    $(installer)$wanted" >&2
    if [ -n "${remedy:-}" ]; then
        echo "  or, for that Python: $remedy" >&2
    fi
    echo "  another Python can be named: make ... HOLDFAST_PYTHON=/path/of/python3" >&2
    exit 1
fi
