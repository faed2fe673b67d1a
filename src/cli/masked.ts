import {Secret} from '../base/secret.ts';

/** Data as it may be written: a secret says only that it is one. */
export function masked(value: unknown): unknown {
  if (value instanceof Secret) return '(secret)';
  if (Array.isArray(value)) return value.map(masked);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, masked(each)]));
}

/** The same as JSON text. */
export const maskedJson = (value: unknown, indent?: number): string =>
  JSON.stringify(masked(value), undefined, indent) ?? 'null';
