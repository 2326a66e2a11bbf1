FROM node:22-bookworm-slim AS console
WORKDIR /src/console
COPY console/package.json console/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY console/ ./
RUN npm run build

FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
COPY --from=console /src/console/dist console/dist
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --locked --release --bin switchboard \
    && install -D target/release/switchboard /out/switchboard

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home switchboard \
    && install -d -o switchboard /var/lib/switchboard/files
COPY --from=build /out/switchboard /usr/local/bin/switchboard
USER switchboard
ENV SWITCHBOARD_HTTP__HOST=0.0.0.0 SWITCHBOARD_FILES__FOLDER=/var/lib/switchboard/files
VOLUME /var/lib/switchboard/files
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD curl --fail --silent --output /dev/null http://127.0.0.1:8080/healthz
ENTRYPOINT ["switchboard"]
CMD ["all"]
