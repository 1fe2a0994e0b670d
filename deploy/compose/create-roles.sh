#!/bin/sh
# Creates the database with its two roles (docs/operations/database.md); PostgreSQL's image runs it in a new volume.
set -eu
psql --quiet --no-psqlrc --set=ON_ERROR_STOP=1 --username=postgres \
  --set=owner_password="$(cat /run/secrets/owner-password)" --set=app_password="$(cat /run/secrets/app-password)" <<'SQL'
CREATE ROLE fieldsync_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE fieldsync_app LOGIN PASSWORD :'app_password';
CREATE DATABASE fieldsync OWNER fieldsync_owner;
SQL
