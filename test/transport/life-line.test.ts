import {spawnSync} from 'node:child_process';
import {describe, expect, test, vi} from 'vitest';
import {sh} from '../../src/shell/sh.ts';
import {LifeLine, lifeLine} from '../../src/transport/life-line.ts';
import {spawnChannel} from '../../src/transport/local-channel.ts';
import {isRunning, LocalShell, SHELL_COMMANDS} from '../support/local-shell.ts';
import {run} from '../support/run.ts';

describe.each(SHELL_COMMANDS)('%s', (_, [shell, ...args]) => {
  const start = (silenceSeconds: number) =>
    spawnChannel(
      [shell, ...args.filter((arg) => arg !== '-s'), '-c', lifeLine(silenceSeconds).wire],
      process.env,
    );

  test('ends what it watches when its input ends, also what does not listen, and then itself', async () => {
    await using victim = new LocalShell();
    const channel = start(60);
    const line = new LifeLine(channel);
    const endless = victim.send(sh`trap '' TERM; sleep 1000`, {onFailure: 'go-on'}).catch(() => 'killed');
    line.watch(await victim.group);
    await line.close();
    expect(isRunning(await victim.group)).toBe(false);
    expect(await endless).toBe('killed');
  });

  test('ends what it watches after a silence, and leaves no process behind', async () => {
    await using victim = new LocalShell();
    const group = await victim.group;
    const channel = start(1);
    const line = new LifeLine(channel);
    line.watch(group);
    await line.gone;
    expect(isRunning(group)).toBe(false);
    const left = spawnSync('ps', ['-eo', 'args='], {encoding: 'utf8'}).stdout;
    expect(left).not.toContain('timeout -s KILL 1 /bin/sh');
  });

  test('kills one group on request, and spares those that it was told to forget', async () => {
    await using first = new LocalShell();
    await using second = new LocalShell();
    const line = new LifeLine(start(60));
    const groups = await Promise.all([first.group, second.group]);
    for (const group of groups) line.watch(group);
    line.forget(groups[1]);
    await line.kill(groups[0]);
    expect(groups.map(isRunning)).toEqual([false, true]);
    await line.close();
    expect((await run(second, sh`echo alive`)).exitCode).toBe(0);
  });
});

test('a group that cannot be killed any more settles with the end of the line', async () => {
  const channel = spawnChannel(['/bin/sh', '-c', 'exit 3'], process.env);
  const line = new LifeLine(channel);
  await expect(line.kill(1_000_000)).rejects.toMatchObject({reason: 'lost'});
  await vi.waitFor(() => expect(line.gone).toBeDefined());
});
