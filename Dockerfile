# The image of Container Monkey: `docker build -t container-monkey .`
#
# Works with and without BuildKit. BASE is Debian 13 or what is made of it: its python3 and its
# compose plugin are taken as they are. Nothing is compiled, neither here nor when it runs.
ARG BASE=debian:13-slim

FROM ${BASE} AS python
RUN apt-get update \
 && apt-get install --yes --no-install-recommends python3 \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/cache/ldconfig /var/log/*

# The Python packages, as wheels alone.
FROM python AS packages
RUN apt-get update && apt-get install --yes --no-install-recommends python3-venv
COPY requirements.txt /
# Translations are for other languages than ours, and the packages' own tests for nobody here.
RUN python3 -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --no-compile --only-binary :all: -r /requirements.txt \
 && /venv/bin/pip uninstall --quiet --yes pip \
 && find /venv -name '*.[mp]o' -delete \
 && find /venv -type d -name test ! -path '*/django/*' -prune -exec rm -rf {} +

# The front-end files, and everything compiled to bytecode: where it runs, nothing is written.
FROM packages AS program
COPY requirements-node.txt /
RUN python3 -m venv /node \
 && /node/bin/pip install --no-cache-dir --only-binary :all: -r /requirements-node.txt
WORKDIR /app
COPY package.json package-lock.json ./
RUN PATH=/node/bin:$PATH NODE_USE_SYSTEM_CA=1 \
    npm ci --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error
COPY . .
# The keys of the data directory that reading the settings makes are nobody's; and what Python wrote
# beside the packages has the time of the building in it, so it is written anew.
RUN export CONTAINERMONKEY_DATA=/nobodys PYTHONDONTWRITEBYTECODE=1 PYTHONHASHSEED=0 \
 && /venv/bin/python manage.py build_assets \
 && /venv/bin/python manage.py collectstatic --noinput --verbosity 0 \
 && rm -rf /nobodys node_modules static/* package.json package-lock.json requirements* \
 && /venv/bin/python -m compileall -q -f --invalidation-mode unchecked-hash /app /venv/lib

FROM python
RUN apt-get update \
 && apt-get install --yes --no-install-recommends docker-compose tini \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/cache/ldconfig /var/log/* \
 && groupadd --gid 6660 monkey \
 && useradd --uid 6660 --gid monkey --home-dir /backups --no-create-home monkey \
 && install --directory --mode=700 --owner=monkey --group=monkey /backups
COPY --from=program /venv /venv
COPY --from=program /app /app
RUN ln -s /app/tools/image/entry.py /usr/local/bin/manage.py

ENV PORT=80 CONTAINERMONKEY_DATA=/backups
WORKDIR /backups
EXPOSE 80
ENTRYPOINT ["manage.py"]
CMD ["serve"]
# The database and the worker; what is the matter with the Engine, the pages say.
HEALTHCHECK --interval=15s --timeout=10s --start-period=60s CMD ["/app/tools/image/health.py"]

ARG REVISION=unknown
LABEL containermonkey.self="1" \
      org.opencontainers.image.title="Container Monkey" \
      org.opencontainers.image.description="Manages the containers of a Docker host, backs them up and brings them back" \
      org.opencontainers.image.version="1.0.0" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="MIT"
