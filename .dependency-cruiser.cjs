/** The direction of the data as a rule: workers → activities → workflows/domain; nothing points back. */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'workflows-are-deterministic',
      comment: 'Workflows load only the workflow SDK and their own folder; of activities they know the types.',
      severity: 'error',
      from: { path: '^workflows/' },
      to: {
        pathNot: ['^workflows/', '^node_modules/@temporalio/(workflow|common)/'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'workflows-know-activities-by-type-only',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { path: '^activities/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'domain-is-pure',
      severity: 'error',
      from: { path: '^workflows/domain/' },
      to: { pathNot: ['^workflows/domain/', '^node_modules/@temporalio/common/'] },
    },
    {
      name: 'activities-use-the-domain-only',
      comment: 'Activities may use the pure domain, not the workflows that call them.',
      severity: 'error',
      from: { path: '^activities/' },
      to: { path: '^(workflows/(?!domain/)|workers/|scripts/|test/)' },
    },
    {
      name: 'provers-stand-alone',
      severity: 'error',
      from: { path: '^provers/' },
      to: { path: '^(workflows/(?!domain/)|activities/|workers/|scripts/|test/)' },
    },
    {
      name: 'platform-stands-alone',
      comment: 'What every program needs, whatever it is for.',
      severity: 'error',
      from: { path: '^platform/' },
      to: { path: '^(workflows/|activities/|provers/|workers/|scripts/|test/)' },
    },
    { name: 'nobody-imports-tests', severity: 'error', from: { pathNot: '^test/' }, to: { path: '^test/' } },
    { name: 'workers-do-not-need-scripts', severity: 'error', from: { path: '^workers/' }, to: { path: '^scripts/' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types'],
    },
  },
};
