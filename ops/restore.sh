#!/bin/sh
# A backup into an empty database, DATABASE_URL, and its drawings into VAR_DIR. What is there already stays as it is.
# Stop web, worker, beat and the hourly backup first. Afterwards: manage.py migrate, then manage.py after_restore, and
# only then start them.
set -eu
umask 027
[ $# -eq 1 ] || { echo "usage: $0 BACKUP" >&2; exit 2; }

(cd "$1" && sha256sum --check --quiet SHA256SUMS)
tables=$(psql "$DATABASE_URL" -XAtqc "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
[ "$tables" -eq 0 ] || { echo "The database is not empty: it has $tables tables. Give an empty one." >&2; exit 1; }
if [ -f "$1/media.tar.gz" ]; then
  # Before the database is filled: what stops half way cannot simply be done again.
  { mkdir -p "$VAR_DIR" && [ -w "$VAR_DIR" ]; } || { echo "VAR_DIR cannot be written: $VAR_DIR" >&2; exit 1; }
fi

pg_restore --dbname="$DATABASE_URL" --single-transaction --exit-on-error --no-owner --no-privileges "$1/database.dump"
# Only our tables: PostgreSQL's own are not ours to analyze, and it would complain about each.
psql "$DATABASE_URL" -Xq --set=ON_ERROR_STOP=1 << 'END'
SELECT format('ANALYZE %I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = 'public' \gexec
END
if [ -f "$1/media.tar.gz" ]; then
  tar --extract --gzip --file="$1/media.tar.gz" --directory="$VAR_DIR" --skip-old-files --numeric-owner
fi
echo "Restored. Now: manage.py migrate, then manage.py after_restore; then start the services."
