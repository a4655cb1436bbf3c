#!/bin/sh
# Installs Authlib from PyPI into interop/.work/authlib.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work="$here/../../.work/authlib"
mkdir -p "$work"
[ -x "$work/venv/bin/python" ] || python3 -m venv "$work/venv"
nice -n 19 "$work/venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
