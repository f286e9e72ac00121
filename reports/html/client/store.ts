/// <reference lib="dom" />
import { listed, type CaseDetail, type ReportIndex } from '../data.js';

/** The data of the report, read from the blocks of the page; a case's own block is read when it is asked for. */
export const index = JSON.parse(textOf('index')) as ReportIndex;
export const results = listed(index);

const details = new Map<number, Promise<CaseDetail>>();

export function detailOf(number: number): Promise<CaseDetail> {
  let detail = details.get(number);
  if (detail === undefined) {
    detail = block<CaseDetail>(`detail-${number}`);
    details.set(number, detail);
  }
  return detail;
}

let files: Promise<string[]> | undefined;

export async function sourceOf(number: number): Promise<string> {
  files ??= block<string[]>('sources');
  return (await files)[number] ?? '';
}

/** Octets of a deflated, base64 text. */
export async function inflated(base64: string): Promise<ArrayBuffer> {
  const octets = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const stream = new Blob([octets]).stream().pipeThrough(new DecompressionStream('deflate'));
  return new Response(stream).arrayBuffer();
}

async function block<T>(id: string): Promise<T> {
  const element = document.getElementById(id);
  const text = element?.textContent ?? 'null';
  if (element?.dataset['deflate'] === undefined) return JSON.parse(text) as T;
  return JSON.parse(new TextDecoder().decode(await inflated(text))) as T;
}

function textOf(id: string): string {
  return document.getElementById(id)?.textContent ?? 'null';
}
