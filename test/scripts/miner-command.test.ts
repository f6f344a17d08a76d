import { Contract } from 'ethers';
import { expect, test } from 'vitest';
import { createPool } from '../../activities/storage/database.js';
import { distrustRule } from '../../activities/storage/distrusted-rules.js';
import { grantProver, proverDatabaseUrl } from '../../activities/storage/prover-roles.js';
import { createProverStore } from '../../activities/storage/prover-store.js';
import { setProverAside } from '../../activities/storage/provers.js';
import { ROLLUP_ABI } from '../../contracts/abi.js';
import { takeProverBack } from '../../scripts/miner/known-provers.js';
import { parseMinerCommand } from '../../scripts/miner/miner-command.js';
import { distrustLines, trustRuleOf } from '../../scripts/miner/trusted-rules.js';
import { CHAIN_ID, startSenderChain } from '../sender/chain-scene.js';
import { openTestDatabase } from '../support/database.js';

test.each([
  ['withdraw', /withdraw needs an AMOUNT of coins above zero, as 50 or 0.5; found none/],
  ['deposit -1', /Unknown option '-1'/],
  ['deposit 0', /deposit needs an AMOUNT of coins above zero, as 50 or 0.5; found "0"/],
  ['cap', /cap needs an AMOUNT of coins above zero, as 50 or 0.5, or "none" for no cap; found nothing/],
  ['cap 0', /"none" for no cap; found "0"/],
  ['cap 5 6', /Too many arguments: 6\./],
  ['settle 5', /Too many arguments: 5\./],
  ['request-withdrawal 5', /There is no "request-withdrawal", known: status, deposit, withdraw, cap, settle, claim, /],
])('npm run miner -- %s: says what it takes', (line, said) => {
  expect(() => parseMinerCommand(line.split(' '))).toThrow(said);
});

test('npm run miner -- trust-rule: a rule that is distrusted is shown with its reason, and trusted by a person', async () => {
  const [database, chain] = await Promise.all([openTestDatabase(), startSenderChain()]);
  const { rule, rollup: address } = chain.deployment;
  const rollup = new Contract(address, ROLLUP_ABI, chain.provider);
  try {
    expect(await distrustLines(database.pool, CHAIN_ID, rollup)).toEqual([]);
    const refusal = {
      proofDigest: 'ab'.repeat(32),
      sequence: 'rollup 0x12, batches 1-2',
      reason: 'it refuses the proof',
    };
    await distrustRule(database.pool, { chainId: CHAIN_ID, rule, ...refusal });
    expect(await distrustLines(database.pool, CHAIN_ID, rollup)).toEqual([
      expect.stringMatching(
        `^Nothing is committed to rollups of type rule ${rule}: since .* of rollup 0x12, batches 1-2 \\(it refuses the proof\\)` +
          `.*trust-rule --rollup ${address}`,
      ),
    ]);
    expect(await trustRuleOf(database.pool, CHAIN_ID, rollup)).toContain(`Type rule ${rule} is trusted again`);
    expect(await distrustLines(database.pool, CHAIN_ID, rollup)).toEqual([]);
    expect(await trustRuleOf(database.pool, CHAIN_ID, rollup)).toBe(
      `Type rule ${rule} is not distrusted: nothing to do`,
    );
  } finally {
    await chain.stop();
    await database.close();
  }
});

test('npm run miner -- readmit-prover: a machine that was set aside may add proofs again', async () => {
  const database = await openTestDatabase();
  const login = await grantProver(database.pool, 'rig-1');
  const own = createPool(proverDatabaseUrl(database.url, login), 1);
  try {
    await setProverAside(database.pool, 'rig-1', 'it lied');
    await expect(createProverStore(own).findProof('0'.repeat(64))).rejects.toThrow(/set aside: it lied/);
    const done = await takeProverBack(database.pool, 'rig-1');
    expect(done).toBe('rig-1 may prove again; it was set aside for: it lied');
    expect(await createProverStore(own).findProof('0'.repeat(64))).toBeNull();

    expect(await takeProverBack(database.pool, 'rig-1')).toBe('rig-1 is not set aside: its proofs are taken');
    await expect(takeProverBack(database.pool, 'rig-2')).rejects.toThrow(/no prover "rig-2", known: rig-1\./);
  } finally {
    await own.end();
    await database.close();
  }
});
