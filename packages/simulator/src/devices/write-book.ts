import type { PlaybookPatch } from '@fieldsync/contracts'
import type { LocalConflict } from '@fieldsync/sync-engine'

import type { DeviceCopy, WrittenDocument } from '../state/device-copy.ts'
import { contentKeyOf, nameOf } from './content-key.ts'
import type { ResolutionWay } from './device-script.ts'

// These put another text in the place of everything that the device wrote of the record.
const REWRITES: ReadonlySet<ResolutionWay> = new Set(['rename', 'correct', 'fix', 'resubmit'])

/** What the person at one device wrote and did not give up, kept outside the device (G9). */
export class WriteBook {
  readonly #latest = new Map<string, WrittenDocument>()
  /** Keys of the records that the person took something of back, and so may be gone. */
  readonly givenUp = new Set<string>()
  readonly #deleted = new Set<string>()
  #unheard: string | undefined
  #unheardWay: { conflict: LocalConflict; way: ResolutionWay } | undefined

  /** The device said that it has kept it. */
  written(document: WrittenDocument): void {
    this.#unheard = undefined
    this.#latest.set(nameOf(document), document)
  }

  /** The device died over a write of this record: it may have kept it, and may not. */
  unheard(name: string): void {
    this.#unheard = name
  }

  /** The server deleted the observation: it may be gone here, too, and what was written of it. */
  deleted(id: string): void {
    this.givenUp.add(`observation/${id}`)
    this.#deleted.add(id)
  }

  /** A person begins to resolve it: the device may die over that, and may have done it. */
  resolving(conflict: LocalConflict, way: ResolutionWay): void {
    this.givenUp.add(`${conflict.type}/${conflict.entityId}`)
    this.#unheardWay = { conflict, way }
  }

  /** It stays open; it may show a newer version now, from which the losing value has what was not edited. */
  notResolved(open: LocalConflict | undefined): void {
    const before = this.#unheardWay?.conflict.losing
    this.#unheardWay = undefined
    const latest = open && this.#latest.get(nameOf(open.losing))
    if (before && latest && contentKeyOf(latest) === contentKeyOf(before)) {
      this.#latest.set(nameOf(open.losing), open.losing)
    }
  }

  resolved({ type, entityId, losing }: LocalConflict, way: ResolutionWay): void {
    this.#unheardWay = undefined
    this.givenUp.add(`${type}/${entityId}`)
    const name = nameOf(losing)
    const latest = this.#latest.get(name)
    if (latest && (REWRITES.has(way) || contentKeyOf(latest) === contentKeyOf(losing)))
      this.#latest.delete(name)
  }

  /** Writes that are neither queued, nor wait for a person, nor were ever accepted. @param accepted by their content keys */
  lost({ device, queued, losing }: DeviceCopy, accepted: ReadonlySet<string>): string[] {
    const held = [...losing, ...queued]
    const unheard = held.findLast((document) => nameOf(document) === this.#unheard)
    if (unheard) this.written(unheard)
    const stored = new Set(held.map(contentKeyOf))
    const ending = this.#unheardWay
    if (ending && !losing.some((each) => contentKeyOf(each) === contentKeyOf(ending.conflict.losing)))
      this.resolved(ending.conflict, ending.way)
    return [...this.#latest]
      .filter(([, document]) => !stored.has(contentKeyOf(document)) && !accepted.has(contentKeyOf(document)))
      .map(([name]) => `G9: ${device} lost its last write of ${name}`)
  }

  /** Names of the records that the device wrote last and nobody gave up or deleted; patches are not among them. */
  get records(): string[] {
    return [...this.#latest].flatMap(([name, document]) =>
      'patchId' in document || this.#deleted.has(name) ? [] : [name],
    )
  }

  /** The patches that the device wrote and nobody gave up. */
  get patches(): PlaybookPatch[] {
    return [...this.#latest.values()].filter((document) => 'patchId' in document)
  }
}
