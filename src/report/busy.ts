import type {Event} from '../model/event.ts';

/** What another run has done to a host that this one wanted. */
export const BUSY: Readonly<Record<Extract<Event, {type: 'lock-busy'}>['state'], string>> = {
  held: 'locked',
  changed: 'changed since it was looked at',
};
