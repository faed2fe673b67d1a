import {loadProject} from '../../src/compile/project.ts';
import {Problems} from '../../src/diagnostics/diagnostic.ts';
import {renderAll} from '../../src/diagnostics/render.ts';
import type {Plan} from '../../src/model/plan.ts';
import {type BareHost, bareHost} from '../../src/role-tests/bare-host.ts';
import {planFor} from '../../src/role-tests/plan-for.ts';
import {TempProject} from './project.ts';

/** The plan of a playbook that comes with the program, for hosts on which nothing was done yet but what `found` tells. */
export async function barePlan(
  inventory: string,
  playbook: string,
  found: BareHost['facts'] = {},
): Promise<Plan> {
  await using project = await TempProject.of({'hosts.yaml': inventory});
  const problems = new Problems();
  const loaded = await loadProject(
    {inventoryPaths: [project.path('hosts.yaml')], playbook, extraVars: []},
    problems,
  );
  if (!loaded) throw new Error(renderAll(problems.all, {color: false}));
  const names = [...loaded.inventory.hosts.keys()];
  const neighbours = names.map((_, index) => `192.0.2.${index + 1}`);
  const hosts = names.map(
    (name, index) =>
      [name, bareHost({name, address: neighbours[index] ?? '', neighbours, facts: found})] as const,
  );
  return planFor(loaded.graph, new Map(hosts));
}
