import { converged, drained, isolated } from '../invariants/device-guarantees.ts'
import type { DeviceCopy } from '../state/device-copy.ts'
import type { WorkspaceState } from '../state/workspace-state.ts'
import { contentKeyOf } from './content-key.ts'
import type { DeviceScript } from './device-script.ts'
import type { DeviceServer, Site } from './device-server.ts'
import { type Breaks, DeviceWorld } from './device-world.ts'
import type { SimulatedDevice } from './simulated-device.ts'

/** What a run came to: empty findings when every guarantee held, and how much happened in it. */
export type DeviceRun = {
  /** How many steps were done when the first was found; all of them where it was found at the end. */
  steps: number
  findings: string[]
  calls: number
  conflicts: number
  faults: number
  crashes: number
}

const MINUTE = 60_000
// Longer than the longest wait of an engine, so that each has synced by itself at its end.
const ROUND = 40 * MINUTE
const ROUNDS = 24
// In the first rounds people send again what only their devices still have; what is refused then stays there.
const RESENDING_ROUNDS = 3
const LOOK_AT_SERVER = 30
// Beyond the wait after a write, and far below the timer of an engine.
const POKED_WITHIN = 10_000

/**
 * Plays a script; then faults end, people give up what waits for them, and the devices, with nothing but their own
 * timers, must come to an end (G10), equal to the server (G4), with nothing lost (G9) and nothing broken (G1 to G8). Of a
 * program that is closed then, nothing is left (ENG-21).
 *
 * @param serverAt the model server unless given
 */
export async function runDeviceScript(
  script: DeviceScript,
  breaks?: Breaks,
  serverAt?: (site: Site) => DeviceServer,
): Promise<DeviceRun> {
  const world = new DeviceWorld(script, breaks, serverAt)
  let steps = 0
  const result = (findings: string[]): DeviceRun => ({ steps, findings, ...figures(world) })
  try {
    await world.begin()
    for (const step of script.steps) {
      await world.perform(step)
      steps++
      if (steps % LOOK_AT_SERVER === 0) await world.check()
      const findings = await world.findings()
      if (findings.length > 0) return result(findings)
    }
    world.heal()
    // Of a chain of patches a person decides over one in a round.
    const patches = script.steps.filter((step) => step.do === 'patch').length
    const quiet = await quieten(world, ROUNDS + patches)
    await world.check()
    const broken = [...(await world.findings()), ...quiet]
    if (broken.length > 0) return result(broken)
    const different = await differences(world)
    const isPoked = script.pokes === true && world.server.live !== undefined
    const unheard = different.length > 0 || !isPoked ? [] : await unheardPokes(world)
    return result([...different, ...unheard, ...(await world.end())])
  } catch (error) {
    return result([`it threw: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`])
  }
}

/** Rounds of time and of people who accept what the server has, until two in a row find nothing to do. */
async function quieten(world: DeviceWorld, rounds: number): Promise<string[]> {
  let calm = 0
  for (let round = 0; round < rounds && calm < 2; round++) {
    await world.pass(ROUND)
    if (world.endless) break
    const copies = await copiesOf(world)
    const waits =
      [...sendersOf(copies, world), ...copies.filter(({ losing }) => losing.length > 0)].length > 0
    calm = waits ? 0 : calm + 1
    for (const device of world.devices) {
      const engine = device.engine()
      // A server that named no workspace before it was restored may not know the store; people know that it is the same one (ENG-35).
      if (!world.hasMoves && engine?.status().foreign?.reason === 'unknown_workspace')
        await engine.foreign.adopt()
      for (const conflict of (await engine?.conflicts()) ?? []) {
        const outcome = await engine?.resolve.acceptServer(conflict.id)
        if (outcome?.ok) device.book.resolved(conflict, 'acceptServer')
      }
      if (world.peopleResend && round < RESENDING_ROUNDS) await engine?.localOnly.resendOwn()
      // A record that the server fails on is distinguished from a server that fails by another that it takes (ENG-26).
      const stuck = copies.some(({ device: name, queued }) => name === device.deviceId && queued.length > 0)
      if (stuck) await world.perform({ do: 'note', device: device.deviceId, value: round })
    }
  }
  if (calm === 2) return []
  const left = drained(sendersOf(await copiesOf(world), world))
  return [...left.map((each) => `G10: ${each}`), 'G10: no end']
}

/**
 * With the faults over, a note reaches the devices of its farm long before their timers (LIV-3). Not those that have
 * writes which they may not send: what the server refuses for good is tried again by the timer alone.
 */
