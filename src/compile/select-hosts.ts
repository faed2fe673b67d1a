import {parsePattern} from '../inventory/pattern.ts';
import type {Draft} from './draft.ts';

/** The hosts of each play, in the order in which its pattern finds them. */
export function selectHosts({input, problems, plays}: Draft): void {
  for (const play of input.playbook.plays) {
    const pattern = parsePattern(play.hosts.name, play.hosts.at, problems);
    plays.push({play, hosts: pattern?.select(input.inventory, problems) ?? [], units: [], brackets: []});
  }
}
