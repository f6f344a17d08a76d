import { parse, type ValueNode } from '@humanwhocodes/momoa';
import type { FileProblem } from '../../../domain/type-sequencer.js';

/** All that is wrong with a file, at once. */
export class FileError extends Error {
  override readonly name = 'FileError';

  constructor(
    readonly fileName: string,
    readonly problems: readonly FileProblem[],
  ) {
    const sorted = [...problems].sort((a, b) => a.line - b.line);
    const lines = sorted.map(({ line, field, message }) => `  line ${line}${field && `, ${field}`}: ${message}`);
    super(`${fileName} has ${problems.length} mistake${problems.length === 1 ? '' : 's'}:\n${lines.join('\n')}`);
  }
}

/** A value of a JSON file that still knows where it stood. */
export interface JsonValue {
  node: ValueNode;
  line: number;
  field: string;
}

/** A value that is not what was expected; caught by `JsonReader.read`. */
class UnexpectedValue extends Error {}

/**
 * Reads typed values out of a JSON file and collects every mistake on the way: a function given to `read` may use the
 * `expect…` methods freely, a failing one ends that `read` only.
 */
export class JsonReader {
  readonly problems: FileProblem[] = [];

  /** What `make` returns, or undefined after noting down what was wrong. */
  read<T>(make: () => T): T | undefined {
    try {
      return make();
    } catch (error) {
      if (error instanceof UnexpectedValue) return undefined;
      throw error;
    }
  }

  note({ line, field }: Pick<JsonValue, 'line' | 'field'>, message: string): void {
    this.problems.push({ line, field, message });
  }

  fail(value: JsonValue, expected: string): never {
    this.note(value, `is ${describe(value.node)}, expected ${expected}`);
    throw new UnexpectedValue();
  }

  /** The members of an object by name. Unknown and repeated ones are noted. */
  expectObject(value: JsonValue, names: readonly string[]): Map<string, JsonValue> {
    if (value.node.type !== 'Object') return this.fail(value, `an object with ${names.join(', ')}`);
    const members = new Map<string, JsonValue>();
    for (const { name: key, value: node } of value.node.members) {
      const name = key.type === 'String' ? key.value : key.name;
      const member = { node, line: key.loc.start.line, field: value.field ? `${value.field}.${name}` : name };
      if (!names.includes(name)) this.note(member, `is not known here, expected ${names.join(', ')}`);
      else if (members.has(name)) this.note(member, 'is given twice');
      else members.set(name, member);
    }
    return members;
  }

  /** A member that must be there. */
  expectMember(object: JsonValue, members: ReadonlyMap<string, JsonValue>, name: string): JsonValue {
    const member = members.get(name);
    if (member) return member;
    this.note(object, `${name} is missing`);
    throw new UnexpectedValue();
  }

  expectArray(value: JsonValue, what: string, minimum: number, maximum = Infinity): JsonValue[] {
    const { node } = value;
    if (node.type !== 'Array') return this.fail(value, `a list of ${what}`);
    const count = node.elements.length;
    if (count < minimum) this.note(value, `has ${count} ${what}, expected at least ${minimum}`);
    if (count > maximum) this.note(value, `has ${count} ${what}, expected at most ${maximum}`);
    return node.elements.map((element, i) => ({
      node: element.value,
      line: element.value.loc.start.line,
      field: `${value.field}[${i}]`,
    }));
  }

  expectText(value: JsonValue, what: string): string {
    if (value.node.type !== 'String' || value.node.value === '') return this.fail(value, what);
    return value.node.value;
  }

  /** A whole number from 0 to `limit` − 1: a JSON number as far as it is exact, or a decimal or 0x string. */
  expectInteger(value: JsonValue, what: string, limit: bigint): bigint {
    const expected = `${what}: a whole number from 0 to ${limit - 1n}, as a string where it is above 2^53`;
    const { node } = value;
    let number: bigint | undefined;
    if (node.type === 'Number' && Number.isSafeInteger(node.value)) number = BigInt(node.value);
    if (node.type === 'String' && /^(\d+|0x[\da-f]+)$/i.test(node.value)) number = BigInt(node.value);
    if (number === undefined || number < 0n || number >= limit) return this.fail(value, expected);
    return number;
  }
}

/** @throws FileError naming the line if the text is no JSON. */
export function parseJson(text: string, fileName: string): JsonValue {
  try {
    const { body } = parse(text.replace(/^\uFEFF/, ''), { mode: 'json' });
    return { node: body, line: body.loc.start.line, field: '' };
  } catch (error) {
    const line = error instanceof Error && 'line' in error && typeof error.line === 'number' ? error.line : 1;
    const reason = error instanceof Error ? error.message : String(error);
    throw new FileError(fileName, [{ line, field: '', message: `is no JSON: ${reason}` }]);
  }
}

/** NaN and Infinity are values of JSON5 only: the parser refuses them here. */
function describe(node: ValueNode): string {
  switch (node.type) {
    case 'String':
      return JSON.stringify(node.value.length > 80 ? `${node.value.slice(0, 77)}...` : node.value);
    case 'Number':
    case 'Boolean':
      return String(node.value);
    case 'Object':
      return 'an object';
    case 'Array':
      return 'a list';
    case 'Null':
      return 'null';
    case 'NaN':
    case 'Infinity':
      return node.type;
  }
}
