import {didYouMean} from '../base/nearest.ts';
import type {Problems} from '../diagnostics/diagnostic.ts';
import type {SourceRange} from '../diagnostics/source.ts';
import type {GroupName, HostName} from '../model/names.ts';
import {mapOf} from '../yaml/access.ts';
import type {YamlEntry, YamlMap, YamlNode} from '../yaml/node.ts';
import {type Draft, draftGroup, draftHost} from './draft.ts';
import {expandHostRange} from './host-range.ts';
import {layerOf} from './layer.ts';
import {isGroupName, isHostName} from './names.ts';
import {variablesIn} from './variable-names.ts';

/** Adds the groups of an inventory file: at its top there are groups, mostly only `all`. */
export function readGroups(root: YamlNode, draft: Draft, problems: Problems): void {
  const groups = mapOf(root);
  if (!groups)
    problems.report('E201', {
      range: root.range,
      detail: 'An inventory is a map of groups; this is not a map.',
      hint: 'Begin with "all:" and its "hosts:" below. Ansible\'s INI format is not read.',
    });
  for (const [name, entry] of groups?.entries ?? []) new GroupReader(draft, problems).read(name, entry);
}

const WORDS = ['hosts', 'children', 'vars'];

class GroupReader {
  readonly #draft: Draft;
  readonly #problems: Problems;

  constructor(draft: Draft, problems: Problems) {
    this.#draft = draft;
    this.#problems = problems;
  }

  read(name: string, {key, value}: YamlEntry): void {
    if (!isGroupName(name)) return this.#badName(name, key, 'group');
    const group = draftGroup(this.#draft, name, key);
    for (const [word, entry] of this.#mapOf(value, `The group "${name}"`).entries) {
      if (word === 'hosts') this.#readHosts(entry.value, group.hosts);
      else if (word === 'children') this.#readChildren(entry.value, group.children);
      else if (word === 'vars') group.layers.push(this.#layer(`group ${name}`, entry.value));
      else this.#unknown(word, entry.key);
    }
  }

  #readChildren(value: YamlNode, children: Map<GroupName, SourceRange>): void {
    for (const [name, entry] of this.#mapOf(value, '"children"').entries) {
      if (isGroupName(name) && !children.has(name)) children.set(name, entry.key);
      this.read(name, entry);
    }
  }

  #readHosts(value: YamlNode, hosts: Map<HostName, SourceRange>): void {
    const single = value.type === 'scalar' && typeof value.value === 'string' ? value.value : undefined;
    if (single !== undefined) this.#readHost(single, {key: value.range, value: nothing(value)}, hosts);
    else
      for (const [text, entry] of this.#mapOf(value, '"hosts"').entries) this.#readHost(text, entry, hosts);
  }

  #readHost(text: string, {key, value}: YamlEntry, hosts: Map<HostName, SourceRange>): void {
    for (const name of expandHostRange(text, key, this.#problems)) {
      if (!isHostName(name)) return this.#badName(name, key, 'host');
      if (!hosts.has(name)) hosts.set(name, key);
      const {layers} = draftHost(this.#draft, name, key);
      const layer = this.#layer(`host ${name}`, value);
      if (layer.entries.size > 0) layers.push(layer);
    }
  }

  #layer(by: string, value: YamlNode): ReturnType<typeof layerOf> {
    const map = this.#mapOf(value, `The variables of ${by}`);
    return layerOf(by, variablesIn(map, this.#problems));
  }

  #mapOf(node: YamlNode, what: string): YamlMap {
    const map = mapOf(node);
    if (map) return map;
    const hint = node.type === 'list' ? {hint: 'Write each as a key: "name:" instead of "- name".'} : {};
    this.#problems.report('E105', {range: node.range, detail: `${what} must be a map.`, ...hint});
    return {type: 'map', range: node.range, entries: new Map()};
  }

  #unknown(word: string, range: SourceRange): void {
    this.#problems.report('E103', {
      range,
      detail: `"${word}" is not a part of a group.`,
      hint:
        didYouMean(word, WORDS) ??
        'A group has "hosts", "children" and "vars"; variables stand below "vars".',
    });
  }

  #badName(name: string, range: SourceRange, what: 'host' | 'group'): void {
    this.#problems.report('E201', {
      range,
      detail: `"${name}" cannot be the name of a ${what}: letters, digits, "_", "-" and "." can stand in one.`,
      ...(name.includes(':') && {
        hint: 'Set the address with "ansible_host" and the port with "ansible_port".',
      }),
    });
  }
}

const nothing = ({range}: YamlNode): YamlNode => ({type: 'scalar', range, value: null});
