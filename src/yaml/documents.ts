import {parseAllDocuments} from 'yaml';
import type {Json} from '../base/json.ts';

/** The values of a text with several YAML documents, as manifests have them; or what is wrong with it. */
export function readDocuments(text: string): readonly Json[] | string {
  const documents = parseAllDocuments(text, {version: '1.2', merge: true});
  if ('empty' in documents) return [];
  for (const [index, {errors}] of documents.entries()) {
    const [error] = errors;
    if (error) return `Document ${index + 1} is no YAML: ${error.message.split('\n', 1)[0] ?? ''}`;
  }
  return documents
    .map((document): Json => document.toJS({maxAliasCount: 1000}))
    .filter((value) => value !== null);
}
