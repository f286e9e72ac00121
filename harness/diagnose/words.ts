import type { Conversation } from './conversation.js';
import type { End } from './end.js';
import type { Role } from './report.js';

/** `48,180`. */
export function number(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** `1 octet`, `48,180 octets`. */
export function octets(value: number): string {
  return count(value, 'octet');
}

/** `1 segment`, `33 segments`. */
export function count(value: number, noun: string, plural = `${noun}s`): string {
  return `${number(value)} ${value === 1 ? noun : plural}`;
}

/** `0.3 ms`, `40 ms`, `1.02 s`, `3 min 20 s`. */
export function duration(ms: number): string {
  if (ms < 0.0005) return '0 ms';
  if (ms < 0.9995) return `${trimmed(ms.toFixed(3))} ms`;
  if (ms < 9.95) return `${trimmed(ms.toFixed(1))} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${trimmed((ms / 1000).toFixed(ms < 10_000 ? 2 : 1))} s`;
  const seconds = Math.round(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
}

function trimmed(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** `frame 3`, `frames 3, 4 and 5`, `frames 3, 4, ... (120 in all)`. */
export function framesText(frames: readonly number[], total = frames.length): string {
  if (frames.length === 1 && total === 1) return `frame ${frames[0]}`;
  if (total <= 6 && total === frames.length) return `frames ${list(frames.map(String))}`;
  return `frames ${frames.slice(0, 4).join(', ')}, ... (${number(total)} in all)`;
}

/** `a`, `a and b`, `a, b and c`. */
export function list(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join('');
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `10.0.0.1:12345`, `[fd00::1]:8080`. */
export function endpoint(end: { address: string; port: number }): string {
  return end.address.includes(':') ? `[${end.address}]:${end.port}` : `${end.address}:${end.port}`;
}

export function role(conversation: Conversation, end: End): Role {
  return end === conversation.client ? 'client' : 'server';
}

/** `the client 10.0.0.1:12345`. */
export function named(conversation: Conversation, end: End): string {
  return `the ${role(conversation, end)} ${endpoint(end)}`;
}
