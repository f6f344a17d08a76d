import { isError, type Provider } from 'ethers';
import { z } from 'zod';

/** Most gas of one transaction since Osaka (EIP-7825). */
export const TRANSACTION_GAS_CAP = 16_777_216n;

/** What the rules of a chain, as far as they are asked for here, allow. */
export interface ChainRules {
  /** Whether its EVM has the instructions that came with Cancun. */
  hasCancun: boolean;
  /** Most gas of one transaction: that of a block, or EIP-7825's cap. */
  transactionGas: bigint;
}

/** Init code that returns 32 bytes, with instructions that every chain has. */
const CONTROL = '0x60206000f3';
/** The same by instructions of Cancun: MCOPY (EIP-5656) and TLOAD (EIP-1153). */
const CANCUN = '0x5f5f5f5e5f5c5f5260205ff3';
/** The same by one of Osaka: CLZ (EIP-7939). */
const OSAKA = '0x5f1e5f5260205ff3';

const newestBlock = z.object({ gasLimit: z.string(), blockAccessListHash: z.string().nullish() });

/** Where a raw request can be made: every provider that speaks JSON-RPC. */
type RpcProvider = Provider & { send(method: string, params: unknown[]): Promise<unknown> };

/**
 * Asks the chain itself, by calls that change nothing: chain ids and client versions say little of a chain's rules.
 *
 * @throws Error if the endpoint runs no init code by `eth_call`, so that nothing can be told
 */
export async function readChainRules(provider: Provider): Promise<ChainRules> {
  if (!(await runs(provider, CONTROL))) throw new Error('The endpoint runs no init code by eth_call: use another one');
  const [hasCancun, hasOsaka, block] = await Promise.all([
    runs(provider, CANCUN),
    runs(provider, OSAKA),
    readNewestBlock(provider),
  ]);
  const blockGas = BigInt(block.gasLimit);
  // Since Amsterdam the cap is on execution alone: what a transaction adds to the state comes on top (EIP-8037).
  const isCapped = hasOsaka && !block.blockAccessListHash;
  return { hasCancun, transactionGas: isCapped && blockGas > TRANSACTION_GAS_CAP ? TRANSACTION_GAS_CAP : blockGas };
}

async function runs(provider: Provider, initCode: string): Promise<boolean> {
  try {
    return (await provider.call({ data: initCode })).length === 66;
  } catch (error) {
    // The contract reverted or the EVM knows no such instruction, which clients tell in different ways.
    if (isError(error, 'CALL_EXCEPTION') || isError(error, 'UNKNOWN_ERROR')) return false;
    throw error;
  }
}

async function readNewestBlock(provider: Provider): Promise<z.infer<typeof newestBlock>> {
  if (canSend(provider)) return newestBlock.parse(await provider.send('eth_getBlockByNumber', ['latest', false]));
  const block = await provider.getBlock('latest');
  if (!block) throw new Error('The chain has no blocks');
  return { gasLimit: String(block.gasLimit) };
}

function canSend(provider: Provider): provider is RpcProvider {
  return 'send' in provider && typeof provider.send === 'function';
}
