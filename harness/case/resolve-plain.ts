export type Primitive = string | number | boolean | null;

/**
 * What an unquoted scalar is in the YAML 1.2 core schema. Infinities and not-a-number stay text: no field of a case
 * takes them.
 */
export function resolvePlain(text: string): Primitive {
  if (/^(?:~|null|Null|NULL)?$/.test(text)) return null;
  if (/^(?:true|True|TRUE)$/.test(text)) return true;
  if (/^(?:false|False|FALSE)$/.test(text)) return false;
  if (!INTEGER.test(text) && !FLOAT.test(text)) return text;
  const number = Number(text);
  return Number.isFinite(number) ? number : text;
}

const INTEGER = /^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
