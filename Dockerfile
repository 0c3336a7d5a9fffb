# `make dist`, then: docker build -t griptrace . && docker run --rm -v /data:/data griptrace convert /data/session --arm panda
FROM debian:12-slim
RUN apt-get update && apt-get install -y --no-install-recommends python3 python3-venv && rm -rf /var/lib/apt/lists/*
COPY dist/griptrace-*.whl /tmp/
RUN python3 -m venv /opt/griptrace && /opt/griptrace/bin/pip install --no-cache-dir /tmp/griptrace-*.whl && rm /tmp/griptrace-*.whl
ENV PATH=/opt/griptrace/bin:$PATH
ENTRYPOINT ["griptrace"]
