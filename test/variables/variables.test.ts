import {describe, expect, test} from 'vitest';
import {Problems} from '../../src/diagnostics/diagnostic.ts';
import {placeOf} from '../../src/diagnostics/source.ts';
import {layerOf, type VariableLayer} from '../../src/inventory/layer.ts';
import {createVariables, type VariableContext, type Variables} from '../../src/variables/variables.ts';
import {mapOf, toJs} from '../../src/yaml/access.ts';
import {parseYaml} from '../../src/yaml/parse.ts';
import {hostIn, inventoryOf} from '../inventory/support.ts';

/** The variables of a text, as one layer. */
function layer(by: string, text: string): VariableLayer {
  const root = parseYaml({file: by, text}, new Problems(), {});
  const map = root && mapOf(root);
  if (!map) throw new Error('it is a map');
  return layerOf(by, map);
}

interface Made {
  readonly variables: Variables;
  /** `code line:column detail, as noted at line:column`. */
  readonly found: readonly string[];
}

function make(text: string, commandLine: readonly VariableLayer[] = []): Made {
  const problems = new Problems();
  const variables = createVariables(inventoryOf(text).inventory, commandLine, problems);
  const place = (at: Parameters<typeof placeOf>[0] | undefined): string => (at ? placeOf(at).slice(2) : '-');
  return {
    variables,
    found: problems.all.map(
      ({code, range, notes = []}) => `${code} ${place(range)} ${place(notes[0]?.range)}`,
    ),
  };
}

const NAME = hostIn(inventoryOf('all: {hosts: {h: }}').inventory, 'h').name;

/** The value of `x` on host `h`. */
function x({variables}: Made, context: VariableContext = {}): unknown {
  const node = variables.of(NAME, context).get('x')?.node;
  return node && toJs(node);
}

describe('of five scopes', () => {
  const inventory = 'all: {vars: {x: all}, children: {web: {vars: {x: web}, hosts: {h: {x: host}}}}}';
  const context: VariableContext = {
    roleDefaults: [layer('role a', 'x: default'), layer('role b', '{x: default, only: 1}')],
    playbook: [layer('play one', 'x: play')],
  };
  const made = make(inventory, [layer('-e', 'x: first'), layer('-e', 'x: last')]);

  test('the strongest wins, and remembers what it beat', () => {
    const all = made.variables.of(NAME, context).all('x');
    expect(all.map(({setBy, by, node}) => `${setBy} ${by} ${String(toJs(node))}`)).toEqual([
      'command-line -e last',
      'command-line -e first',
      'playbook play one play',
      'host host h host',
      'group group web web',
      'group group all all',
      'role-defaults role b default',
      'role-defaults role a default',
    ]);
    expect(made.variables.of(NAME, context).get('x')).toEqual(all[0]);
  });

  test('each beats the ones below it', () => {
    expect(x(make(inventory), context)).toBe('play');
    expect(x(make(inventory))).toBe('host');
    expect(x(make(inventory.replace('{x: host}', '')))).toBe('web');
    expect(x(make('all: {hosts: {h: }, vars: {x: all}}'), context)).toBe('play');
    expect(x(make('all: {hosts: {h: }}'), {roleDefaults: context.roleDefaults ?? []})).toBe('default');
    expect(x(make('all: {hosts: {h: }}'))).toBeUndefined();
  });

  test('each value knows its place', () => {
    expect(make('all:\n  hosts:\n    h:\n      x: 1').variables.of(NAME).get('x')?.at).toMatchObject({
      from: 'all:\n  hosts:\n    h:\n      '.length,
    });
  });

  test('all names are known, each once', () => {
    expect([...made.variables.of(NAME, context).names()]).toEqual(['x', 'only']);
  });

  test('a map replaces a map', () => {
    const made2 = make('all: {vars: {x: {a: 1, b: 1}}, hosts: {h: {x: {a: 2}}}}');
    expect(x(made2)).toEqual({a: 2});
  });
});

test('a host that the inventory does not have is our bug', () => {
  expect(() => make('all: {hosts: {other: }}').variables.of(NAME)).toThrow('has no host "h"');
});

describe('two groups that set one variable', () => {
  const groups = (a: string, b: string, host = ''): string =>
    `a: {vars: {${a}}, hosts: {h: {${host}}}}\nb: {vars: {${b}}, hosts: {h: }}`;

  test('differently for one host are a mistake at both places', () => {
    expect(make(groups('x: 1', 'x: 2')).found).toEqual(['E304 2:12 1:12']);
  });

  test.each([
    ['set the same value', groups('x: {y: [1]}', 'x: {y: [1]}')],
    ['set the same secret', groups('x: !secret s', 'x: !secret s')],
    ['set different variables', groups('x: 1', 'y: 2')],
    ['share no host', 'a: {vars: {x: 1}, hosts: {h: }}\nb: {vars: {x: 2}, hosts: {other: }}'],
    ['leave the last word to the host', groups('x: 1', 'x: 2', 'x: 3')],
    ['contain one another', 'a: {vars: {x: 1}, children: {b: {vars: {x: 2}, hosts: {h: }}}}'],
    [
      'leave the last word to a group below both',
      'a: {vars: {x: 1}, children: {c: }}\nb: {vars: {x: 2}, children: {c: {vars: {x: 3}, hosts: {h: }}}}',
    ],
  ])('are right when they %s', (_title, text) => {
    expect(make(text).found).toEqual([]);
  });

  test('leave the last word to the command line', () => {
    expect(make(groups('x: 1', 'x: 2'), [layer('-e', 'x: 3')]).found).toEqual([]);
  });

  test('are a mistake when their secrets differ', () => {
    expect(make(groups('x: !secret s', 'x: !secret t')).found).toHaveLength(1);
  });

  test('are a mistake when a group below one of them agrees with neither', () => {
    const text =
      'a: {vars: {x: 1}, children: {c: {vars: {x: 3}, hosts: {h: }}}}\nb: {vars: {x: 2}, hosts: {h: }}';
    expect(make(text).found).toEqual(['E304 2:12 1:41']);
  });

  test('are told once, however many hosts share them', () => {
    const text = 'a: {vars: {x: 1}, hosts: {"n[1:50]": }}\nb: {vars: {x: 2}, hosts: {"n[1:50]": }}';
    expect(make(text).found).toEqual(['E304 2:12 1:12']);
  });
});
