import {isAbsolute, join} from 'node:path';
import {didYouMean} from '../base/nearest.ts';
import type {Role, TaskTemplate} from '../catalog/nouns.ts';
import type {Problems} from '../diagnostics/diagnostic.ts';
import type {Source} from '../diagnostics/source.ts';
import type {Scope} from '../expression/scope.ts';
import {reportOnce} from '../expression/stage.ts';
import {resolveNow} from '../expression/staged.ts';
import {compileTemplateFile, type TemplateFile} from '../expression/template-file.ts';
import {isMap} from '../expression/values.ts';
import {nodeAt} from '../yaml/access.ts';
import {shownPath} from '../yaml/read.ts';
import type {LocalFiles} from './input.ts';
import {LateLeaf, type Spec, withProperty} from './spec.ts';

/** Puts what a task names by `src` into its spec: templates of its role rendered, files read. */
export class RoleFiles {
  readonly #files: LocalFiles;
  readonly #problems: Problems;
  readonly #templates = new Map<Source, TemplateFile | undefined>();

  constructor(files: LocalFiles, problems: Problems) {
    this.#files = files;
    this.#problems = problems;
  }

  fill(spec: Spec, {kind}: TaskTemplate, role: Role, scope: Scope): Spec {
    const src = isMap(spec.tree) ? spec.tree['src'] : undefined;
    if (typeof src !== 'string') return spec;
    if (kind === 'template' || kind === 'kubernetes_object') return this.#template(spec, src, role, scope);
    if (SENT.has(kind)) return this.#artifact(spec, src, role);
    return kind === 'copy' ? this.#file(spec, src, role) : spec;
  }

  #template(spec: Spec, src: string, role: Role, scope: Scope): Spec {
    const source = role.templates.get(src) ?? role.templates.get(`${src}.hbs`);
    if (!source) {
      this.#missing(
        spec,
        `There is no template "${src}" in the role "${role.name}".`,
        didYouMean(src, role.templates.keys()),
      );
      return spec;
    }
    const content = this.#compiled(source)?.render(scope, this.#problems);
    if (!content) return spec;
    const now = content.stage === 'static' ? resolveNow(content) : undefined;
    const value = now
      ? now.ok
        ? now.value
        : ''
      : new LateLeaf({
          value: content,
          text: src,
          at: nodeAt(spec.node, ['src'])?.range ?? spec.node.range,
        });
    return withProperty(spec, 'content', value);
  }

  #compiled(source: Source): TemplateFile | undefined {
    const known = this.#templates.get(source);
    if (known || this.#templates.has(source)) return known;
    const compiled = compileTemplateFile(source, this.#problems);
    this.#templates.set(source, compiled);
    return compiled;
  }

  /** A file that the controller sends is there, and is the one that is meant, before any host is asked. */
  #artifact(spec: Spec, src: string, role: Role): Spec {
    if (src === '' || /^https?:\/\//.test(src)) return spec;
    const path = pathOf(src, role);
    const wanted = isMap(spec.tree) ? spec.tree['sha256'] : undefined;
    const isOffered = typeof wanted === 'string' && this.#files.offers(wanted);
    const digest = isOffered ? wanted : this.#files.digest(path);
    if (digest === undefined)
      this.#wrong(spec, 'src', 'E701', `The controller has no file "${shownPath(path)}".`);
    else if (typeof wanted === 'string' && wanted !== digest)
      this.#wrong(
        spec,
        'sha256',
        'E702',
        `"${shownPath(path)}" has the SHA-256 ${digest}, and ${wanted} is wanted.`,
      );
    return withProperty(spec, 'src', path);
  }

  #wrong({node}: Spec, property: string, code: 'E701' | 'E702', detail: string): void {
    const range = nodeAt(node, [property])?.range ?? node.range;
    reportOnce(this.#problems, {code, range, detail});
  }

  #file(spec: Spec, src: string, role: Role): Spec {
    const path = pathOf(src, role);
    const file = this.#files.read(path);
    if (!file) {
      this.#missing(spec, `There is no file "${src}" in files/ of the role "${role.name}".`, undefined);
      return spec;
    }
    if (file.type === 'text') return withProperty(spec, 'content', file.text);
    return withProperty(withProperty(spec, 'src', file.file), 'sha256', file.sha256);
  }

  #missing({node}: Spec, detail: string, hint: string | undefined): void {
    const range = nodeAt(node, ['src'])?.range ?? node.range;
    this.#problems.report('E101', {range, detail, ...(hint && {hint})});
  }
}

/** Kinds whose `src` is a file that the controller sends, by digest. */
const SENT: ReadonlySet<string> = new Set(['artifact', 'archive', 'container_image']);

const pathOf = (src: string, role: Role): string => (isAbsolute(src) ? src : join(role.folder, 'files', src));
