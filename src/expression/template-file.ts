import type {Text} from '../base/secret.ts';
import type {Problems} from '../diagnostics/diagnostic.ts';
import type {Source} from '../diagnostics/source.ts';
import type {Staged} from '../model/graph.ts';
import {Interpreter} from './interpret.ts';
import {originOfFile} from './origin.ts';
import {isMistake, parseTemplate} from './parse-template.ts';
import type {Scope} from './scope.ts';
import {reportOnce, stageOf} from './stage.ts';

/** A `.hbs` file, read once for all hosts. */
export interface TemplateFile {
  render(scope: Scope, problems: Problems): Staged<Text>;
}

/** `undefined` where it cannot be read; the mistake was reported. */
export function compileTemplateFile(source: Source, problems: Problems): TemplateFile | undefined {
  const origin = originOfFile(source);
  const template = parseTemplate(origin);
  if (!isMistake(template))
    return {render: (scope, all) => stageOf((run) => new Interpreter(run).render(template.body), scope, all)};
  const {detail, at, hint} = template;
  reportOnce(problems, {code: 'E302', range: at, detail, ...(hint === undefined ? {} : {hint})});
  return undefined;
}
