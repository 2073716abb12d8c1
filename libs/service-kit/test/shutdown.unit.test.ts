import { describe, expect, it } from 'vitest';

import { Shutdown, silentLogger } from '../src/index.ts';

const never = () => new Promise<void>(() => undefined);

describe('Shutdown', () => {
  it('stops in reverse order, one after the other', async () => {
    const order: string[] = [];
    const shutdown = new Shutdown(silentLogger());
    shutdown.add('redis', () => order.push('redis'));
    shutdown.add('server', async () => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      order.push('server');
    });
    expect(await shutdown.run('test')).toEqual({ failed: [] });
    expect(order).toEqual(['server', 'redis']);
  });

  it('goes on past a step that throws or hangs, and names them', async () => {
    const order: string[] = [];
    const shutdown = new Shutdown(silentLogger());
    shutdown.add('last', () => order.push('last'));
    shutdown.add('hangs', never, 20);
    shutdown.add('throws', () => {
      throw new Error('no');
    });
    expect(await shutdown.run('test')).toEqual({ failed: ['throws', 'hangs'] });
    expect(order).toEqual(['last']);
  });

  it('runs once, however often it is asked to', async () => {
    let times = 0;
    const shutdown = new Shutdown(silentLogger());
    shutdown.add('step', () => (times += 1));
    await Promise.all([shutdown.run('one'), shutdown.run('two')]);
    await shutdown.run('three');
    expect(times).toBe(1);
  });

  it('stops what came up while it was stopping, or after', async () => {
    const order: string[] = [];
    const shutdown = new Shutdown(silentLogger());
    shutdown.add('first', () => shutdown.add('late', () => order.push('late')));
    await shutdown.run('test');
    shutdown.add('too late', () => order.push('too late'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(order).toEqual(['late', 'too late']);
  });
});
