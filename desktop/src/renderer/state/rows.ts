import { signal, type ReadonlySignal } from '@preact/signals';
import type { ControlEvent } from '@berth/daemon/api';

export interface Rows<Row> {
  /** null: not read yet. */
  readonly rows: ReadonlySignal<readonly Row[] | null>;
  /** Why they could not be read; null: they were. */
  readonly problem: ReadonlySignal<string | null>;
  /** What happened, that may concern them. */
  take(event: ControlEvent): void;
  /** Reads all of them. */
  reload(): void;
}

export interface RowsOptions<Row> {
  /** The type of the engine's events that concern them. */
  types: readonly string[];
  list: () => Promise<readonly Row[]>;
  /** One of them, by the id that events have; absent: any change reads all of them. */
  one?: { read: (id: string) => Promise<Row | null>; idOf: (row: Row) => string };
}

/** More changes at once than this, and reading everything is cheaper. */
const singlesLimit = 4;

/** What the engine has of a kind, kept as the events say: one read goes on at a time, for whatever came meanwhile. */
export function liveRows<Row>({ types, list, one }: RowsOptions<Row>): Rows<Row> {
  const rows = signal<readonly Row[] | null>(null);
  const problem = signal<string | null>(null);
  let changed = new Set<string>();
  let all = false;
  let reading = false;

  const readAll = async () => {
    rows.value = withSame(rows.value ?? [], await list());
  };
  const readOne = async (id: string, { read, idOf }: NonNullable<typeof one>) => {
    const row = await read(id);
    rows.value = withRow(rows.value ?? [], id, { row, idOf });
  };
  const read = async () => {
    while (all || changed.size > 0) {
      const [ids, everything] = [changed, all];
      [changed, all] = [new Set(), false];
      if (!one || everything || rows.value === null || ids.size > singlesLimit) await readAll();
      else await Promise.all([...ids].map((id) => readOne(id, one)));
      problem.value = null;
    }
  };
  const begin = () => {
    if (reading) return;
    reading = true;
    void read()
      .catch((error: Error) => (problem.value = error.message))
      .finally(() => (reading = false));
  };
  const reload = () => {
    all = true;
    begin();
  };
  const take = (event: ControlEvent) => {
    if (event.kind === 'lost') return reload();
    if (event.kind === 'status' && event.status.state !== 'running') rows.value = null;
    if (event.kind !== 'engine' || !types.includes(event.type)) return;
    changed.add(event.id);
    begin();
  };
  return { rows, problem, take, reload };
}

/** The new rows; one that says the same as an old one is the old one, so that it is not drawn again. */
export function withSame<Row>(old: readonly Row[], rows: readonly Row[]): readonly Row[] {
  const known = new Map(old.map((row) => [JSON.stringify(row), row]));
  return rows.map((row) => known.get(JSON.stringify(row)) ?? row);
}

/** The same rows with one replaced, added in front, or (null) left out; unchanged rows stay the same objects. */
export function withRow<Row>(
  rows: readonly Row[],
  id: string,
  { row, idOf }: { row: Row | null; idOf: (row: Row) => string },
): readonly Row[] {
  const at = rows.findIndex((each) => idOf(each) === id);
  if (row === null) return at < 0 ? rows : rows.toSpliced(at, 1);
  return at < 0 ? [row, ...rows] : rows.with(at, row);
}
