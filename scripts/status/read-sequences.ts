import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { z } from 'zod';
import { mapAtOnce } from '../../activities/map-at-once.js';
import { within } from '../../activities/within.js';
import { readTaskQueue } from '../../platform/task-queue.js';
import { AGGREGATOR_QUEUE } from '../../domain/names.js';
import { SEARCH_ATTRIBUTES } from '../../domain/search-attributes.js';
import type { SequenceProgress } from '../../domain/sequence-progress.js';
import { askProgress } from '../sequence/ask-progress.js';

/** One page of the sequences, those that run first, then the newest. */
export interface SequencePage {
  /** All sequences that Temporal knows of. */
  total: number;
  /** From 1. */
  page: number;
  limit: number;
  sequences: SequenceStatus[];
}

export interface SequenceStatus {
  workflowId: string;
  /** Of the workflow: RUNNING, COMPLETED, FAILED, … */
  status: string;
  startedAt: string;
  /** Address of the rollup; null of a workflow that was started without. */
  rollup: string | null;
  firstBatch: number;
  lastBatch: number;
  /** What it was at when it last said so: kept by the server, whoever runs. */
  stage: string | null;
  /** How it ended, by the result that the server keeps; null while it runs or if it failed. */
  outcome: string | null;
  /** As the workflow itself says; only of one that runs, and null if no aggregator answers. */
  progress: SequenceProgress | null;
  /** Why something is missing here, or what a failed one failed with. */
  note: string | null;
}

const ASKED_AT_ONCE = 8;
const ANSWER_MS = 5_000;
/** Enough for a page of sequences whose aggregator is busy; the rest are shown as the server knows them. */
const ALL_ANSWERS_MS = 12_000;
const QUERY = 'WorkflowType = "sequenceWorkflow"';
const outcome = z.string();

/** @throws Error if Temporal does not answer */
export async function readSequences(
  client: Client,
  { page, limit }: { page: number; limit: number },
): Promise<SequencePage> {
  const [{ count }, found] = await Promise.all([
    within(ANSWER_MS, 'Temporal', client.workflow.count(QUERY)),
    within(ALL_ANSWERS_MS, 'Temporal', listPage(client, page, limit)),
  ]);
  const running = found.filter(({ status }) => status.name === 'RUNNING');
  const silence = running.length > 0 ? await whyNobodyAnswers(client) : '';
  const end = Date.now() + ALL_ANSWERS_MS;
  const sequences = await mapAtOnce(ASKED_AT_ONCE, found, (workflow) => readSequence(client, workflow, silence, end));
  return { total: count, page, limit, sequences };
}

/** The server lists what runs first, and of each the newest. */
async function listPage(client: Client, page: number, limit: number): Promise<WorkflowExecutionInfo[]> {
  const found: WorkflowExecutionInfo[] = [];
  const [from, to] = [(page - 1) * limit, page * limit];
  let index = 0;
  for await (const workflow of client.workflow.list({
    query: QUERY,
    pageSize: Math.min(1_000, Math.max(limit, 100)),
  })) {
    if (index >= from) found.push(workflow);
    index += 1;
    if (index >= to) break;
  }
  return found;
}

async function readSequence(
  client: Client,
  workflow: WorkflowExecutionInfo,
  silence: string,
  end: number,
): Promise<SequenceStatus> {
  const { workflowId, runId, status, startTime, typedSearchAttributes: known } = workflow;
  const [, first = '0', last = '0'] = /\/(\d+)-(\d+)\/[0-9a-f]+$/.exec(workflowId) ?? [];
  const base = {
    ...{ workflowId, status: status.name, startedAt: startTime.toISOString() },
    rollup: known.get(SEARCH_ATTRIBUTES.rollup) ?? null,
    firstBatch: known.get(SEARCH_ATTRIBUTES.firstBatch) ?? Number(first),
    lastBatch: known.get(SEARCH_ATTRIBUTES.lastBatch) ?? Number(last),
    stage: known.get(SEARCH_ATTRIBUTES.stage) ?? null,
    ...{ outcome: null, progress: null, note: null },
  };
  if (Date.now() > end) return { ...base, note: 'not asked: others took too long to answer' };
  if (status.name === 'RUNNING') {
    const progress = await askProgress(client, workflowId, runId);
    return { ...base, progress, note: progress ? null : silence };
  }
  try {
    const result = within(ANSWER_MS, 'Temporal', client.workflow.getHandle(workflowId, runId).result());
    return { ...base, outcome: outcome.parse(await result) };
  } catch (error) {
    const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return { ...base, note: reason instanceof Error ? reason.message : String(reason) };
  }
}

async function whyNobodyAnswers(client: Client): Promise<string> {
  try {
    const { workflowService, options } = client;
    const asked = readTaskQueue(workflowService, options.namespace, AGGREGATOR_QUEUE, 'workflow');
    const { pollers } = await within(ANSWER_MS, 'Temporal', asked);
    if (pollers.length === 0) return 'no aggregator runs: npm run worker -- aggregator';
  } catch {
    // Then it is not known.
  }
  return 'its aggregator is busy and did not answer in time';
}
