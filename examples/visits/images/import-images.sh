#!/bin/sh
# Hands the two root filesystems to this host's engine as the images visits-web and visits-redis.
# TSO names the program: `./tso` of the clone unless told otherwise; more arguments go to it.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
work=${TSO_EXAMPLE_WORK_DIR:-$here/work}
tso=${TSO:-$here/../../../tso}

"$tso" image import "$work/visits-web.tar" visits-web "$@" \
  --change 'CMD ["node", "/app/server.mjs"]' --change 'USER node' --change 'WORKDIR /app' --change 'EXPOSE 8080'
"$tso" image import "$work/visits-redis.tar" visits-redis "$@" \
  --change 'CMD ["redis-server", "--bind", "*", "--protected-mode", "no", "--dir", "/data", "--appendonly", "yes"]' \
  --change 'USER redis' --change 'WORKDIR /data' --change 'VOLUME /data' --change 'EXPOSE 6379'
