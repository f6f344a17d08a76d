import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { runWithForge } from './python-tools.js';

const answersFile = join(dirname(fileURLToPath(import.meta.url)), 'slither-answers.json');

/** What we say to findings that stay: which detector, about which parts of the code, and why it is no mistake. */
const answersShape = z.array(
  z.object({ check: z.string(), about: z.array(z.string()).min(1), answer: z.string().min(20) }),
);

const namedShape = z.object({ name: z.string() });
const partShape = namedShape.extend({
  type_specific_fields: z
    .object({
      parent: namedShape
        .extend({ type_specific_fields: z.object({ parent: namedShape.optional() }).optional() })
        .optional(),
    })
    .optional(),
});

const reportShape = z.object({
  success: z.boolean(),
  error: z.string().nullable(),
  results: z.object({
    detectors: z
      .array(z.object({ check: z.string(), impact: z.string(), description: z.string(), elements: z.array(partShape) }))
      .optional(),
  }),
});

interface Finding {
  check: string;
  /** The part of the code, as `Contract.member.parameter`: lines move, names stay. */
  about: string;
  text: string;
}

/** @throws Error naming findings without an answer, and answers whose finding is gone */
export async function runSlither(python: string): Promise<void> {
  const findings = await findingsOfSlither(python);
  const problems = compareWithAnswers(findings, answersShape.parse(JSON.parse(readFileSync(answersFile, 'utf8'))));
  if (problems.length > 0) throw new Error(`slither:\n${problems.join('\n')}\nSee docs/audit.md.`);
  console.log(`slither: ${findings.length} findings, all answered in scripts/audit/slither-answers.json`);
}

async function findingsOfSlither(python: string): Promise<Finding[]> {
  using result = await runWithForge(python, (directory) => {
    const filter = ['--filter-paths', 'node_modules|contracts/test'];
    return ['-m', 'slither', '.', ...filter, '--fail-none', '--json', join(directory, 'report.json')];
  });
  if (result.code !== 0) throw new Error(`slither failed:\n${result.output}`);
  const report = reportShape.parse(JSON.parse(readFileSync(join(result.buildDirectory, 'report.json'), 'utf8')));
  if (!report.success) throw new Error(`slither failed: ${report.error}\n${result.output}`);
  // A tool that looked at nothing finds nothing.
  if (!result.output.includes('ZkPowRollup')) throw new Error(`slither did not look at ZkPowRollup:\n${result.output}`);
  return (report.results.detectors ?? []).map(({ check, impact, description, elements }) => {
    const about = nameOf(elements[0]);
    return { check, about, text: `${check} (${impact}), ${about}: ${description.trim()}` };
  });
}

function nameOf(part: z.infer<typeof partShape> | undefined): string {
  const parent = part?.type_specific_fields?.parent;
  const grandparent = parent?.type_specific_fields?.parent;
  return [grandparent, parent, part].flatMap((one) => one?.name ?? []).join('.');
}

/** What is wrong between findings and answers, a line each. */
export function compareWithAnswers(findings: Finding[], answers: z.infer<typeof answersShape>): string[] {
  const keyOf = (check: string, about: string) => `${check} ${about}`;
  const answered = new Set(answers.flatMap(({ check, about }) => about.map((one) => keyOf(check, one))));
  const found = new Set(findings.map(({ check, about }) => keyOf(check, about)));
  return [
    ...findings.filter(({ check, about }) => !answered.has(keyOf(check, about))).map(({ text }) => `- new: ${text}`),
    ...[...answered].filter((key) => !found.has(key)).map((key) => `- no longer found, remove the answer: ${key}`),
  ];
}
