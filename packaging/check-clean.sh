#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Answers: do the two commands of the README work on a machine that has nothing?
#
# usage: packaging/check-clean.sh [--keep] [--only root|newcomer] [FOLDER]
#
# Makes a minimal Debian 12 in FOLDER (a temporary one by default) with debootstrap, puts a clone of
# the last commit in, and runs the two commands there: as root, and in a second clone as an ordinary
# user with sudo; each twice.  Needs root, debootstrap and some gigabytes.  Packages come from where
# this machine gets its own: its apt sources, settings and public keys are copied.  --keep leaves
# the folder; --only tries one of the two users.
#
# Not part of CI: it takes as long as three builds.
set -eu

cd "$(dirname "$0")/.."
release=bookworm
keep=no
only=both
folder=""
while [ $# -gt 0 ]; do
  case $1 in
    --keep) keep=yes ;;
    --only) shift && only=${1:-} ;;
    -*) sed -n '/^# usage/,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0" >&2; exit 2 ;;
    *) folder=$1 ;;
  esac
  shift
done
case $only in
  both | root | newcomer) ;;
  *) echo "check-clean.sh --only takes root or newcomer" >&2; exit 2 ;;
esac
[ "$(id -u)" = 0 ] || { echo "check-clean.sh needs root" >&2; exit 1; }
command -v debootstrap >/dev/null || { echo "check-clean.sh needs debootstrap" >&2; exit 1; }
[ -n "$folder" ] || folder=$(mktemp -d)

# Where this machine's own packages come from.
# shellcheck disable=SC2016  # apt's own variable
mirror=$(apt-get indextargets --format '$(REPO_URI)' "Codename: $release" 2>/dev/null | head -n 1)
[ -n "$mirror" ] || { echo "no apt source for $release is configured here" >&2; exit 1; }

clean_up() {
  umount -l "$folder/proc" "$folder/dev" 2>/dev/null || true
  if [ $keep = no ]; then
    rm -rf --one-file-system "$folder"
  else
    echo "The folder stays: $folder"
  fi
}

inside() {
  chroot "$folder" env -i HOME="$home" USER="$user" LOGNAME="$user" TERM=dumb \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    MORTISE_PORT="${MORTISE_PORT:-5433}" ${http_proxy:+http_proxy="$http_proxy"} \
    ${https_proxy:+https_proxy="$https_proxy"} "$@"
}

# One command of the README, as `user` in its clone.
try() {
  echo "== $user: $*"
  if [ "$user" = root ]; then
    inside sh -c "cd /root/mortise && $*"
  else
    inside su "$user" -c "cd /home/$user/mortise && $*"
  fi
}

two_commands() {
  for round in first second; do
    echo "== the $round time"
    try sh packaging/run.sh --demo
    try "psql -h 127.0.0.1 -p ${MORTISE_PORT:-5433} -c '\\dt' -c '\\d region'"
    try "psql -h 127.0.0.1 -p ${MORTISE_PORT:-5433} -f bench/tpch/queries/q01.sql"
  done
  try sh packaging/run.sh --stop
  try sh packaging/test.sh
  try sh packaging/test.sh
}

trap clean_up EXIT
debootstrap --variant=minbase --include=ca-certificates,sudo,git "$release" "$folder" "$mirror"
rm -f "$folder/etc/apt/sources.list"
for part in sources.list sources.list.d apt.conf.d keyrings trusted.gpg.d; do
  [ ! -e "/etc/apt/$part" ] || cp -a "/etc/apt/$part" "$folder/etc/apt/"
done
cp -aL /etc/resolv.conf /etc/hosts "$folder/etc/"
[ ! -d /usr/local/share/ca-certificates ] ||
  cp -a /usr/local/share/ca-certificates/. "$folder/usr/local/share/ca-certificates/"
chroot "$folder" update-ca-certificates >/dev/null
mount --bind /dev "$folder/dev"
mount -t proc proc "$folder/proc"
# Services of packages stay off in here.
printf '#!/bin/sh\nexit 101\n' >"$folder/usr/sbin/policy-rc.d"
chmod +x "$folder/usr/sbin/policy-rc.d"

as_root() {
  user=root home=/root
  git clone -q --no-local . "$folder/root/mortise"
  two_commands
}

as_newcomer() {
  user=newcomer home=/home/newcomer
  chroot "$folder" useradd -m -s /bin/sh "$user"
  echo "$user ALL=(ALL) NOPASSWD: ALL" >"$folder/etc/sudoers.d/$user"
  git clone -q --no-local . "$folder/home/$user/mortise"
  chroot "$folder" chown -R "$user:$user" "/home/$user/mortise"
  two_commands
}

[ $only = newcomer ] || as_root
[ $only = root ] || as_newcomer
echo "The two commands work on a clean $release."
