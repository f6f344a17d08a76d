import { sha256 } from 'ethers';
import { expect, test } from 'vitest';
import { numberBatches } from '../../activities/chain/posted-batches.js';
import { encodeGenesis } from '../../rollup-types/transfers/genesis.js';
import { hash2, hash3 } from '../../rollup-types/transfers/poseidon2.js';
import { BATCH_BYTES, encodeRecord, joinRecords, transferMessage } from '../../rollup-types/transfers/record.js';
import { openTransfersReplay } from '../../rollup-types/transfers/replay.js';
import { developmentSecretKey, publicKeyOf, secretKeyFromSignature } from '../../rollup-types/transfers/schnorr.js';
import { AccountTree, EMPTY_ACCOUNT, leafHash } from '../../rollup-types/transfers/state.js';
import { REFUSED_TRANSFERS } from './refused-transfers.js';
import { COINBASE, GENESIS_ACCOUNTS, genesisOf, ROLLUP, signedTransfer, word, ZERO_HASH } from './support.js';
import { accumulateTransfers } from '../../rollup-types/transfers/accumulate.js';

// The batches in test/vectors/transfers.json are what Noir (circuit-agreement.test.ts) and Solidity (Sequencing.t.sol) are
// held to as well. A change in it is a change of the format: circuits, contracts and this code would no longer agree.
// `npx vitest run test/transfers/vectors.test.ts -u` writes it.
test('hashes, keys, records and batches are those of the shared vectors', async () => {
  const vectors = {
    poseidon2: poseidon2Vectors(),
    keys: keyVectors(),
    state: stateVectors(),
    transfers: transferVectors(),
    batches: await batchVectors(),
  };
  await expect(`${JSON.stringify(vectors, null, 2)}\n`).toMatchFileSnapshot('../vectors/transfers.json');
});

function poseidon2Vectors() {
  const [a, b, c] = [1n, 2n ** 200n + 7n, 3n];
  return {
    hash2: { a: word(a), b: word(b), hash: word(hash2(a, b)) },
    hash3: { a: word(a), b: word(b), c: word(c), hash: word(hash3(a, b, c)) },
  };
}

function keyVectors() {
  const walletSignature = `0x${'11'.repeat(32)}${'22'.repeat(32)}1b`;
  const development = developmentSecretKey('alice');
  const fromWallet = secretKeyFromSignature(walletSignature);
  const key = (secret: bigint) => ({
    secretKey: word(secret),
    x: word(publicKeyOf(secret).x),
    y: word(publicKeyOf(secret).y),
  });
  return { development: { seed: 'alice', ...key(development) }, wallet: { walletSignature, ...key(fromWallet) } };
}

function stateVectors() {
  const account = { ...publicKeyOf(developmentSecretKey('alice')), balance: 2n ** 96n - 1n, nonce: 2n ** 64n - 1n };
  const tree = new AccountTree();
  const emptyRoot = tree.root;
  tree.set(5, account);
  return {
    emptyLeaf: word(leafHash(EMPTY_ACCOUNT)),
    emptyRoot: word(emptyRoot),
    account: { x: word(account.x), y: word(account.y), balance: word(account.balance), nonce: word(account.nonce) },
    leaf: word(leafHash(account)),
    index: 5,
    root: word(tree.root),
    path: tree.path(5).map(word),
    genesisData: encodeGenesis(GENESIS_ACCOUNTS),
    genesisStateRoot: genesisOf(GENESIS_ACCOUNTS).stateRoot,
  };
}

function transferVectors() {
  const valid = { rule: '', record: signedTransfer(0, 1) };
  return [valid, ...REFUSED_TRANSFERS].map(({ rule, record }) => ({
    brokenRule: rule,
    from: record.from,
    to: record.to,
    amount: word(record.amount),
    nonce: word(record.nonce),
    toX: word(record.toKey.x),
    toY: word(record.toKey.y),
    s: word(record.signature.s),
    e: word(record.signature.e),
    // A message is made of field elements: with a key out of range there is none.
    message:
      rule.startsWith('receiver x') || rule.startsWith('receiver y') ? null : word(transferMessage(ROLLUP, record)),
    record: joinRecords([encodeRecord(record)]),
  }));
}

async function batchVectors() {
  const refused = REFUSED_TRANSFERS.map(({ record }) => encodeRecord(record));
  const transactions = [
    [signedTransfer(0, 1), signedTransfer(1, 3), signedTransfer(3, 2, { amount: 4n })].map(encodeRecord),
    [],
    refused.slice(0, 8),
    refused.slice(8, 16),
    Array.from({ length: 8 }, (_, i) => encodeRecord(signedTransfer(2, i % 2, { nonce: BigInt(i) }))),
  ].map(joinRecords);
  const contents = transactions.map((data, i) => ({
    transactions: data,
    globalExitRoot: word(BigInt(i)),
    timestamp: 1_700_000_000 + i,
    l2Coinbase: COINBASE,
  }));
  const batches = numberBatches(contents, {
    firstBatch: 1,
    previousAccInputHash: ZERO_HASH,
    accumulate: accumulateTransfers,
  });
  const replay = openTransfersReplay(ROLLUP, genesisOf(GENESIS_ACCOUNTS));
  const vectors = [];
  for (const batch of batches) {
    const oldAccInputHash = replay.accInputHash;
    expect(accumulateTransfers(oldAccInputHash, batch)).toBe(batch.accInputHash);
    const { statement, input } = await replay.apply(batch);
    vectors.push({ ...batch, statement, inputSha256: sha256(input) });
  }
  return { ...ROLLUP, paddedBytes: BATCH_BYTES, batches: vectors };
}
