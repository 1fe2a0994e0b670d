#!/bin/sh
# Creates the secrets of compose.yaml in ./secrets, once: what exists is left as it is. Back them up: without the pepper
# every device that has a token needs a new one.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets

random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
create() {
  if [ ! -e "secrets/$1" ]; then printf '%s\n' "$2" >"secrets/$1"; fi
}

create postgres-password "$(random)"
create owner-password "$(random)"
create app-password "$(random)"
create pepper "$(random)"
create checkpoint-key "$(random)"
create migration-database-url "postgresql://fieldsync_owner:$(cat secrets/owner-password)@postgres:5432/fieldsync"
create database-url "postgresql://fieldsync_app:$(cat secrets/app-password)@postgres:5432/fieldsync"
# The folder is closed to other users of this machine; inside a container the mounted file is read by that user.
chmod 644 secrets/*
