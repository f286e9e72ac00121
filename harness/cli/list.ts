import { printableLine } from '../../reports/printable.js';
import { loadImplementation } from '../run/implementation.js';
import { EXIT_OK } from './exit.js';
import { loadAll, ownImplementations } from './load.js';

/** Lists cases, or implementations with `--iuts`. Throws CasesInvalid. */
export async function listCommand(
  paths: string[],
  options: { iuts?: boolean; json?: boolean },
): Promise<number> {
  const rows = options.iuts ? await implementationRows() : await caseRows(paths);
  if (options.json) {
    const key = options.iuts ? 'implementations' : 'cases';
    process.stdout.write(JSON.stringify({ schemaVersion: 1, [key]: rows }, null, 2) + '\n');
    return EXIT_OK;
  }
  const cells = rows.map((row) =>
    Object.values(row).map((value) => printableLine(Array.isArray(value) ? value.join(',') : String(value))),
  );
  const widths =
    cells[0]?.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of cells) {
    process.stdout.write(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd() + '\n',
    );
  }
  return EXIT_OK;
}

async function caseRows(paths: string[]) {
  const cases = await loadAll(paths);
  return cases.map(({ id, level, kind, covers, title, place }) => ({
    id,
    level,
    kind,
    covers,
    title,
    place: `${place.file}:${place.line}`,
  }));
}

async function implementationRows() {
  const names = await ownImplementations();
  const all = await Promise.all(names.map((name) => loadImplementation(name)));
  return all.map(({ name, attach, title }) => ({ name, attach, title }));
}
