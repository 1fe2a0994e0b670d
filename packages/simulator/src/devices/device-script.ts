import type { Role } from '@fieldsync/domain'

import type { LinkFault } from '../link/link-fault.ts'
import type { WorldFault } from '../world/world-fault.ts'

/** Ways a person resolves what waits for one. */
export type ResolutionWay = 'acceptServer' | 'correct' | 'rename' | 'rebase' | 'resubmit' | 'fix' | 'discard'

/** Of a record that alone is not taken: the server names it, or fails on it, or something before the server blocks it. */
export type Poison = 'refused' | 'fails' | 'blocked'

/**
 * One observable event; plain JSON. `pick` chooses among what the device has at that moment, so that a step still means
 * something when others before it are left out; `value` is what is written.
 */
export type DeviceStep =
  /** `fresh`: with fields that a server of contract 1.3.0 lacks. */
  | { do: 'note'; device: string; value: number; oldId?: number; poison?: Poison; fresh?: true }
  | {
      do: 'edit' | 'confirm' | 'correct' | 'advise' | 'decide' | 'patch'
      device: string
      pick: number
      value: number
      /** Without the version that it was made of, as a program saves that shows no form (ENG-37); a recommendation as a whole. */
      direct?: true
    }
  | { do: 'resolve'; device: string; pick: number; way: ResolutionWay; value: number }
  /** A person sends again what only this device still has, as far as it is theirs. */
  | { do: 'resend'; device: string }
  /** A person opens a form of an observation or a recommendation, and leaves it open. */
  | { do: 'form'; device: string; pick: number }
  /** A person saves the open form, whatever has come to the device since. */
  | { do: 'submit'; device: string; value: number }
  /** A person asks for a sync. */
  | { do: 'sync'; device: string }
  /** A second tab on the device's store is opened, or the older one of two is closed. */
  | { do: 'tab'; device: string }
  | { do: 'network'; device: string; online: boolean }
  /** What goes wrong with the device's next calls. */
  | { do: 'calls'; device: string; faults: LinkFault[] }
  /** Its link takes so many bytes in a second from now on, each way, also when nothing goes wrong any more. */
  | { do: 'speed'; device: string; bytesPerSecond: number }
  /** The device gets the credential of another company's workspace, where it has the same name, or its own again. */
  | { do: 'move'; device: string; away: boolean }
  /** Another build of the server: of contract 1.3.0, which announces nothing, or this one. */
  | { do: 'contract'; announced: boolean }
  /** The server deletes one of its observations, where it is one that can (DWN-6). */
  | { do: 'delete'; pick: number }
  /** The server takes the next batch with records, and says that its key is bound to another payload (IDM-3). */
  | { do: 'bind' }
  /** Time passes, and whatever is due in it happens. */
  | { do: 'pass'; milliseconds: number }
  | WorldFault

/** A season of some devices on one farm. What `seed` decides: ids, the order of what is due at one instant, waits. */
export type DeviceScript = {
  seed: number
  /** Milliseconds since 1970; a time of its own unless given. */
  startsAt?: number
  devices: string[]
  pageRecords: number
  batchRecords: number
  /** How long devices send what was acknowledged again by themselves, milliseconds; 30 days unless given. */
  resendsFor?: number
  /** What devices may do; agronomists where it does not say. */
  roles?: { [device: string]: Role }
  /** Those of the devices that belong to another farm on the same server. */
  neighbors?: string[]
  /** Every device's name is known in the other workspace too. */
  moves?: boolean
  /** The server pokes them. */
  pokes?: boolean
  /** What lies in the stores of the devices is checked after every step, beyond what the guarantees are about. */
  checksStores?: boolean
  steps: DeviceStep[]
}
