/** What a host says to one question. */
export type Answer<Value> = Seen<Value> | Unknown;

/** The host was looked at. `absent` is proven. */
export type Seen<Value> = {readonly state: 'known'; readonly value: Value} | {readonly state: 'absent'};

/** It could not be looked at: no permission, no tool, a time-out. */
export interface Unknown {
  readonly state: 'unknown';
  readonly reason: string;
}

export const known = <Value>(value: Value): Seen<Value> => ({state: 'known', value});
export const ABSENT: Seen<never> = {state: 'absent'};
export const unknown = (reason: string): Unknown => ({state: 'unknown', reason});

/** `undefined` where absent. Takes no `Unknown`: a diff has to hand that on first, or it does not compile. */
export const valueOf = <Value>(answer: Seen<Value>): Value | undefined =>
  answer.state === 'known' ? answer.value : undefined;
