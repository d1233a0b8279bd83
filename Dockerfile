# The image that emitted pods run: mlc and what it loads to speak to servers.
#   make dist && docker build --build-arg VERSION=0.1.0 build/dist
FROM debian:12.11-slim
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
RUN apt-get update \
  && apt-get install -y --no-install-recommends bash ca-certificates libcurl4 \
  && rm -rf /var/lib/apt/lists/*
ARG VERSION=0.1.0
ADD mlc-${VERSION}-linux-x86_64.tar.gz /tmp/mlc/
RUN install -m 0755 /tmp/mlc/*/bin/mlc /usr/local/bin/mlc && rm -r /tmp/mlc
USER 10001:10001
ENTRYPOINT ["/usr/local/bin/mlc"]
