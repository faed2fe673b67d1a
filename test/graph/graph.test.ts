import {array, assert, constantFrom, property, shuffledSubarray, tuple} from 'fast-check';
import {describe, expect, test} from 'vitest';
import {Digraph} from '../../src/graph/digraph.ts';
import {pathBetween, reachableFrom} from '../../src/graph/paths.ts';
import {redundantEdges} from '../../src/graph/reduction.ts';
import {shortestCycle} from '../../src/graph/shortest-cycle.ts';
import {topologicalOrder} from '../../src/graph/topological-order.ts';

type Pair = readonly [from: string, to: string];

const graphOf = (text: string): Digraph => {
  const edges = text
    .split(' ')
    .filter(Boolean)
    .map((edge) => edge.split('>'));
  return new Digraph(
    edges.flat(),
    edges.filter(([, to]) => to).map(([from = '', to = '']) => [from, to]),
  );
};

const names = 'abcdefgh'.split('');
const name = constantFrom(...names);
const edgeList = array(tuple(name, name), {maxLength: 24});
/** Edges from earlier to later names only, nodes inserted in another order. */
const acyclic = tuple(edgeList, shuffledSubarray(names, {minLength: names.length})).map(([edges, ids]) => {
  const forward = edges.filter(([a, b]) => a !== b).map(([a, b]): Pair => (a < b ? [a, b] : [b, a]));
  return {ids, edges: forward, graph: new Digraph(ids, forward)};
});

describe('topological order', () => {
  test('what was inserted first comes first where there is a choice', () => {
    expect(topologicalOrder(graphOf('c>z a b>c'))).toEqual(['a', 'b', 'c', 'z']);
  });

  test('a cycle has no order', () => {
    expect(topologicalOrder(graphOf('a>b b>c c>b'))).toBeUndefined();
  });

  test('every edge points forward, and nothing is lost', () => {
    assert(
      property(acyclic, ({ids, edges, graph}) => {
        const order = topologicalOrder(graph) ?? [];
        expect([...order].sort()).toEqual([...ids].sort());
        for (const [from, to] of edges) expect(order.indexOf(from)).toBeLessThan(order.indexOf(to));
      }),
    );
  });

  test('there is an order exactly where there is no cycle', () => {
    assert(
      property(edgeList, (edges) => {
        const graph = new Digraph(names, edges);
        expect(topologicalOrder(graph) === undefined).toBe(shortestCycle(graph) !== undefined);
      }),
    );
  });
});

describe('shortest cycle', () => {
  test.each([
    ['a>b b>c', undefined],
    ['a>b b>c c>a', ['a', 'b', 'c']],
    ['a>b b>c c>a c>d d>c', ['c', 'd']],
    ['a>b b>b', ['b']],
  ])('of %s', (text, cycle) => {
    expect(shortestCycle(graphOf(text))).toEqual(cycle);
  });

  test('is a cycle, and none is shorter', () => {
    assert(
      property(edgeList, (edges) => {
        const graph = new Digraph(names, edges);
        const cycle = shortestCycle(graph) ?? [];
        cycle.forEach((at, index) => {
          expect(graph.successors(at)).toContain(cycle[(index + 1) % cycle.length]);
        });
        const around = names.flatMap((at) =>
          graph
            .successors(at)
            .map((next) => pathBetween(graph, next, at)?.length ?? Number.POSITIVE_INFINITY),
        );
        expect(cycle.length || Number.POSITIVE_INFINITY).toBe(Math.min(Number.POSITIVE_INFINITY, ...around));
      }),
    );
  });
});

describe('paths', () => {
  test('the shortest way is found, and none where there is none', () => {
    const graph = graphOf('a>b b>c c>d a>c');
    expect(pathBetween(graph, 'a', 'd')).toEqual(['a', 'c', 'd']);
    expect(pathBetween(graph, 'd', 'a')).toBeUndefined();
    expect(pathBetween(graph, 'a', 'a')).toEqual(['a']);
  });

  test('there is a way exactly to what can be reached', () => {
    assert(
      property(edgeList, name, name, (edges, from, to) => {
        const graph = new Digraph(names, edges);
        expect(reachableFrom(graph, [from]).has(to)).toBe(pathBetween(graph, from, to) !== undefined);
      }),
    );
  });
});

describe('reduction', () => {
  test('a short cut is redundant, a parallel way is not', () => {
    const graph = graphOf('a>b b>c a>c a>d d>c');
    expect(redundantEdges(graph, topologicalOrder(graph) ?? [])).toEqual([['a', 'c']]);
  });

  test('without redundant edges everything is reached as before, and no edge is left to spare', () => {
    assert(
      property(acyclic, ({ids, edges}) => {
        const unique = [...new Map(edges.map((edge) => [edge.join('>'), edge])).values()];
        const graph = new Digraph(ids, unique);
        const gone = new Set(
          redundantEdges(graph, topologicalOrder(graph) ?? []).map((edge) => edge.join('>')),
        );
        const kept = unique.filter((edge) => !gone.has(edge.join('>')));
        const reduced = new Digraph(ids, kept);
        for (const id of ids) expect(reachableFrom(reduced, [id])).toEqual(reachableFrom(graph, [id]));
        expect(redundantEdges(reduced, topologicalOrder(reduced) ?? [])).toEqual([]);
      }),
    );
  });
});
