#!/bin/sh
# Makes a clone ready to run: dependencies when they are missing or out of date, then the programs.
# Several at once wait for one another. Prints nothing when there is nothing to do.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
. "$root/deploy/lib.sh"

mkdir -p "$root/cli/dist" 2>/dev/null || die "cannot write to $root/cli/dist. Run it once as the owner of this folder, or: sudo $root/deploy/setup.sh"
exec 9>"$root/cli/dist/.lock"
have flock && flock 9
install_modules
build_if_stale
