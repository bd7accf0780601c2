# One image for each program of the suite, chosen by --target: cache, search, aggregation,
# sentiment, tags, analytics, reviewctl. In each: the program, the libraries that it loads, the
# certificate authorities. No shell, no package manager; the root file system may be read-only.
#
#   docker build --target cache --tag reviewstream/cache .
#   tools/containers/containers build           the same without a registry, all targets
#
# Debian packages are pinned to their upstream versions; Debian's own fixes of them may come in.
# /usr/share/reviewstream/packages in an image lists the exact ones.

FROM docker.io/library/debian:trixie-slim AS build
RUN apt-get update -q && \
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \
        ca-certificates=20250419* \
        cmake=3.31.6-* \
        g++=4:14.2.0-* \
        gcc=4:14.2.0-* \
        libcld2-dev=0.0.0-git20150806-* \
        libcurl4-openssl-dev=8.14.1-* \
        libhiredis-dev=1.2.0-* \
        libjansson-dev=2.14-* \
        liblz4-dev=1.10.0-* \
        libmicrohttpd-dev=1.0.1-* \
        librdkafka-dev=2.8.0-* \
        libssl-dev=3.5.* \
        libutf8proc-dev=2.9.0-* \
        libyyjson-dev=0.10.0* \
        ninja-build=1.12.1-* \
        pkgconf=1.8.1-* && \
    rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN cmake --preset release && cmake --build --preset release --target programs
RUN tools/containers/collect build/bin /out

# What all images share. Numbers, not names: Kubernetes must see that it is not root.
FROM scratch AS runtime
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.vendor="Reviewstream" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="scratch"
COPY --from=build /out/common/ /
USER 65532:65532
STOPSIGNAL SIGTERM

FROM runtime AS cache
LABEL org.opencontainers.image.title="reviews-cache" \
      org.opencontainers.image.description="each review's body in Redis, and per product its reviews by date"
COPY --from=build /out/reviews-cache/ /
ENV REVIEWS_HTTP_LISTEN=0.0.0.0:9401
EXPOSE 9401
HEALTHCHECK --interval=10s --timeout=5s --start-period=15s --retries=3 \
    CMD ["/usr/bin/reviews-cache", "--health"]
ENTRYPOINT ["/usr/bin/reviews-cache"]

FROM runtime AS search
LABEL org.opencontainers.image.title="reviews-search" \
      org.opencontainers.image.description="a document per review in Elasticsearch or OpenSearch"
COPY --from=build /out/reviews-search/ /
ENV REVIEWS_HTTP_LISTEN=0.0.0.0:9402
EXPOSE 9402
HEALTHCHECK --interval=10s --timeout=5s --start-period=15s --retries=3 \
    CMD ["/usr/bin/reviews-search", "--health"]
ENTRYPOINT ["/usr/bin/reviews-search"]

FROM runtime AS aggregation
LABEL org.opencontainers.image.title="reviews-aggregation" \
      org.opencontainers.image.description="exact counts and averages per product, in Redis and a topic"
COPY --from=build /out/reviews-aggregation/ /
ENV REVIEWS_HTTP_LISTEN=0.0.0.0:9403
EXPOSE 9403
HEALTHCHECK --interval=10s --timeout=5s --start-period=15s --retries=3 \
    CMD ["/usr/bin/reviews-aggregation", "--health"]
ENTRYPOINT ["/usr/bin/reviews-aggregation"]

FROM runtime AS sentiment
LABEL org.opencontainers.image.title="reviews-sentiment" \
      org.opencontainers.image.description="what each review says well and ill, in Redis and a topic"
COPY --from=build /out/reviews-sentiment/ /
ENV REVIEWS_HTTP_LISTEN=0.0.0.0:9404
EXPOSE 9404
HEALTHCHECK --interval=10s --timeout=5s --start-period=15s --retries=3 \
    CMD ["/usr/bin/reviews-sentiment", "--health"]
ENTRYPOINT ["/usr/bin/reviews-sentiment"]

FROM runtime AS tags
LABEL org.opencontainers.image.title="reviews-tags" \
      org.opencontainers.image.description="what each review talks about, in Redis and a topic"
COPY --from=build /out/reviews-tags/ /
ENV REVIEWS_HTTP_LISTEN=0.0.0.0:9405
EXPOSE 9405
HEALTHCHECK --interval=10s --timeout=5s --start-period=15s --retries=3 \
    CMD ["/usr/bin/reviews-tags", "--health"]
ENTRYPOINT ["/usr/bin/reviews-tags"]

FROM runtime AS analytics
LABEL org.opencontainers.image.title="reviews-analytics" \
      org.opencontainers.image.description="a row per review in ClickHouse, and views for dashboards"
COPY --from=build /out/reviews-analytics/ /
ENV REVIEWS_HTTP_LISTEN=0.0.0.0:9406
EXPOSE 9406
HEALTHCHECK --interval=10s --timeout=5s --start-period=15s --retries=3 \
    CMD ["/usr/bin/reviews-analytics", "--health"]
ENTRYPOINT ["/usr/bin/reviews-analytics"]

# The operator's tool, for jobs: topics, rewinding, switching generations.
FROM runtime AS reviewctl
LABEL org.opencontainers.image.title="reviewctl" \
      org.opencontainers.image.description="the operator's tool"
COPY --from=build /out/reviewctl/ /
ENTRYPOINT ["/usr/bin/reviewctl"]
