# The image of Berth: server, agent and command line in one. Any base with Node 24 and a Debian user land will do;
# BASE_IMAGE names another one on machines that reach no registry.
ARG BASE_IMAGE=node:24-bookworm-slim
FROM ${BASE_IMAGE}
RUN command -v nft >/dev/null && command -v ip >/dev/null && command -v conntrack >/dev/null && command -v iptables >/dev/null && command -v nsenter >/dev/null \
  || (apt-get update && apt-get install -y --no-install-recommends nftables iproute2 conntrack iptables util-linux && rm -rf /var/lib/apt/lists/*)
WORKDIR /opt/berth
COPY package.json package-lock.json ./
COPY packages packages
RUN npm ci --omit=dev --omit=optional --no-audit --no-fund
COPY berth LICENSE ./
RUN ln -s /opt/berth/berth /usr/local/bin/berth
ENTRYPOINT ["/usr/local/bin/berth"]
