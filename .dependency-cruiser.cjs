/** Every folder of the project's own code. */
const FOLDERS = [
  ...['domain', 'platform', 'workflows', 'activities', 'contracts', 'rollup-types', 'provers'],
  ...['workers', 'scripts', 'local-stack', 'lab', 'test'],
];
const anyOf = (folders) => `^(${folders.join('|')})/`;

/** Of the project's own folders, `folder` imports itself and these, by type or by value. */
const mayImport = (folder, folders, comment) => ({
  name: `what-${folder}-may-import`,
  comment,
  severity: 'error',
  from: { path: `^${folder}/` },
  to: { path: anyOf(FOLDERS), pathNot: anyOf([folder, ...folders]) },
});

const PARTS = ['activities', 'contracts', 'rollup-types', 'provers', 'platform', 'domain'];

/** The direction of the data as a rule: scripts → workers → activities → domain ← workflows. Nobody looks up. */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    mayImport('domain', [], 'The ground floor: words, pure rules, ports.'),
    {
      name: 'domain-needs-no-library',
      comment: 'But for the kinds of search attributes, which are values of the SDK.',
      severity: 'error',
      from: { path: '^domain/' },
      to: {
        dependencyTypes: ['npm', 'core'],
        pathNot: '^node_modules/@temporalio/common/',
        dependencyTypesNot: ['type-only'],
      },
    },
    mayImport('platform', ['domain'], 'What every program needs, whatever it is for.'),
    mayImport('workflows', ['domain'], 'Deterministic: they know activities by their interfaces in domain/.'),
    {
      name: 'workflows-are-deterministic',
      severity: 'error',
      from: { path: '^workflows/' },
      to: {
        pathNot: ['^(workflows|domain)/', '^node_modules/@temporalio/(workflow|common)/'],
        dependencyTypesNot: ['type-only'],
      },
    },
    mayImport('contracts', ['platform', 'domain']),
    mayImport('rollup-types', ['platform', 'domain']),
    mayImport('provers', ['platform', 'domain']),
    mayImport('activities', ['contracts', 'platform', 'domain'], 'Types and backends are handed to them.'),
    mayImport('workers', [...PARTS, 'workflows']),
    mayImport('local-stack', [...PARTS, 'workers']),
    mayImport('scripts', [...PARTS, 'workers', 'workflows', 'local-stack']),
    mayImport('lab', [...PARTS, 'workers', 'workflows', 'local-stack', 'scripts'], 'Nobody but test/ imports it.'),
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
