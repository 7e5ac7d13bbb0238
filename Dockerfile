# syntax=docker/dockerfile:1

# Front-end libraries: the files that package-lock.json names by hash, and no script of theirs.
FROM node:24-slim AS front-end
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --omit=dev --no-audit --no-fund


FROM python:3.12-slim-bookworm AS build
ENV PYTHONUTF8=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /app
RUN python -m venv /venv
COPY requirements.txt requirements-reports.txt requirements-models.txt ./
RUN /venv/bin/pip install --require-hashes -r requirements.txt -r requirements-reports.txt -r requirements-models.txt
COPY --from=front-end /app/node_modules node_modules
COPY . .
# The key is for these two commands only: neither keeps anything of it. The icons are in the sprite by then.
RUN export SECRET_KEY=while-building DATA_DIR=/tmp/data STATIC_ROOT=/static \
    && /venv/bin/python manage.py messages --compile \
    && /venv/bin/python manage.py collectstatic --no-input \
    && /venv/bin/python -m compileall -q crm customers sales service marketing analytics \
    && rm -rf node_modules/@tabler/icons


FROM python:3.12-slim-bookworm
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz0b libharfbuzz-subset0 libfontconfig1 fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --system --gid 10001 guanxi \
    && useradd --system --uid 10001 --gid guanxi --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin guanxi \
    && install -d -o guanxi -g guanxi -m 0750 /data
COPY --from=build /venv /venv
COPY --from=build /static /static
COPY --from=build /app /app
WORKDIR /app
ENV PATH=/venv/bin:$PATH \
    PYTHONUTF8=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DATA_DIR=/data \
    STATIC_ROOT=/static \
    GRANIAN_HOST=0.0.0.0 \
    GRANIAN_PORT=8000 \
    GRANIAN_WORKERS=2 \
    GRANIAN_BLOCKING_THREADS=4
USER guanxi
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://localhost:8000/healthz', timeout=4)"]
CMD ["granian", "--interface", "wsgi", "--http", "1", "--no-ws", \
     "--respawn-failed-workers", "--workers-kill-timeout", "25", "crm.wsgi:application"]
