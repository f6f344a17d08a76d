# One image a kind of process, all from the same sources:
#   docker build --target prover -t zkpow-prover .
# There is no build step: tsx runs the sources. Only the workflow bundle is made beforehand.
FROM node:20.19.5-bookworm-slim AS project
ENV NODE_ENV=production \
    ZKPOW_CACHE=/var/cache/zkpow \
    ZKPOW_HOME=/var/lib/zkpow
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-audit --no-fund && npm cache clean --force
COPY tsconfig.json ./
COPY domain ./domain
COPY platform ./platform
COPY workflows ./workflows
COPY activities ./activities
COPY contracts ./contracts
COPY rollup-types ./rollup-types
COPY provers ./provers
COPY workers ./workers
# Volumes take the owner of the directory that they are mounted on.
RUN install --directory --owner=node --group=node "$ZKPOW_CACHE" "$ZKPOW_CACHE/noir" "$ZKPOW_HOME" /run/prover \
    /home/node/.bb-crs
USER node

# Whatever runs as a worker: SIGTERM lets it finish what it has in hand.
FROM project AS worker
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "--import", "tsx", "workers/main.ts"]

FROM worker AS aggregator
RUN ["node", "--import", "tsx", "workers/main.ts", "bundle"]
CMD ["aggregator"]

FROM worker AS sender
CMD ["sender"]

FROM worker AS prover
CMD ["prover"]

FROM worker AS gateway
EXPOSE 50081
CMD ["gateway"]

# The command line: docker compose run --rm tools status
FROM project AS tools
COPY scripts ./scripts
COPY local-stack ./local-stack
COPY examples ./examples
ENTRYPOINT ["npm", "run", "--silent"]
CMD ["status"]
