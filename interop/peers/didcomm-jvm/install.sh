#!/bin/sh
# Builds our driver with org.didcommx:didcomm from Maven Central into interop/.work/didcomm-jvm.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work="$here/../../.work/didcomm-jvm"
mkdir -p "$work"
nice -n 19 mvn --quiet --batch-mode -f "$here/pom.xml" compile dependency:copy-dependencies -DoutputDirectory="$work/lib"
rm -rf "$work/classes"
mv "$work/target/classes" "$work/classes"
