import { expect, it, vi } from 'vitest';
import { Room } from '../src/room.js';

/** Whether it has resolved, when everything that is due has been done. */
async function isOver(promise: Promise<void>): Promise<boolean> {
  let over = false;
  void promise.then(() => (over = true));
  await new Promise((resolve) => setImmediate(resolve));
  return over;
}

it('is full from its most bytes on, until half of them have gone', async () => {
  const onRoom = vi.fn();
  const room = new Room(100, onRoom);
  room.take(99);
  expect([room.isFull, await isOver(room.open())]).toEqual([false, true]);
  room.take(1);
  const open = room.open();
  room.free(49);
  expect([room.isFull, room.bytes, await isOver(open)]).toEqual([true, 51, false]);
  room.take(10);
  expect(room.isFull).toBe(true);
  room.free(11);
  expect([room.isFull, await isOver(open), onRoom.mock.calls.length]).toEqual([false, true, 1]);
});

it('counts what stays longer, and does not get full by it', () => {
  const room = new Room(100, () => undefined);
  room.take(90);
  room.keep(90);
  room.free(90);
  expect([room.bytes, room.isFull]).toEqual([90, false]);
});

it('cleared, lets everybody go and asks for nothing', async () => {
  const onRoom = vi.fn();
  const room = new Room(100, onRoom);
  room.take(200);
  const open = room.open();
  room.clear();
  expect([await isOver(open), room.bytes, room.isFull, onRoom.mock.calls.length]).toEqual([true, 0, false, 0]);
});
