import { hash2, hash3 } from './poseidon2.js';

/** Levels of the state tree; it has 2^20 accounts. */
export const TREE_DEPTH = 20;

export const ACCOUNT_COUNT = 2 ** TREE_DEPTH;

/** Balances and amounts are below this, so that sums stay far from the field's modulus. */
export const AMOUNT_LIMIT = 2n ** 96n;

export const NONCE_LIMIT = 2n ** 64n;

/** An account: the owner's Grumpkin key, what it holds, and how many transfers it has sent. */
export interface Account {
  x: bigint;
  y: bigint;
  balance: bigint;
  nonce: bigint;
}

/** An account that nobody owns yet: all zero. (0, 0) is not on the curve, so it is no one's key. */
export const EMPTY_ACCOUNT: Readonly<Account> = Object.freeze({ x: 0n, y: 0n, balance: 0n, nonce: 0n });

export function isEmpty({ x, y, balance, nonce }: Account): boolean {
  return x === 0n && y === 0n && balance === 0n && nonce === 0n;
}

/** An account as the tree's leaf. */
export function leafHash({ x, y, balance, nonce }: Account): bigint {
  return hash3(x, y, balance * NONCE_LIMIT + nonce);
}

/** Roots of the subtrees that hold empty accounts only; the index is their height. */
const EMPTY_SUBTREES: readonly bigint[] = emptySubtrees();

function emptySubtrees(): bigint[] {
  let root = leafHash(EMPTY_ACCOUNT);
  const roots = [root];
  for (let height = 1; height <= TREE_DEPTH; height++) {
    root = hash2(root, root);
    roots.push(root);
  }
  return roots;
}

/**
 * The accounts of a rollup as a sparse Merkle tree of fixed depth: account i is leaf i, and only what is not empty is
 * kept. An inclusion path lists siblings from the leaf upwards.
 */
export class AccountTree {
  readonly #accounts = new Map<number, Readonly<Account>>();
  /** Nodes that differ from those of an empty tree, by height and position. */
  readonly #nodes = Array.from({ length: TREE_DEPTH + 1 }, () => new Map<number, bigint>());

  /** An independent tree with the same accounts. */
  copy(): AccountTree {
    const tree = new AccountTree();
    for (const [index, account] of this.#accounts) tree.#accounts.set(index, account);
    this.#nodes.forEach((nodes, height) => nodes.forEach((node, position) => tree.#nodes[height]?.set(position, node)));
    return tree;
  }

  get root(): bigint {
    return this.#node(TREE_DEPTH, 0);
  }

  /** Indices of the accounts ever written, ascending. */
  get indices(): number[] {
    return [...this.#accounts.keys()].sort((a, b) => a - b);
  }

  account(index: number): Readonly<Account> {
    assertIndex(index);
    return this.#accounts.get(index) ?? EMPTY_ACCOUNT;
  }

  /** Siblings on the way from leaf `index` to the root, the lowest first. */
  path(index: number): bigint[] {
    assertIndex(index);
    return Array.from({ length: TREE_DEPTH }, (_, height) => this.#node(height, (index >> height) ^ 1));
  }

  set(index: number, account: Account): void {
    assertIndex(index);
    this.#accounts.set(index, { ...account });
    let node = leafHash(account);
    this.#nodes[0]?.set(index, node);
    for (let height = 0; height < TREE_DEPTH; height++) {
      const position = index >> height;
      const sibling = this.#node(height, position ^ 1);
      node = position % 2 === 0 ? hash2(node, sibling) : hash2(sibling, node);
      this.#nodes[height + 1]?.set(position >> 1, node);
    }
  }

  #node(height: number, position: number): bigint {
    const node = this.#nodes[height]?.get(position) ?? EMPTY_SUBTREES[height];
    if (node === undefined) throw new Error(`The state tree has no nodes at height ${height}, only 0 to ${TREE_DEPTH}`);
    return node;
  }
}

function assertIndex(index: number): void {
  if (!Number.isInteger(index) || index < 0 || index >= ACCOUNT_COUNT) {
    throw new Error(`Account index is ${index}, expected 0 to ${ACCOUNT_COUNT - 1}`);
  }
}

/** Root of an inclusion path: what `path` and `account` together claim the tree's root to be. */
export function rootOfPath(index: number, account: Account, path: readonly bigint[]): bigint {
  return path.reduce(
    (node, sibling, height) => ((index >> height) % 2 === 0 ? hash2(node, sibling) : hash2(sibling, node)),
    leafHash(account),
  );
}
