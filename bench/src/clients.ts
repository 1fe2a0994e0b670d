/** A phone of the benchmark. */
export type BenchClient = {
  readonly deviceId: string
  readonly token: string
  readonly workspaceId: string
}

/** Phones of one workspace, which is the one that `growth`, `drain` and `recompute` use, too. */
const IN_ONE = 8
/** Phones with a workspace each, by how many there are. */
const APART = [8, 200] as const

const client = (index: number, workspaceId: string): BenchClient => ({
  deviceId: `dev_bench_${index}`,
  token: `bench-token-of-client-number-${index}`,
  workspaceId,
})

const BY_WORKSPACES: ReadonlyMap<number, readonly number[]> = new Map([
  [1, range(0, IN_ONE)],
  [APART[0], range(IN_ONE, APART[0])],
  [APART[1], range(IN_ONE + APART[0], APART[1])],
])

export const CLIENTS: readonly BenchClient[] = [...BY_WORKSPACES].flatMap(([workspaces, indices]) =>
  indices.map((index, i) => client(index, workspaces === 1 ? 'ws_bench' : `ws_bench_${workspaces}_${i}`)),
)

/** Indices in {@link CLIENTS} of the phones that live in so many workspaces. */
export function clientsIn(workspaces: number): readonly number[] {
  const indices = BY_WORKSPACES.get(workspaces)
  if (!indices) throw new Error(`no clients in ${workspaces} workspaces`)
  return indices
}

export function clientAt(index: number): BenchClient {
  const found = CLIENTS[index]
  if (!found) throw new Error(`no client ${index}`)
  return found
}

function range(start: number, length: number): number[] {
  return Array.from({ length }, (_, i) => start + i)
}
