#!/bin/sh
# `npm test`: sets up what the tests need, then runs them. `npm test -- pure|lab|all` chooses the layers (all).
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
. "$root/deploy/lib.sh"

layers=${1:-all}
case $layers in
  all | pure | lab) ;;
  *)
    say "usage: npm test -- [all|pure|lab]"
    exit 2
    ;;
esac
if am_root && [ "$layers" != pure ]; then
  # shellcheck disable=SC2086 # lists of package names
  install_packages 'what the lab tests run' $host_packages $lab_packages
fi
sh "$root/deploy/setup.sh"
exec "$root/node_modules/.bin/node" "$root/deploy/src/run-tests.ts" "$layers"
