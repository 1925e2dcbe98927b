ARG RUST_VERSION=1.95

FROM docker.io/library/rust:${RUST_VERSION}-slim-bookworm AS build
WORKDIR /build
# Static against glibc, so that the binary runs without any other file. Cargo needs `--target` for
# that even when it is the host's own, and `host-tuple` keeps this file neutral of the architecture.
ENV RUSTFLAGS="-C target-feature=+crt-static"

# Dependencies first, in a layer that a change of the sources does not touch. Benchmarks, tests and
# examples are not in the build context, so the manifest's sections that declare them are dropped.
COPY Cargo.toml Cargo.lock ./
COPY .cargo/ .cargo/
RUN awk '/^\[/ { skip = /^\[\[(bench|test|example)\]\]/ } !skip' Cargo.toml > Cargo.build.toml \
    && mv Cargo.build.toml Cargo.toml \
    && mkdir src \
    && echo 'fn main() {}' > src/main.rs \
    && touch src/lib.rs \
    && cargo build --release --locked --target "$(rustc --print host-tuple)"

COPY fixtures/ fixtures/
COPY migrations/ migrations/
COPY src/ src/
# The copied files keep their old times: without `touch` cargo would take the empty ones for them.
RUN touch src/main.rs src/lib.rs \
    && cargo build --release --locked --target "$(rustc --print host-tuple)" \
    && install -D -m 0755 "target/$(rustc --print host-tuple)/release/swas-emulator" /out/rootfs/swas-emulator \
    && install -D -m 0644 fixtures/default.json /out/rootfs/seed/default.json \
    && install -d -m 1777 /out/rootfs/data

FROM scratch
ARG VERSION=0.0.0-dev
LABEL org.opencontainers.image.title="swas-emulator" \
      org.opencontainers.image.description="Local double of the Alibaba Cloud Simple Application Server ListCustomImages API" \
      org.opencontainers.image.version="${VERSION}"
# One copy of the whole tree: copied by its own name, `/data` would lose its mode.
COPY --from=build /out/rootfs/ /
USER 65532:65532
# Two heaps are enough for all threads; each one more keeps some megabytes.
ENV SWAS_EMULATOR_LISTEN=0.0.0.0:8808 \
    SWAS_EMULATOR_FIXTURE=/seed \
    MALLOC_ARENA_MAX=2
EXPOSE 8808
HEALTHCHECK --interval=2s --timeout=2s --retries=5 CMD ["/swas-emulator", "healthcheck"]
ENTRYPOINT ["/swas-emulator"]
CMD ["serve"]
