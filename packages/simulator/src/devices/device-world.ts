import { seededRandom, type SeededRandom } from '@fieldsync/testkit'

import { nothingDisappears } from '../invariants/device-guarantees.ts'
import type { DeviceCopy } from '../state/device-copy.ts'
import { MomentBounds } from '../time/moment-bounds.ts'
import { VirtualClock } from '../time/virtual-clock.ts'
import type { DeviceScript, DeviceStep } from './device-script.ts'
import { HOME, type DeviceServer, type Membership, NEIGHBOR, type Site } from './device-server.ts'
import { type BreakServer, ModelDeviceServer } from './model-device-server.ts'
import { openForm, personAct, resolveAct } from './person-acts.ts'
import { type BreakDevice, SimulatedDevice } from './simulated-device.ts'

/** A mutant: something between the parts that does what a mistake in one of them would. */
export type Breaks = {
  readonly server?: BreakServer
  /** Asked once for each device, whose memory then outlives its restarts. */
  readonly device?: (rng: SeededRandom) => BreakDevice
}

const START = Date.parse('2026-02-12T08:00:00Z')
const NO_LIMIT = 1_000

/** One farm: a server and its phones, on one clock. */
export class DeviceWorld {
  readonly clock: VirtualClock
  readonly server: DeviceServer
  readonly devices: readonly SimulatedDevice[]
  /** Devices send acknowledged writes again for a short time only; later people do. */
  readonly peopleResend: boolean
  /** Devices go over to the workspace of a neighbor. */
  readonly hasMoves: boolean
  worldFaults = 0
  /** Something went on and on: time passes no more. */
  endless = false
  readonly #bounds = new MomentBounds()

  /** @param serverAt the model server unless given */
  constructor(
    script: DeviceScript,
    breaks: Breaks = {},
    serverAt: (site: Site) => DeviceServer = ({ clock }) => new ModelDeviceServer(clock, breaks.server),
  ) {
    const { seed, startsAt = START, devices, pageRecords, batchRecords } = script
    this.peopleResend = script.resendsFor !== undefined
    this.hasMoves = script.moves === true
    this.clock = new VirtualClock(seededRandom(seed), startsAt)
    this.server = serverAt({ clock: this.clock, seed })
    this.devices = devices.map((deviceId, i) => {
      const { clock, server } = this
      // Apart, so that one device's draws do not hang on what another does.
      const rng = seededRandom(Math.imul(seed, 31) + i + 1)
      const breaksDevice = breaks.device?.(seededRandom(Math.imul(seed, 37) + i + 1))
      return new SimulatedDevice({
        deviceId,
        membership: membershipOf(script, deviceId),
        clock,
        server,
        rng,
        pageRecords,
        batchRecords,
        resendsFor: script.resendsFor,
        checksStore: script.checksStores ?? false,
        pokes: script.pokes ? seededRandom(Math.imul(seed, 47) + i + 1) : undefined,
        breaks: breaksDevice,
      })
    })
  }

  async begin(): Promise<void> {
    await this.server.begin()
    for (const device of this.devices) await device.boot()
  }

  async perform(step: DeviceStep): Promise<void> {
    switch (step.do) {
      case 'pass':
        return this.pass(step.milliseconds)
      case 'sync':
        void this.#device(step.device).engine()?.sync()
        return this.server.settled()
      case 'tab':
        void this.#device(step.device).tab()
        return this.server.settled()
      case 'form': {
        const device = this.#device(step.device)
        const engine = device.engine()
        if (engine) void openForm(device, engine, step.pick)
        return this.server.settled()
      }
      case 'network':
        this.#device(step.device).setOnline(step.online)
        return this.server.settled()
      case 'calls':
        this.#device(step.device).meetFaults(step.faults)
        return
      case 'move':
        this.worldFaults++
        this.#device(step.device).move(step.away)
        return this.server.settled()
      case 'contract':
        this.worldFaults++
        this.server.announce?.(step.announced)
        return
      case 'crash':
        this.worldFaults++
        this.#device(step.device).crash(step.inSteps)
        return this.server.settled()
      case 'skew':
        this.worldFaults++
        this.#device(step.device).clock.lead = step.lead
        return
      case 'expire':
        this.worldFaults++
        this.#device(step.device).expireToken()
        return
      case 'outage':
        this.worldFaults++
        this.server.fail(step.milliseconds)
        return
      case 'speed':
        this.worldFaults++
        this.#device(step.device).setSpeed(step.bytesPerSecond)
        return
      case 'restart':
        this.worldFaults++
        return this.server.restart()
      case 'backup':
        return this.server.backup()
      case 'restore':
        if (await this.server.restore()) this.worldFaults++
        return
      case 'empty':
        this.worldFaults++
        return this.server.empty()
      case 'resend': {
        const engine = this.#device(step.device).engine()
        // Its program may die over it.
        if (engine) void engine.localOnly.resendOwn().catch(() => undefined)
        return this.server.settled()
      }
      case 'bind':
        this.worldFaults++
        this.server.bind?.()
        return
      case 'delete': {
        const id = this.server.delete?.(step.pick)
        if (id === undefined) return
        this.worldFaults++
        for (const { book } of this.devices) book.deleted(id)
        return
      }
      case 'limit':
        this.worldFaults++
        this.server.limit(step.maxRecords)
        return
      case 'resolve': {
        const device = this.#device(step.device)
        const engine = device.engine(step.value)
        if (engine) void resolveAct(device, engine, step)
        return this.server.settled()
      }
      default:
        return this.#write(step)
    }
  }

