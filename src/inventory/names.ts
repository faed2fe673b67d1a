import type {GroupName, HostName} from '../model/names.ts';

const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;

/** Names stand in patterns, task ids and file names: nothing that means something there. */
export const isHostName = (text: string): text is HostName => NAME.test(text);
export const isGroupName = (text: string): text is GroupName => NAME.test(text);

/** For names that the program itself writes. */
export function groupName(text: string): GroupName {
  if (isGroupName(text)) return text;
  throw new Error(`Internal error: "${text}" cannot be a group`);
}
