/** A phone of the benchmark. */
export type BenchClient = {
  readonly deviceId: string
  readonly token: string
  readonly workspaceId: string
}

/** Phones of one workspace, which is the one that `drain` and `recompute` use, too. */
const IN_ONE = 8
/** Phones with a workspace each, by how many there are. */
const APART = [8, 200] as const

/** Companies with several phones each. */
export const FLEETS = {
  'one farm': { workspaces: 1, phones: 3 },
  '200 farms': { workspaces: 200, phones: 3 },
  '2,000 farms': { workspaces: 2000, phones: 3 },
  followers: { workspaces: 500, phones: 10 },
} as const
export type FleetName = keyof typeof FLEETS

/** A workspace with the indices in {@link CLIENTS} of its phones. */
export type Farm = { readonly workspaceId: string; readonly clients: readonly number[] }

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

const BY_FLEET: ReadonlyMap<FleetName, readonly Farm[]> = fleets(IN_ONE + APART[0] + APART[1])

export const CLIENTS: readonly BenchClient[] = [
  ...[...BY_WORKSPACES].flatMap(([workspaces, indices]) =>
    indices.map((index, i) => client(index, workspaces === 1 ? 'ws_bench' : `ws_bench_${workspaces}_${i}`)),
  ),
  ...[...BY_FLEET.values()].flatMap((farms) =>
    farms.flatMap(({ workspaceId, clients }) => clients.map((index) => client(index, workspaceId))),
  ),
]

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

export function fleet(name: FleetName): readonly Farm[] {
  return BY_FLEET.get(name) ?? []
}

/** The same phones without their farms. */
export const phonesOf = (name: FleetName): number[] => fleet(name).flatMap(({ clients }) => clients)

/** One farm after the other, the first phone of the first at `start`. */
function fleets(start: number): Map<FleetName, Farm[]> {
  const made = new Map<FleetName, Farm[]>()
  let next = start
  for (const name of Object.keys(FLEETS) as FleetName[]) {
    const { workspaces, phones } = FLEETS[name]
    const farms = range(0, workspaces).map((i) => ({
      workspaceId: `ws_${name.replaceAll(/\W/g, '_')}_${i}`,
      clients: range(next + i * phones, phones),
    }))
    made.set(name, farms)
    next += workspaces * phones
  }
  return made
}

function range(start: number, length: number): number[] {
  return Array.from({ length }, (_, i) => start + i)
}