async function unheardPokes(world: DeviceWorld): Promise<string[]> {
  const [writer] = world.devices
  if (!writer) return []
  await world.perform({ do: 'note', device: writer.deviceId, value: 0 })
  await world.pass(POKED_WITHIN)
  const state = await world.farmOf(writer).state()
  return (await copiesOf(world))
    .filter(({ workspaceId, queued }) => workspaceId === writer.membership.workspaceId && queued.length === 0)
    .flatMap((copy) => converged(copy, state))
    .map((finding) => `LIV-3: ${finding}`)
}

async function differences(world: DeviceWorld): Promise<string[]> {
  const { devices, server } = world
  const copies = await copiesOf(world)
  const states = [await server.state(), ...(server.neighbor ? [await server.neighbor.state()] : [])]
  const stateOf = ({ workspaceId }: { workspaceId: string }) =>
    states.filter((state) => state.workspaceId === workspaceId)
  return [
    ...drained(sendersOf(copies, world)).map((finding) => `G10: ${finding}`),
    ...copies
      .flatMap((copy) => stateOf(copy).flatMap((state) => converged(copy, state)))
      .map((finding) => `G4: ${finding}`),
    ...isolated(copies, states).map((finding) => `G7: ${finding}`),
    ...states.flatMap((state) => ofOthers(world, state)),
    ...devices.flatMap((device) =>
      stateOf(device.membership).flatMap((state) =>
        lostOrForbidden(
          device,
          state,
          world.peopleResend ? copies.find((copy) => copy.device === device.deviceId) : undefined,
        ),
      ),
    ),
  ]
}

/** G7: what a workspace holds of a device that is not its own: its queue went to the wrong company. */
function ofOthers(
  { devices }: DeviceWorld,
  { workspaceId, observations, patches }: WorkspaceState,
): string[] {
  const strangers = new Set<string>(
    devices
      .filter(({ membership }) => membership.workspaceId !== workspaceId)
      .map(({ deviceId }) => deviceId),
  )
  const notes = [...observations.values()].map(
    ({ record }) => [record.observationId, record.deviceId] as const,
  )
  const changes = patches.map(({ patch }) => [patch.patchId, patch.requestedByDeviceId] as const)
  return [...notes, ...changes]
    .filter(([, author]) => strangers.has(author))
    .map(([id, author]) => `G7: ${workspaceId} has ${id} of ${author}, a device of another workspace`)
}

function lostOrForbidden(
  { deviceId, membership, book }: SimulatedDevice,
  state: WorkspaceState,
  copy: DeviceCopy | undefined,
): string[] {
  if (membership.role === 'viewer')
    return [...state.observations]
      .filter(([, { record }]) => record.deviceId === deviceId)
      .map(([id]) => `ACC-7: ${id} was written by ${deviceId}, which may only read`)
  const applied = state.patches.filter(({ outcome }) => outcome === 'applied')
  const made = new Set(applied.map(({ patch }) => contentKeyOf(patch)))
  return [
    ...book.records
      .filter((id) => !state.observations.has(id) && !state.recommendations.has(id))
      // It stays with its author, marked, where that may not send it any more (ENG-41).
      .filter(
        (id) => !copy?.localOnly.has(`observation/${id}`) && !copy?.localOnly.has(`recommendation/${id}`),
      )
      .map((id) => `CUR-6: ${id} of ${deviceId} was acknowledged and is on the server no more`),
    ...book.patches
      .filter(
        (patch) => !made.has(contentKeyOf(patch)) && !copy?.localOnly.has(`playbookPatch/${patch.patchId}`),
      )
      .map(({ reason }) => `CUR-6: the patch ${reason} of ${deviceId} was acknowledged and made no version`),
  ]
}

/** Without those of devices that may not send: their queues wait for another role. */
const sendersOf = (copies: readonly DeviceCopy[], { devices }: DeviceWorld): DeviceCopy[] =>
  copies.filter(({ device, queued }) => {
    const role = devices.find(({ deviceId }) => deviceId === device)?.membership.role
    return queued.length > 0 && role !== 'viewer'
  })

async function copiesOf({ devices }: DeviceWorld): Promise<DeviceCopy[]> {
  const copies: DeviceCopy[] = []
  for (const device of devices) copies.push(await device.copy())
  return copies
}

function figures(world: DeviceWorld) {
  const { devices, server, worldFaults } = world
  return {
    calls: world.calls,
    conflicts: server.watch.conflicts + (server.neighbor?.watch.conflicts ?? 0),
    faults: worldFaults + devices.reduce((sum, { faultsSeen }) => sum + faultsSeen, 0),
    crashes: devices.reduce((sum, { crashes }) => sum + crashes, 0),
  }
}
