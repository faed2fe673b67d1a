import {expect, test} from 'vitest';
import {withCancellation} from '../../src/cli/interrupts.ts';
import {FakeWorld} from './fake-world.ts';

test('the first Ctrl-C stops gently, the second by force', async () => {
  const world = new FakeWorld();
  const states = await withCancellation(world, async (cancel) => {
    const seen = [cancel.state];
    for (let press = 0; press < 3; press += 1) {
      world.interrupt();
      seen.push(cancel.state);
    }
    return Promise.resolve(seen);
  });
  expect(states).toEqual(['running', 'stopping', 'killing', 'killing']);
});

test('nobody listens any more once the work has failed', async () => {
  const world = new FakeWorld();
  const work = withCancellation(world, () => Promise.reject(new Error('no')));
  await expect(work).rejects.toThrow('no');
  expect(world.listeners).toBe(0);
});
