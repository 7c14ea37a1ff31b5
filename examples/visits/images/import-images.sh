#!/bin/sh
# Hands the two root filesystems to this host's engine as the images visits-web and visits-redis.
# TSO names the program: `./tso` of the clone unless told otherwise; more arguments go to it.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
work=${TSO_EXAMPLE_WORK_DIR:-$here/work}
tso=${TSO:-$here/../../../tso}

# One mark per engine: another data directory has images of its own.
mark=$work/imported-$(printf %s "${TSO_DATA_DIR:-/var/lib/tso}" | cksum | cut -d ' ' -f 1)

# Importing the same again would leave the former copies behind without a name.
is_imported() {
  [ "$mark" -nt "$work/visits-web.tar" ] && [ "$mark" -nt "$work/visits-redis.tar" ] || return 1
  names=$("$tso" images) || return 1
  case $names in *visits-web*) ;; *) return 1 ;; esac
  case $names in *visits-redis*) ;; *) return 1 ;; esac
}

if is_imported; then exit 0; fi
"$tso" image import "$work/visits-web.tar" visits-web "$@" \
  --change 'CMD ["node", "/app/server.mjs"]' --change 'USER node' --change 'WORKDIR /app' --change 'EXPOSE 8080'
"$tso" image import "$work/visits-redis.tar" visits-redis "$@" \
  --change 'CMD ["redis-server", "--bind", "*", "--protected-mode", "no", "--dir", "/data", "--appendonly", "yes"]' \
  --change 'USER redis' --change 'WORKDIR /data' --change 'VOLUME /data' --change 'EXPOSE 6379'
touch "$mark"
