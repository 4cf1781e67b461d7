#!/bin/sh
# One backup, a new folder in DIRECTORY: the database, and the drawn receipts if they lie in VAR_DIR. Nobody waits for it.
# DATABASE_URL and VAR_DIR are those of the services. SECRET_KEY and FIELD_ENCRYPTION_KEYS are not in it: keep them
# elsewhere, or who finds a backup finds the access tokens too.
set -eu
umask 077
[ $# -eq 1 ] || { echo "usage: $0 DIRECTORY" >&2; exit 2; }

# During a restore, or after one that failed, there is nothing to keep: `latest` stays with what there was.
tables=$(psql "$DATABASE_URL" -XAtqc "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
[ "$tables" -gt 0 ] || { echo "The database has no tables. No backup is made of it." >&2; exit 1; }

name=$(date -u +%Y-%m-%dT%H%M%SZ)
made="$1/.$name"
mkdir -p "$made"
trap 'rm -rf "$made"' EXIT

# Rows first, files after: every file that a row names was there before the row.
pg_dump --dbname="$DATABASE_URL" --format=custom --no-owner --no-privileges --file="$made/database.dump"
pg_restore --list "$made/database.dump" > /dev/null
if [ -d "$VAR_DIR/media" ]; then
  # 1: a file changed or went while it was read. It is a drawing, and can be drawn again.
  tar --create --gzip --file="$made/media.tar.gz" --directory="$VAR_DIR" media || [ $? -eq 1 ]
fi
(cd "$made" && sha256sum -- *.* > SHA256SUMS)
mv "$made" "$1/$name"  # whole, or not there
ln -sfn "$name" "$1/latest"
echo "$1/$name"
