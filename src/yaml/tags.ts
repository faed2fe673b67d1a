import type {Scalar} from 'yaml';
import {Secret} from '../base/secret.ts';
import type {Problems} from '../diagnostics/diagnostic.ts';
import {markSecret} from '../diagnostics/secrets.ts';
import type {SourceRange} from '../diagnostics/source.ts';
import {plainValue} from './ambiguous.ts';
import type {Conversion} from './conversion.ts';
import type {YamlScalar} from './node.ts';

/** Tags of YAML itself, which only repeat what a value is. */
const CORE = /^tag:yaml\.org,2002:(str|int|float|bool|null|map|seq)$/;

/** The value behind `!secret` and `!env`; every other tag of a user's own is refused. */
export function taggedScalar(
  scalar: Scalar,
  range: SourceRange,
  conversion: Conversion,
): YamlScalar['value'] {
  const {tag = ''} = scalar;
  const text = typeof scalar.value === 'string' ? scalar.value : (scalar.source ?? '');
  if (tag === '!secret') return secretOf(text, range, conversion.problems);
  if (tag === '!env') return fromEnvironment(text, range, conversion);
  if (!CORE.test(tag)) refuseTag(tag, range, conversion.problems);
  return plainValue(scalar);
}

/** A diagnostic, except for tags that YAML itself defines. */
export function refuseTag(tag: string, range: SourceRange, problems: Problems): void {
  if (CORE.test(tag)) return;
  problems.report('E102', {
    range,
    detail: `The tag "${tag}" means nothing here.`,
    hint: HINTS[tag] ?? 'Only "!secret text" and "!env NAME" are known, both before a text.',
  });
}

const HINTS: Readonly<Record<string, string>> = {
  '!vault': 'Values encrypted by Ansible Vault are not read. Decrypt them, or hand them in with "!env NAME".',
  '!unsafe': 'Write the value without the tag; "{{" inside of it is written as "\\{{".',
};

function secretOf(text: string, range: SourceRange, problems: Problems): Secret {
  markSecret(range);
  if (text === '') problems.report('E102', {range, detail: '"!secret" is followed by no text.'});
  return new Secret(text);
}

function fromEnvironment(name: string, range: SourceRange, {environment, problems}: Conversion): Secret {
  const value = environment[name];
  if (value === undefined || value === '')
    problems.report('E301', {
      range,
      detail: `The environment variable "${name}" is not set, and "!env" reads it.`,
      hint: `Set it before the run: export ${name}=…`,
    });
  return new Secret(value ?? '');
}
