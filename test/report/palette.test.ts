import {expect, test} from 'vitest';
import {COLOUR, NO_COLOUR, paletteFor} from '../../src/report/palette.ts';

test('a terminal gets colour', () => {
  expect(paletteFor({isTTY: true, env: {TERM: 'xterm'}})).toBe(COLOUR);
});

test('a pipe gets none', () => {
  expect(paletteFor({isTTY: undefined, env: {TERM: 'xterm'}})).toBe(NO_COLOUR);
});

test('NO_COLOR wins over everything', () => {
  expect(paletteFor({isTTY: true, env: {NO_COLOR: '1', FORCE_COLOR: '1'}})).toBe(NO_COLOUR);
});

test('an empty NO_COLOR means nothing', () => {
  expect(paletteFor({isTTY: true, env: {NO_COLOR: ''}})).toBe(COLOUR);
});

test('FORCE_COLOR gives colour to a pipe', () => {
  expect(paletteFor({isTTY: false, env: {FORCE_COLOR: '1'}})).toBe(COLOUR);
});

test('a dumb terminal gets none', () => {
  expect(paletteFor({isTTY: true, env: {TERM: 'dumb'}})).toBe(NO_COLOUR);
});
