import {describe, expect, test} from 'vitest';
import {declaredDifferences, differences} from '../../src/resources/kubernetes-object/fields.ts';
import {allFields, atFields} from '../../src/resources/kubernetes-object/owned.ts';

describe('differences', () => {
  test('of items with names are found by name, wherever they stand', () => {
    const before = {containers: [{name: 'a', image: 'x:1'}]};
    const after = {
      containers: [
        {name: 'new', image: 'y:1'},
        {name: 'a', image: 'x:2'},
      ],
    };
    expect(differences(before, after)).toEqual([
      {attribute: 'containers[a].image', before: 'x:1', after: 'x:2'},
      {attribute: 'containers[new]', before: undefined, after: '{"name":"new","image":"y:1"}'},
    ]);
  });

  test('in the order of named items alone are seen', () => {
    expect(differences([{name: 'a'}, {name: 'b'}], [{name: 'b'}, {name: 'a'}])).toHaveLength(1);
  });

  test('are none between equal objects', () => {
    expect(differences({a: [1, {b: 'c'}]}, {a: [1, {b: 'c'}]})).toEqual([]);
  });
});

describe('declared fields', () => {
  const owned = {'f:metadata': {'f:labels': {'.': {}, 'f:old': {}, 'f:same': {}}}};

  test('go once they are no longer declared, and those of others stay', () => {
    const live = {metadata: {labels: {old: '1', same: '2', 'of-others': '3'}}};
    expect(declaredDifferences({metadata: {name: 'w1', labels: {same: '2'}}}, live, owned)).toEqual([
      {attribute: 'metadata.labels.old', before: '1', after: undefined},
    ]);
  });

  test('that others have set alike become ours', () => {
    const live = {metadata: {labels: {theirs: '1'}}};
    expect(declaredDifferences({metadata: {labels: {theirs: '1'}}}, live, {})).toHaveLength(1);
  });
});

describe('what lies at owned fields', () => {
  const fields = {
    'f:spec': {'f:ports': {'k:{"port":80,"protocol":"TCP"}': {'.': {}, 'f:port': {}}}, 'f:args': {}},
    'f:metadata': {'f:finalizers': {'v:"ours"': {}}},
  };

  test('leaves out what controllers write beside it', () => {
    const live = {
      metadata: {annotations: {revision: '1'}, finalizers: ['theirs', 'ours']},
      spec: {args: ['a', 'b'], ports: [{port: 81}, {port: 80, protocol: 'TCP', nodePort: 30_000}], ip: '::1'},
    };
    expect(atFields(live, fields)).toEqual({
      spec: {ports: [{port: 80}], args: ['a', 'b']},
      metadata: {finalizers: ['ours']},
    });
  });

  test('lacks what is not there', () => {
    expect(atFields({spec: {ports: []}}, fields)).toEqual({spec: {ports: []}});
  });

  test('is taken at the fields of two owners together', () => {
    const all = allFields({'f:a': {'f:b': {}}}, {'f:a': {'f:c': {}}});
    expect(atFields({a: {b: 1, c: 2, d: 3}}, all)).toEqual({a: {b: 1, c: 2}});
  });
});
