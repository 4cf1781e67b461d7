# syntax=docker/dockerfile:1
# One image for the web, the worker, beat and every command. It holds no secret and no state: settings come from the
# environment, what must last lies in the database and in /var/lib/qr-unattended. docs/deploy.md says how to use it.
ARG PYTHON=python:3.11-slim-bookworm

FROM ${PYTHON} AS packages
WORKDIR /opt/qr-unattended
RUN python -m venv .venv
COPY requirements.txt ./
# Wheels only: nothing is compiled, so that no compiler is needed and what was hashed is what runs.
RUN .venv/bin/pip install --no-cache-dir --disable-pip-version-check --only-binary :all: --require-hashes -r requirements.txt

FROM ${PYTHON}
ENV PATH=/opt/qr-unattended/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    VAR_DIR=/var/lib/qr-unattended \
    PORT=8000
RUN useradd --system --uid 10001 --user-group --home-dir /var/lib/qr-unattended --shell /usr/sbin/nologin qr-unattended \
 && install -d -m 750 -o qr-unattended -g qr-unattended /var/lib/qr-unattended
WORKDIR /opt/qr-unattended
COPY --from=packages /opt/qr-unattended/.venv .venv
COPY . .
# The user that runs it owns none of it, so it cannot write what Python would compile later.
RUN python -m compileall -q -x '/\.venv/' .
USER 10001:10001
VOLUME /var/lib/qr-unattended
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["python", "ops/probe.py", "web"]
CMD ["gunicorn", "config.wsgi:application", "--config", "python:config.gunicorn"]
