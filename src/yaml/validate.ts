import {Ajv, type ErrorObject, type Options, type ValidateFunction} from 'ajv';
import formats from 'ajv-formats';
import {isNetwork} from '../base/network.ts';
import {onceForEach} from '../base/once-for-each.ts';
import {Secret} from '../base/secret.ts';
import type {NodePath} from './access.ts';
import {inlined, type Schema} from './inline.ts';

/** What ajv says about a value, before it is put into words. */
export interface Verdict {
  /** A copy of the value with defaults filled in. Secrets are back in their places. */
  readonly value: unknown;
  readonly errors: readonly ErrorObject[];
  /** Secrets that stand where the schema does not allow one. */
  readonly misplaced: readonly NodePath[];
  /** Pointers of all Secrets: what stands there is never quoted. */
  readonly secrets: ReadonlySet<string>;
}

/** Where `x-secret` was seen to hold, while one value is checked. */
interface Seen {
  readonly allowed: Set<string>;
}

/** Draft 7 and no optimizer: most schemas check a few values, and a run with nothing to do is mostly start. */
function ajvWith(options: Options): Ajv {
  const ajv = formats.default(
    new Ajv({
      ...options,
      code: {optimize: false},
      strict: true,
      strictTypes: false,
      strictRequired: false,
      allowUnionTypes: true,
      useDefaults: true,
      passContext: true,
      validateSchema: false, // Ours are right: a test says so. What a user writes is validated in `schemaProblem`.
      addUsedSchema: false,
      validateFormats: true,
    }),
  );
  ajv.addFormat('network', isNetwork);
  ajv.addKeyword({
    keyword: 'x-secret',
    schemaType: 'boolean',
    errors: false,
    validate(this: Seen, ...[allowed, , , at]: [boolean, unknown, unknown?, {instancePath: string}?]) {
      if (allowed && at) this.allowed.add(at.instancePath);
      return true;
    },
  });
  // A name that an entry of another variable has: whoever knows that variable compares them.
  ajv.addKeyword({keyword: 'x-key-of', schemaType: 'string'});
  return ajv;
}

/** Most values are right: first it is only asked whether one is. */
const terse = ajvWith({messages: false});

let talkative: Ajv | undefined;
/** For the rest: all errors, each with the schema and the value, for the sentence about it. */
const telling = (): Ajv => (talkative ??= ajvWith({allErrors: true, verbose: true}));

const compiled = new WeakMap<Schema, ValidateFunction>();
/** Schemas of variables are often the same but for what they say to people. */
const alike = new Map<string, ValidateFunction>();

const tellingValidatorOf = onceForEach(
  (schema: Schema): ValidateFunction => telling().compile(inlined(schema)),
);

/** Throws where the schema itself is wrong. */
function validatorOf(schema: Schema): ValidateFunction {
  const known = compiled.get(schema);
  if (known) return known;
  const {description: _, ...rest} = inlined(schema);
  const words = JSON.stringify(rest);
  const validator = alike.get(words) ?? terse.compile(rest);
  alike.set(words, validator);
  compiled.set(schema, validator);
  return validator;
}

/** What is wrong with a schema that a user wrote; `undefined` where nothing is. */
export function schemaProblem(schema: Schema): string | undefined {
  try {
    void telling().validateSchema(schema, true); // It throws; only schemas that say `$async` promise anything.
    validatorOf(schema);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Checks a copy of a value. Secrets are checked as the texts that they are. */
export function validate(value: unknown, schema: Schema): Verdict {
  const check = holdsSecret(value) ? validateSecrets : validatePlain;
  const verdict = check(value, validatorOf(schema));
  return verdict.errors.length === 0 ? verdict : check(value, tellingValidatorOf(schema));
}

const NO_SECRETS: ReadonlySet<string> = new Set();

/** Most values: compiling checks hundreds of thousands of them, so nothing is noted on the way. */
function validatePlain(value: unknown, validator: ValidateFunction): Verdict {
  const root = plainCopy(value);
  validator.call({allowed: new Set()} satisfies Seen, root);
  return {value: root, errors: validator.errors ?? [], misplaced: [], secrets: NO_SECRETS};
}

function holdsSecret(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (value instanceof Secret) return true;
  return Array.isArray(value) ? value.some(holdsSecret) : Object.values(value).some(holdsSecret);
}

function plainCopy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(plainCopy);
  // Not `{...value}`: adding defaults to an object that was spread is 20 times slower in V8.
  const copied: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    if (key === '__proto__') Object.defineProperty(copied, key, {value: item, enumerable: true});
    else copied[key] = plainCopy(item);
  }
  return copied;
}

function validateSecrets(value: unknown, validator: ValidateFunction): Verdict {
  const secrets = new Map<string, FoundSecret>();
  const box = {root: copy(value, [], '', secrets)};
  const seen: Seen = {allowed: new Set()};
  validator.call(seen, box.root);
  const misplaced = [...secrets].filter(([pointer]) => !isAllowed(pointer, seen)).map(([, {path}]) => path);
  for (const {path, secret} of secrets.values()) putBack(box, path, secret);
  return {value: box.root, errors: validator.errors ?? [], misplaced, secrets: new Set(secrets.keys())};
}

/** Where a list or a map may be secret, so may what is in it. */
const isAllowed = (pointer: string, {allowed}: Seen): boolean =>
  allowed.has(pointer) || [...allowed].some((parent) => pointer.startsWith(`${parent}/`));

interface FoundSecret {
  readonly path: NodePath;
  readonly secret: Secret;
}

function copy(value: unknown, path: NodePath, pointer: string, secrets: Map<string, FoundSecret>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Secret) {
    secrets.set(pointer, {path, secret: value});
    return value.reveal();
  }
  if (Array.isArray(value))
    return value.map((item, index) => copy(item, [...path, index], `${pointer}/${index}`, secrets));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      copy(item, [...path, key], `${pointer}/${escaped(key)}`, secrets),
    ]),
  );
}

function putBack(box: {root: unknown}, path: NodePath, secret: Secret): void {
  const last = path.at(-1);
  if (last === undefined) box.root = secret;
  else Reflect.set(parentOf(box.root, path), last, secret);
}

function parentOf(root: unknown, path: NodePath): object {
  const parent = path.slice(0, -1).reduce<unknown>((at, step) => Reflect.get(Object(at), step), root);
  return Object(parent);
}

const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

/** The path of a JSON pointer: a number where the value has a list. */
export function pathOf(pointer: string, root: unknown): NodePath {
  let at = root;
  return pointer
    .split('/')
    .slice(1)
    .map((step) => {
      const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
      const part = Array.isArray(at) ? Number(key) : key;
      at = typeof at === 'object' && at !== null ? Reflect.get(at, part) : undefined;
      return part;
    });
}
