import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/**
 * The page's script as one text: the client's modules and what they import, each in a function of its own, in the order
 * of their imports. Modules are what the compiler wrote, or TypeScript where reports run from source. Only named
 * imports of relative modules may stand in them; anything else throws.
 */
export async function bundle(entry: URL): Promise<string> {
  const modules = new Map<string, string>();
  await visit(entry, modules, []);
  const body = [...modules].map(
    ([name, code]) => `modules[${JSON.stringify(name)}] = (() => {\n${code}\n})();`,
  );
  return `'use strict';\nconst modules = {};\n${body.join('\n')}`;
}

async function visit(url: URL, modules: Map<string, string>, path: string[]): Promise<void> {
  if (modules.has(nameOf(url))) return;
  if (path.includes(url.href))
    throw new Error(`modules import each other: ${[...path, url.href].join(' -> ')}`);
  const code = await compiled(url);
  const imports = [...code.matchAll(IMPORT)].map((match) => new URL(match[2]!, url));
  for (const imported of imports) await visit(imported, modules, [...path, nameOf(url)]);
  modules.set(nameOf(url), asFunction(code, url));
}

/** JavaScript of a module that is named with `.js`: as built, or compiled here from the TypeScript beside it. */
async function compiled(url: URL): Promise<string> {
  const file = fileURLToPath(url);
  if (import.meta.url.endsWith('.js')) return readFile(file, 'utf8');
  const source = await readFile(file.replace(/\.js$/, '.ts'), 'utf8');
  const { default: typescript } = await import('typescript');
  return typescript.transpileModule(source, {
    compilerOptions: {
      target: typescript.ScriptTarget.ES2022,
      module: typescript.ModuleKind.ES2022,
      verbatimModuleSyntax: true,
      removeComments: true,
    },
  }).outputText;
}

function asFunction(code: string, url: URL): string {
  const exported: string[] = [];
  const body = code
    .replace(IMPORT, (_, names: string, from: string) => {
      const target = JSON.stringify(nameOf(new URL(from, url)));
      return `const {${names.replace(/\bas\b/g, ':')}} = modules[${target}];`;
    })
    .replace(EXPORT, (_, kind: string, name: string) => {
      exported.push(name);
      return `${kind} ${name}`;
    })
    .replace(/^export \{\};\s*$/gm, '')
    .replace(/^\/\/# sourceMappingURL=.*$/gm, '');
  const left = /^\s*(?:import|export)\b.*$/m.exec(body);
  if (left) throw new Error(`${nameOf(url)}: the report's script cannot hold: ${left[0].trim()}`);
  return `${body}\nreturn { ${exported.join(', ')} };`;
}

/** Where a module stands in reports/: no path of this machine goes into a report. */
function nameOf(url: URL): string {
  return url.href.startsWith(REPORTS)
    ? url.href.slice(REPORTS.length)
    : url.pathname.split('/').slice(-2).join('/');
}

const REPORTS = new URL('../', import.meta.url).href;
const IMPORT = /^import \{([^}]*)\} from ['"](\.[^'"]+)['"];$/gm;
const EXPORT = /^export (async function|function|class|const|let) ([A-Za-z_$][\w$]*)/gm;
