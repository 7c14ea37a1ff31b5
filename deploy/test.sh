#!/bin/sh
# `npm test`: sets up what the tests need, then runs them. `npm test -- pure|consensus|lab|vm|all` chooses the layers (all).
# TSO_SKIP_VM=1 leaves the vm out of all.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
. "$root/deploy/lib.sh"

layers=${1:-all}
case $layers in
  all | pure | consensus | lab | vm) ;;
  *)
    say "usage: npm test -- [all|pure|consensus|lab|vm]"
    exit 2
    ;;
esac
if am_root && [ "$layers" != pure ] && [ "$layers" != consensus ]; then
  # shellcheck disable=SC2086 # lists of package names
  [ "$layers" = vm ] || install_packages 'what the lab tests run' $host_packages $lab_packages
  if [ "$layers" = vm ] || { [ "$layers" = all ] && [ "${TSO_SKIP_VM:-}" != 1 ]; }; then
    # shellcheck disable=SC2086
    [ "$(uname -m)" != x86_64 ] || install_packages 'what the vm tests run' $vm_packages
  fi
fi
sh "$root/deploy/setup.sh"
exec "$root/node_modules/.bin/node" "$root/deploy/src/run-tests.ts" "$layers"