  /** Lets time pass, and everything happen that is due in it. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.clock.now() + milliseconds
    for (;;) {
      await this.server.settled()
      const { nextDue } = this.clock
      if (nextDue === undefined || nextDue > end) break
      this.endless ||= this.#bounds.exceededAt(nextDue)
      if (this.endless) return
      this.clock.step()
    }
    this.clock.pass(end - this.clock.now())
  }

  get calls(): number {
    return this.devices.reduce((sum, { wire }) => sum + wire.calls, 0)
  }

  /** Nothing goes wrong any more. */
  heal(): void {
    this.server.limit(NO_LIMIT)
    this.server.fail(0)
    this.server.announce?.(true)
    for (const device of this.devices) device.heal()
  }

  /** The side of the server that a device knows. */
  farmOf({ membership }: SimulatedDevice): Pick<DeviceServer, 'watch' | 'state'> {
    return membership.workspaceId === HOME ? this.server : (this.server.neighbor ?? this.server)
  }

  /** Looks for what is broken in all that the server holds. */
  async check(): Promise<void> {
    await this.server.watch.check()
    await this.server.neighbor?.watch.check()
  }

  /** What is wrong by now. */
  async findings(): Promise<string[]> {
    const copies: DeviceCopy[] = []
    for (const device of this.devices) copies.push(await device.copy())
    return [
      ...this.server.watch.findings,
      ...(this.server.neighbor?.watch.findings ?? []),
      ...(this.endless ? ['G10: the devices call without end'] : []),
      ...this.devices.flatMap((device, i) => {
        const { findings, wire, book, seen } = device
        const copy = copies[i]
        if (!copy) return [...findings, ...wire.findings]
        const { accepted } = this.farmOf(device).watch
        const lost = book.lost(copy, accepted)
        const disappeared = nothingDisappears(copy, seen, book.givenUp).map((each) => `ENG-41: ${each}`)
        for (const key of copy.shown) seen.add(key)
        return [...findings, ...wire.findings, ...lost, ...disappeared, ...device.storeFindings]
      }),
    ]
  }

  /** All programs are closed. @returns what is wrong with that, or left of them */
  async end(): Promise<string[]> {
    const findings: string[] = []
    for (const device of this.devices) findings.push(...(await device.end()))
    return findings
  }

  async #write(step: Parameters<typeof personAct>[2]): Promise<void> {
    const device = this.#device(step.device)
    const { book } = device
    const engine = device.engine(step.value)
    if (!engine) return
    const writing = async () => {
      const act = await personAct(device, engine, step)
      if (!act) return
      book.unheard(act.name)
      const document = await act.outcome
      if (document) book.written(document)
    }
    void writing()
    await this.server.settled()
  }

  #device(name: string): SimulatedDevice {
    const device = this.devices.find(({ deviceId }) => deviceId === name)
    if (!device) throw new Error(`there is no device ${name}`)
    return device
  }
}

const membershipOf = ({ roles, neighbors, moves = false }: DeviceScript, deviceId: string): Membership => ({
  workspaceId: neighbors?.includes(deviceId) ? NEIGHBOR : HOME,
  role: roles?.[deviceId] ?? 'agronomist',
  hasNamesake: moves,
})
