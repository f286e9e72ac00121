import { InvalidArgumentError } from 'commander';
import { AddressError, canonicalAddress } from '../wire/address.js';

/** Values of options from their text. All throw InvalidArgumentError, which commander shows with the option's name. */
export function port(text: string): number {
  return whole(text, 0, 65_535);
}

export function isn(text: string): number {
  return whole(text, 0, 0xffffffff);
}

export function window(text: string): number {
  return whole(text, 0, 0x40000000);
}

/** `1500`, `64k`, `100M`, `2G`: powers of ten. */
export function octets(text: string): number {
  const match = /^(\d+)([kMG]?)$/.exec(text);
  if (match === null) throw new InvalidArgumentError('Write a number, or one with k, M or G.');
  return Number(match[1]) * { '': 1, k: 1e3, M: 1e6, G: 1e9 }[match[2] as '' | 'k' | 'M' | 'G'];
}

/** `500`, `500ms`, `2s`: milliseconds. */
export function durationMs(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s)?$/.exec(text);
  if (match === null) throw new InvalidArgumentError('Write milliseconds, as 500, 500ms or 2s.');
  return Number(match[1]) * (match[2] === 's' ? 1000 : 1);
}

export function address(text: string): string {
  try {
    return canonicalAddress(text);
  } catch (error) {
    if (error instanceof AddressError) throw new InvalidArgumentError(`Not an IP address: ${error.remedy}.`);
    throw error;
  }
}

export function collect(text: string, before: string[] | undefined): string[] {
  return [...(before ?? []), text];
}

/** `name=value`; the value is JSON where it can be read as such, else text. */
export function keyValue(text: string, before: Record<string, unknown>): Record<string, unknown> {
  const equals = text.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError('Write name=value, as timestamps=false.');
  const value = text.slice(equals + 1);
  try {
    return { ...before, [text.slice(0, equals)]: JSON.parse(value) as unknown };
  } catch {
    return { ...before, [text.slice(0, equals)]: value };
  }
}

function whole(text: string, low: number, high: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(value >= low && value <= high))
    throw new InvalidArgumentError(`Write a number from ${low} to ${high}.`);
  return value;
}
