FROM node:24-alpine

WORKDIR /app
# In a container it is the published ports that decide who gets in.
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    NODE_OPTIONS=--disable-warning=ExperimentalWarning

COPY package.json package-lock.json .npmrc ./
# Without development dependencies there is no node of npm's: the image's own runs the sources.
RUN npm ci --omit=dev && npm cache clean --force

COPY bin ./bin
COPY src ./src
COPY projections ./projections
COPY localstack ./localstack

# The embedded engines' data, when the backend is not AWS: a volume mounted here takes over the ownership.
RUN mkdir .data && chown node:node .data
USER node

EXPOSE 3000
# Whether it is alive, not whether it is ready: orchestrators replace what is unhealthy, and an outage of SQS is no reason to.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD wget --quiet --spider "http://127.0.0.1:${PORT:-3000}/health/live" || exit 1
CMD ["node", "src/cli.ts", "start"]
