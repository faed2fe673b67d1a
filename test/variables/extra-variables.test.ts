import {writeFile} from 'node:fs/promises';
import {describe, expect, test} from 'vitest';
import {Secret} from '../../src/base/secret.ts';
import {Problems} from '../../src/diagnostics/diagnostic.ts';
import {placeOf} from '../../src/diagnostics/source.ts';
import {readExtraVariables} from '../../src/variables/extra-variables.ts';
import {toJs} from '../../src/yaml/access.ts';
import {TempDir} from '../support/temp-dir.ts';

async function read(...texts: readonly string[]): Promise<{values: unknown; found: readonly string[]}> {
  const problems = new Problems();
  const layers = await readExtraVariables(texts, problems, {});
  return {
    values: layers.map(({entries}) =>
      Object.fromEntries([...entries].map(([name, {value}]) => [name, toJs(value)])),
    ),
    found: problems.all.map(({code, range}) => `${code} ${range ? placeOf(range) : '-'}`),
  };
}

describe('variables of the command line', () => {
  test.each([
    ['a=b', {a: 'b'}],
    ['a=1 b=-2 c=true d=false', {a: 1, b: -2, c: true, d: false}],
    ['version=1.30', {version: '1.30'}],
    ['mode=0644', {mode: '0644'}],
    ['a=yes', {a: 'yes'}],
    ['a=', {a: ''}],
    ['a=x=y', {a: 'x=y'}],
    ['a="two words" b=\'2\'', {a: 'two words', b: '2'}],
    [String.raw`a="say \"hi\""`, {a: 'say "hi"'}],
    ['{"a": {"b": [1]}}', {a: {b: [1]}}],
    ['{a: 1, b: two}', {a: 1, b: 'two'}],
  ])('can be %s', async (text, values) => {
    expect(await read(text)).toEqual({values: [values], found: []});
  });

  test('can be a file', async () => {
    using folder = new TempDir();
    await writeFile(folder.at('x.yaml'), 'a: 1\n');
    expect(await read(`@${folder.at('x.yaml')}`)).toEqual({values: [{a: 1}], found: []});
  });

  test('keep their order', async () => {
    expect((await read('a=1', 'a=2')).values).toEqual([{a: 1}, {a: 2}]);
  });

  test('that are passwords are Secrets', async () => {
    const [layer] = await readExtraVariables(['ansible_become_password=4711'], new Problems(), {});
    const value = layer?.entries.get('ansible_become_password')?.value;
    const secret = value && toJs(value);
    expect(secret instanceof Secret && secret.reveal()).toBe('4711');
  });

  test.each([
    ['a', 'E602 -e:1:1'],
    ['a=1 b', 'E602 -e:1:5'],
    ['a=two words', 'E602 -e:1:7'],
    ['a-b=1', 'E602 -e:1:1'],
    ['{a-b: 1}', 'E602 -e:1:2'],
    ['{a: ', 'E102 -e:1:4'],
    ['', 'E602 -e:1:1'],
    ['@missing.yaml', 'E101 -'],
  ])('are refused in their place: %s', async (text, found) => {
    expect((await read(text)).found).toEqual([found]);
  });

  test('in a file that holds a list are refused', async () => {
    using folder = new TempDir();
    await writeFile(folder.at('x.yaml'), '- a\n');
    expect((await read(`@${folder.at('x.yaml')}`)).found).toEqual([`E602 ${folder.at('x.yaml')}:1:1`]);
  });
});
