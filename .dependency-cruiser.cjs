/** Dependencies point inward (CONTRIBUTING.md). `npm run arch` checks it. */
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: `^${from}/src` },
  to: { path: '^(libs|services|apps)/', pathNot: [`^${from}/`, ...allowed.map((lib) => `^libs/${lib}(/|$)`)] },
});
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    only('protocol-knows-nobody', 'libs/protocol', []),
    only('call-model-knows-protocol', 'libs/call-model', ['protocol']),
    only('event-log-knows-no-calls', 'libs/event-log', []),
    only('service-kit-knows-what-an-address-is', 'libs/service-kit', ['event-log/src/redis/redis-url.ts']),
    only('media-server-is-alone', 'libs/media-server', ['service-kit']),
    only('client-knows-protocol', 'libs/client', ['protocol']),
    only('gateway-knows-no-rules', 'services/gateway', ['protocol', 'event-log', 'service-kit']),
    only('orchestrator-knows-no-media', 'services/call-orchestrator', [
      'protocol',
      'event-log',
      'service-kit',
      'call-model',
    ]),
    only('worker-knows-no-users', 'services/media-worker', ['protocol', 'event-log', 'service-kit']),
    only('web-knows-client', 'apps/web', ['client']),
    {
      name: 'pure-model',
      severity: 'error',
      from: { path: '^libs/(call-model|protocol)/src' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'redis-stays-in-its-folder',
      severity: 'error',
      from: { path: '^(libs|services)/[^/]+/src', pathNot: '^libs/(event-log/src/redis|testkit/src)/?' },
      to: { path: 'node_modules/ioredis/' },
    },
    {
      name: 'kurento-stays-in-its-folder',
      severity: 'error',
      from: { pathNot: '^services/media-worker/src/kurento/' },
      to: { path: 'node_modules/kurento-client' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { conditionNames: ['source', 'import', 'default'], exportsFields: ['exports'] },
  },
};
