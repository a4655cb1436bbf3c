#!/bin/sh
# Builds our driver with the crate didcomm from crates.io into interop/.work/didcomm-rust.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
CARGO_TARGET_DIR="$here/../../.work/didcomm-rust" nice -n 19 cargo build --quiet --release --locked -j1 --manifest-path "$here/Cargo.toml"
