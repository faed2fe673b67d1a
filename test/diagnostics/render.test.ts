import {stripVTControlCharacters} from 'node:util';
import {describe, expect, test} from 'vitest';
import type {Diagnostic} from '../../src/diagnostics/diagnostic.ts';
import {diagnosticsJson, renderAll, renderDiagnostic} from '../../src/diagnostics/render.ts';
import {markSecret} from '../../src/diagnostics/secrets.ts';
import type {SourceRange} from '../../src/diagnostics/source.ts';

const PLAIN = {color: false};

/** The place of a word in a file that holds it once. */
function at(text: string, word: string, file = 'inventories/lab/hosts.yaml'): SourceRange {
  const from = text.indexOf(word);
  return {source: {file, text}, from, to: from + word.length};
}

const unknownProperty = (range: SourceRange): Diagnostic => ({
  code: 'E103',
  severity: 'error',
  range,
  detail: '"adress" is not a property here.',
  hint: 'Did you mean "address"?',
});

describe('a rendered diagnostic', () => {
  test('shows code, place, line, caret, detail and hint', () => {
    const text = 'hosts:\n  cp1:\n    adress: 10.0.0.1\n';
    expect(renderDiagnostic(unknownProperty(at(text, 'adress')), PLAIN)).toBe(
      [
        'error[E103]: Unknown property',
        '  --> inventories/lab/hosts.yaml:3:5',
        '    |',
        '  3 |     adress: 10.0.0.1',
        '    |     ^^^^^^',
        '  "adress" is not a property here.',
        '  hint: Did you mean "address"?',
      ].join('\n'),
    );
  });

  test('makes room for long line numbers and gives each note a line', () => {
    const text = `${'\n'.repeat(99)}a: 1\nb: 2\n`;
    const diagnostic: Diagnostic = {
      code: 'E107',
      severity: 'warning',
      range: at(text, 'b', 'x.yaml'),
      detail: 'First line.\nSecond line.',
      notes: [{range: at(text, 'a', 'x.yaml'), message: 'first here'}],
    };
    expect(renderDiagnostic(diagnostic, PLAIN)).toBe(
      [
        'warning[E107]: Duplicate key',
        '  --> x.yaml:101:1',
        '      |',
        '  101 | b: 2',
        '      | ^',
        '  First line.',
        '  Second line.',
        '  note: x.yaml:100:1: first here',
      ].join('\n'),
    );
  });

  test('has no place when the mistake has none', () => {
    expect(renderDiagnostic({code: 'E603', severity: 'error', detail: 'No task fits.'}, PLAIN)).toBe(
      'error[E603]: Nothing selected\n  No task fits.',
    );
  });

  test('is coloured only when asked to be', () => {
    const text = 'adress: 1';
    const coloured = renderDiagnostic(unknownProperty(at(text, 'adress')), {color: true});
    expect(coloured).toContain('\u001b[1;31merror[E103]\u001b[22;39m');
    expect(stripVTControlCharacters(coloured)).toBe(
      renderDiagnostic(unknownProperty(at(text, 'adress')), PLAIN),
    );
  });
});

describe('the line of a diagnostic', () => {
  const shown = (text: string, word: string): readonly string[] =>
    renderDiagnostic({code: 'E102', severity: 'error', range: at(text, word), detail: 'X.'}, PLAIN)
      .split('\n')
      .slice(3, 5)
      .map((line) => line.slice('  1 | '.length));

  test.each([
    ['puts the caret behind a tab', '\tb: 1', 'b', '    b: 1', '    ^'],
    ['counts wide letters twice', '日本: x', 'x', '日本: x', '      ^'],
    ['counts marks over letters not at all', 'e\u0301: x', 'x', 'e\u0301: x', '   ^'],
    ['spells out escape sequences', 'a: \u001b[31mred', 'red', 'a: \\x1b[31mred', '           ^^^'],
    ['spells out marks that change the direction of text', 'a\u202eb: x', 'x', 'a\\u202eb: x', '          ^'],
    ['ends a range of several lines with its first', 'a: [1,\n 2]', '[1,\n 2]', 'a: [1,', '   ^^^'],
    ['leaves out the end of a line of Windows', 'a: b\r\nc: d', 'b', 'a: b', '   ^'],
  ])('%s', (_title, text, word, ...expected) => {
    expect(shown(text, word)).toEqual(expected);
  });

  test('is cut around the mistake when it is long', () => {
    const [line = '', carets = ''] = shown(`${'a'.repeat(500)}X${'b'.repeat(500)}`, 'X');
    expect(line).toHaveLength(100);
    expect(line).toMatch(/^…a+Xb+…$/);
    expect(line.charAt(carets.indexOf('^'))).toBe('X');
  });

  test('points behind the last letter when something is missing there', () => {
    const source = {file: 'x.yaml', text: 'a:'};
    const range = {source, from: 2, to: 2};
    expect(renderDiagnostic({code: 'E102', severity: 'error', range, detail: 'X.'}, PLAIN)).toContain(
      '  1 | a:\n    |   ^\n',
    );
  });

  test.each([
    ['a tag says that it is one', 'token: !secret hunter2', 'token'],
    ['its key is called a password', 'ansible_password: hunter2', 'ansible_password'],
    ['its key ends in pass', '  ansible_ssh_pass : "hunter2"', 'ansible_ssh_pass'],
    ['the command line sets a password', 'ansible_become_pass=hunter2', 'ansible_become_pass'],
  ])('hides a value when %s', (_title, text, word) => {
    const [line] = shown(text, word);
    expect(line).toContain('***');
    expect(line).not.toContain('hunter2');
  });

  test('hides what was marked as secret, also from the middle of a block', () => {
    const text = 'key: |\n  first hunter2\n  second hunter2\nnext: 1\n';
    const range = at(text, 'second');
    markSecret({source: range.source, from: text.indexOf('first'), to: text.indexOf('\nnext')});
    const rendered = renderDiagnostic({code: 'E102', severity: 'error', range, detail: 'X.'}, PLAIN);
    expect(rendered).toContain('  3 | ***\n');
    expect(rendered).not.toContain('hunter2');
  });
});

describe('all diagnostics of a stage', () => {
  const text = 'a: 1\nb: 2\n';
  const on = (word: string, severity: Diagnostic['severity']): Diagnostic => ({
    code: 'E105',
    severity,
    range: at(text, word, 'x.yaml'),
    detail: `${word} is wrong.`,
  });

  test('stand in the order of the file, each once, with their number', () => {
    const rendered = renderAll([on('b', 'error'), on('a', 'warning'), on('b', 'error')], PLAIN);
    expect(rendered.match(/. is wrong/g)).toEqual(['a is wrong', 'b is wrong']);
    expect(rendered.endsWith('\n\n1 error, 1 warning\n')).toBe(true);
  });

  test('are nothing when there are none', () => {
    expect(renderAll([], PLAIN)).toBe('');
  });

  test('can be read by programs', () => {
    expect(
      diagnosticsJson([
        {...on('b', 'error'), hint: 'H.', notes: [{range: at(text, 'a', 'x.yaml'), message: 'M'}]},
      ]),
    ).toEqual([
      {
        code: 'E105',
        severity: 'error',
        summary: 'Wrong type or value',
        detail: 'b is wrong.',
        hint: 'H.',
        at: {file: 'x.yaml', line: 2, column: 1, endLine: 2, endColumn: 2},
        notes: [{message: 'M', at: {file: 'x.yaml', line: 1, column: 1, endLine: 1, endColumn: 2}}],
      },
    ]);
  });
});
