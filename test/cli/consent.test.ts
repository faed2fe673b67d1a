import {expect, test} from 'vitest';
import {consentOf} from '../../src/cli/consent.ts';
import {EMPTY, PLAN} from '../report/recordings.ts';
import {FakeWorld} from './fake-world.ts';

const answering = (answer: string | undefined): FakeWorld =>
  new FakeWorld({isInteractive: true, answers: [answer]});

test('with --yes nobody is asked', () => {
  expect(consentOf({yes: true}, new FakeWorld())).toBeUndefined();
});

test('where nobody can be asked, changing hosts needs --yes', () => {
  expect(() => consentOf({}, new FakeWorld())).toThrow('There is no terminal');
});

test('"yes" is consent', async () => {
  expect(await consentOf({}, answering(' yes '))?.(PLAN)).toBe(true);
});

test.each(['y', 'YES', '', 'no', undefined])('%j is no consent', async (answer) => {
  expect(await consentOf({}, answering(answer))?.(PLAN)).toBe(false);
});

test('a plan without changes needs no question', async () => {
  const world = answering('no');
  expect(await consentOf({}, world)?.(EMPTY)).toBe(true);
  expect(world.questions).toEqual([]);
});

test('the question says what is at stake', async () => {
  const world = answering('no');
  await consentOf({}, world, 'All is lost. Go on?')?.(PLAN);
  expect(world.questions).toEqual(['\nAll is lost. Go on? Only "yes" is taken as consent: ']);
});
