#!/bin/sh
# Installs the SDK of Identus from npm into interop/.work/identus-sdk. No install scripts run: none is needed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work="$here/../../.work/identus-sdk"
mkdir -p "$work"
cp "$here/package.json" "$work/package.json"
nice -n 19 npm install --prefix "$work" --ignore-scripts --no-audit --no-fund --no-package-lock --loglevel=error
