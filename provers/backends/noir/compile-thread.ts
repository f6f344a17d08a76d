import { parentPort, workerData } from 'node:worker_threads';
import noirWasm from '@noir-lang/noir_wasm';
import { z } from 'zod';

const { directory } = z.object({ directory: z.string() }).parse(workerData);
const fileManager = noirWasm.createFileManager(directory);
const silent = (): void => undefined;
const { program } = await noirWasm.compile_program(fileManager, undefined, silent, silent);
// Without debug symbols and sources, which would tie the artifact to a directory.
parentPort?.postMessage(JSON.stringify({ abi: program.abi, bytecode: program.bytecode }));
