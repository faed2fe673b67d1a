import type {Edge, TaskGraph} from '../model/graph.ts';

const COLUMN = 260;
const ROW = 34;
const BOX = {width: 220, height: 24};
const MARGIN = 20;
const WIDEST_LABEL = 34;

interface Placed {
  readonly id: string;
  readonly label: string;
  readonly x: number;
  readonly y: number;
}

/** A drawing of the graph: what waits for nothing stands left, each edge leads to the right. */
export function graphToSvg({tasks, barriers, edges}: TaskGraph): string {
  const nodes = [
    ...tasks.map(({id, name, host}) => ({id, label: `${host}: ${name}`})),
    ...barriers.map(({id, play}) => ({id, label: `(${play})`})),
  ];
  const placed = place(nodes, edges);
  const width = Math.max(0, ...placed.map(({x}) => x)) + BOX.width + MARGIN;
  const height = Math.max(0, ...placed.map(({y}) => y)) + BOX.height + MARGIN;
  const at = new Map(placed.map((node) => [node.id, node]));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="sans-serif" font-size="11">`,
    '<style>rect{fill:#eef3fa;stroke:#5577aa}path{fill:none;stroke:#99a;stroke-width:1}</style>',
    ...edges.map((edge) => drawEdge(edge, at)),
    ...placed.map(drawNode),
    '</svg>\n',
  ].join('\n');
}

/** In the column behind the last of those that it waits for, below what stands there already. */
function place(
  nodes: readonly {readonly id: string; readonly label: string}[],
  edges: readonly Edge[],
): readonly Placed[] {
  const columns = columnsOf(
    nodes.map(({id}) => id),
    edges,
  );
  const filled = new Map<number, number>();
  return nodes.map((node) => {
    const column = columns.get(node.id) ?? 0;
    const row = filled.get(column) ?? 0;
    filled.set(column, row + 1);
    return {...node, x: MARGIN + column * COLUMN, y: MARGIN + row * ROW};
  });
}

/** The length of the longest way to each node. */
function columnsOf(ids: readonly string[], edges: readonly Edge[]): ReadonlyMap<string, number> {
  const waiting = new Map(ids.map((id) => [id, 0]));
  const followers = new Map<string, string[]>();
  for (const {from, to} of edges) {
    waiting.set(to, (waiting.get(to) ?? 0) + 1);
    followers.set(from, [...(followers.get(from) ?? []), to]);
  }
  const columns = new Map<string, number>();
  const ready = ids.filter((id) => waiting.get(id) === 0);
  for (const id of ready) {
    for (const next of followers.get(id) ?? []) {
      columns.set(next, Math.max(columns.get(next) ?? 0, (columns.get(id) ?? 0) + 1));
      const left = (waiting.get(next) ?? 1) - 1;
      waiting.set(next, left);
      if (left === 0) ready.push(next);
    }
  }
  return columns;
}

function drawEdge({from, to, because}: Edge, at: ReadonlyMap<string, Placed>): string {
  const [left, right] = [at.get(from), at.get(to)];
  if (!left || !right) return '';
  const [x1, y1] = [left.x + BOX.width, left.y + BOX.height / 2];
  const [x2, y2] = [right.x, right.y + BOX.height / 2];
  const bend = (x2 - x1) / 2;
  const line = `M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
  return `<path d="${line}"><title>${escape(because.type)}</title></path>`;
}

function drawNode({id, label, x, y}: Placed): string {
  const text = label.length > WIDEST_LABEL ? `${label.slice(0, WIDEST_LABEL - 1)}…` : label;
  const box = `<rect x="${x}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="4"/>`;
  return `<g><title>${escape(id)}</title>${box}<text x="${x + 6}" y="${y + 16}">${escape(text)}</text></g>`;
}

const ENTITIES: Readonly<Record<string, string>> = {'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;'};
const escape = (text: string): string => text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '');
