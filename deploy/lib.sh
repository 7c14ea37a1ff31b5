# Shared by quickstart, tso and the tests' set-up: one line per step, and a clear end when a step fails.
# Sourced, never run. Expects $root, the folder of the clone. POSIX sh.

# Standard error: the standard output of ./tso belongs to the command it runs.
say() { printf '%s\n' "$*" >&2; }

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

am_root() { [ "$(id -u)" = 0 ]; }
have() { command -v "$1" >/dev/null 2>&1; }

# step TEXT ADVICE COMMAND...: says what it does; when it fails shows the end of its output and what to do, and ends.
step() {
  step_text=$1
  step_advice=$2
  shift 2
  say "==> $step_text"
  step_log=$(mktemp "${TMPDIR:-/tmp}/tso-step.XXXXXX")
  # Not as a condition: inside one, sh would ignore `set -e` in the command as well.
  set +e
  ( set -e; "$@" ) >"$step_log" 2>&1 </dev/null
  step_code=$?
  set -e
  if [ "$step_code" -ne 0 ]; then
    say "error: failed (exit code $step_code): $step_text"
    say "       the last lines it printed:"
    tail -n 20 "$step_log" | cut -c 1-400 | sed 's/^/       | /' >&2
    say "       what to do: $step_advice"
    say "       its whole output: $step_log"
    exit 1
  fi
  rm -f "$step_log"
}

is_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

missing_packages() {
  missing=
  for package; do
    is_installed "$package" || missing="$missing $package"
  done
  printf '%s' "${missing# }"
}

has_package_lists() { [ -n "$(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' -print -quit 2>/dev/null)" ]; }

apt_install() {
  export DEBIAN_FRONTEND=noninteractive
  # An earlier run that was cut off (a reboot, Ctrl-C) leaves dpkg half-way, and apt refuses everything until that is finished.
  dpkg --configure -a
  has_package_lists || apt-get -q update
  # Lists that are too old name files that the mirror no longer has: fresh ones, then once more.
  apt-get -q install -y --no-install-recommends "$@" || {
    apt-get -q update
    apt-get -q install -y --no-install-recommends "$@"
  }
}

# install_packages WHAT_FOR PACKAGE...: only those that are missing; nothing to do without root but say so.
install_packages() {
  purpose=$1
  shift
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  have apt-get || die "$purpose: these Debian packages are missing: $missing. Install what provides them, then run this again."
  am_root || die "$purpose: these Debian packages are missing: $missing. Type: sudo apt-get install --no-install-recommends $missing"
  # shellcheck disable=SC2086 # a list of package names
  step "install $purpose from Debian: $missing" 'check that apt-get update works on this machine, then run this again' apt_install $missing
}

# What running containers needs of the host.
host_packages='conmon crun runc golang-github-containers-common iproute2 nftables mount procps tini util-linux wireguard-tools zstd'
# What only hosts need that build images of a compose file: users install it by themselves, tso doctor says so.
build_packages='buildah'
# What the lab tests and the image builder need beside them.
lab_packages="$build_packages apache2-utils busybox-static curl docker-registry faketime iptables python3 redis-server skopeo tcpdump umoci"
# What makes and boots the guest of the vm tests.
vm_packages='debian-archive-keyring e2fsprogs mmdebstrap qemu-system-x86'

modules_are_current() {
  [ -x "$root/node_modules/.bin/node" ] && [ -f "$root/node_modules/.package-lock.json" ] || return 1
  # By content, as git gives files new times; or installed by hand since, with `npm ci` or `npm install`.
  cmp -s "$root/package-lock.json" "$root/node_modules/.installed-lock.json" ||
    [ "$root/node_modules/.package-lock.json" -nt "$root/package-lock.json" ]
}

npm_ci() {
  cd "$root"
  # Install scripts are not run: of the two dependencies that have one we need, esbuild works without, and Debian's npm ends
  # ("Exit handler never called!") over that of `node`, which fetches the Node.js program. So that one is run by hand.
  # What npm says first names a failure; what follows is its manual.
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >npm-ci.log 2>&1 || {
    head -n 15 npm-ci.log
    rm -f npm-ci.log
    return 1
  }
  rm -f npm-ci.log
  (cd node_modules/node && node installArchSpecificPackage)
  # npm links only what was there when it installed.
  ln -sf ../node/bin/node node_modules/.bin/node
  node_modules/.bin/node --version
}

install_modules() {
  if ! modules_are_current; then
    have npm || install_packages 'npm' npm
    step 'install Node.js 24 and the dependencies (npm ci)' 'check that npm reaches its registry, then run this again' npm_ci
  fi
  # Remembers by content, as git gives files new times; unwritable for whoever does not own the clone, who then has it compared by time.
  cp -p "$root/package-lock.json" "$root/node_modules/.installed-lock.json" 2>/dev/null || true
}

# The folders whose change makes the programs stale. Folders count too: their time changes when a file goes away.
sources="proto/src compose/src manager/src node-agent/src cli/src cli/build.ts deploy/build.ts package-lock.json"

programs_are_current() {
  [ -f "$root/cli/dist/.built" ] || return 1
  ( cd "$root" && [ -z "$(find $sources -newer cli/dist/.built -print -quit)" ] )
}

build_programs() {
  cd "$root"
  mkdir -p cli/dist
  # Before the build reads them: what is edited meanwhile is built again next time.
  : >cli/dist/.building
  node_modules/.bin/node cli/build.ts
  node_modules/.bin/node deploy/build.ts
  mv -f cli/dist/.building cli/dist/.built
}

build_if_stale() {
  programs_are_current && return 0
  step 'build tso, tsod and tso-manager' 'correct what the compiler names, then run this again' build_programs
}
