import { beforeEach, describe, expect, it } from 'vitest';
import { type Attendance, createAttendance } from './attendance.ts';

const MINUTE = 60_000;
let now: number;
let attendance: Attendance;
const inMinutes = (minutes: number) => new Date(now + minutes * MINUTE).toISOString();
const pass = (minutes: number) => {
  now += minutes * MINUTE;
};
beforeEach(() => {
  now = Date.parse('2026-03-01T08:00:00.000Z');
  attendance = createAttendance(() => now);
  attendance.begin(inMinutes(30));
  attendance.granted(inMinutes(30), now);
});

describe('somebody at the window', () => {
  it('is nobody, however much the window reads by itself: the session ends', () => {
    pass(29);
    expect(attendance.needed()).toBe('nothing');
    pass(1);
    expect(attendance.needed()).toBe('end');
    expect(attendance.idleSeconds()).toBe(30 * 60);
  });

  it('is told to the station once a minute', () => {
    pass(0.5);
    attendance.use();
    expect(attendance.needed()).toBe('nothing');
    pass(0.5);
    expect(attendance.needed()).toBe('telling');
    attendance.granted(inMinutes(30), now);
    pass(20);
    expect(attendance.needed()).toBe('nothing');
  });

  it('keeps the session of a person at work, and ends an abandoned one, without a station to tell', () => {
    pass(25);
    attendance.use();
    pass(25);
    expect(attendance.needed()).toBe('telling');
    pass(5);
    expect(attendance.needed()).toBe('end');
  });

  it('follows the station when it gives less', () => {
    pass(2);
    attendance.use();
    attendance.granted(inMinutes(5), now);
    pass(5);
    expect(attendance.needed()).toBe('end');
  });

  it('asks the station at once after a reload, and believes an end that has passed', () => {
    attendance.begin(inMinutes(10));
    expect(attendance.needed()).toBe('telling');
    attendance.begin(inMinutes(-1));
    expect(attendance.needed()).toBe('end');
  });
});
