#!/bin/bash
# First process of an isolated host, in its own network, mount, pid, uts and ipc namespaces. One SIGKILL to it ends
# everything on the host at once, and the mount namespace takes all mounts along.
#   host-init.sh NAME RUN_DIR DATA_DIR ENGINE(yes|no) CGROUP
# RUN_DIR is this host's folder as the outside sees it (it appears as /run/host inside); DATA_DIR is its disk.
set -eu
name=$1 run=$2 data=$3 engine=$4 cgroup=$5

mount -n --make-rprivate /
mount -n -t proc proc /proc
hostname "$name"

# A sysfs of this network namespace that keeps the cgroup mounts of the machine.
mkdir -p "$run/cgroup"
mount -n --rbind /sys/fs/cgroup "$run/cgroup"
mount -n -t sysfs sysfs /sys
mount -n --rbind "$run/cgroup" /sys/fs/cgroup
umount -n -l "$run/cgroup"

mount -n --bind "$data/hosts" /etc/hosts
[ ! -e /etc/resolv.conf ] || mount -n --bind "$data/resolv.conf" /etc/resolv.conf
[ ! -d /etc/docker ] || mount -n --bind "$data/etc-docker" /etc/docker

# An empty /run, as after a boot: stale pid files would look alive, since pids are small and come again.
mkdir -p "$run/root"
mount -n -t tmpfs tmpfs "$run/root"
mkdir -p "$run/root/host"
mount -n --bind "$run" "$run/root/host"
mount -n --move "$run/root" /run

if [ "$engine" = yes ]; then
  dockerd --host unix:///run/host/docker.sock --data-root "$data/docker" --exec-root /run/docker --pidfile /run/docker.pid \
    --cgroup-parent "$cgroup/pods" --log-level warn >>/run/host/dockerd.log 2>&1 &
fi
touch /run/host/booted

# Reaps whatever was orphaned on this host; the host outlives its engine.
trap 'exit 0' TERM
while :; do
  sleep infinity &
  wait -n || true
done
