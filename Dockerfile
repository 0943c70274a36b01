# Two images: `local` has the engines and the workspace that stand in for AWS and Slack; the last one, which a build
# without --target makes, has neither and is for production.
FROM node:24.21.0-alpine AS sources

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

EXPOSE 3000
# Whether it is alive, not whether it is ready: orchestrators replace what is unhealthy, and an outage of SQS is no reason to.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD wget --quiet --spider "http://127.0.0.1:${PORT:-3000}/health/live" || exit 1
CMD ["node", "src/cli.ts", "start"]

FROM sources AS local
RUN npm ci --include=dev && npm cache clean --force
COPY localstack ./localstack
# The embedded engines' data: a volume mounted here takes over the ownership.
RUN mkdir .data && chown node:node .data
USER node

FROM sources AS production
ENV RONDA_BACKEND=aws
USER node
