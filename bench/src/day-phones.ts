import {
  device,
  observation,
  type ObservationInput,
  recommendation,
  type RecommendationInput,
  seededRandom,
  ulidAt,
} from '@fieldsync/testkit'

import { clientAt } from './clients.ts'
import type { Doing } from './day-plan.ts'
import type { Target } from './target.ts'

/** A call as it was made: milliseconds. */
export type Made = {
  readonly kind: Doing['do']
  readonly milliseconds: number
  readonly error?: string
  /** The connection was lost, and the call made again. */
  readonly retried: boolean
  readonly conflicts: number
  /** Of the answer. */
  readonly bytes: number
}

const WEATHER = 'wxf_20260211_demo_01'

/** The phones of a day: what each has written, and where it is in the log. */
export class DayPhones {
  readonly #target: Target
  readonly #rng = seededRandom(60_000)
  readonly #phones = new Map<number, Phone>()
  readonly #cursorOf: (client: number) => string

  /** @param cursorOf where a phone was in the evening before */
  constructor(target: Target, cursorOf: (client: number) => string) {
    this.#target = target
    this.#cursorOf = cursorOf
  }

  /** Makes the calls of one thing that a phone does, after those that it is making. @param onCall called after each */
  carryOut(client: number, doing: Doing, onCall: (made: Made) => void): Promise<void> {
    const phone = this.#phone(client)
    phone.busy = phone.busy.then(() => this.#do(client, phone, doing, onCall))
    return phone.busy
  }

  async #do(client: number, phone: Phone, doing: Doing, onCall: (made: Made) => void): Promise<void> {
    const now = new Date().toISOString()
    switch (doing.do) {
      case 'pull':
        while (await this.#sync(client, phone, doing.do, {}, onCall));
        return
      case 'note': {
        const observations = [this.#note(client, now)]
        await this.#sync(client, phone, doing.do, { observations }, onCall)
        phone.notes.push(...observations)
        return
      }
      case 'evening batch': {
        const observations = Array.from({ length: doing.notes }, () => this.#note(client, now))
        const recommendations = observations
          .filter((_, i) => i % 2 === 0)
          .map(({ observationId, extraction: { issue, severity } }) =>
            recommendation({ observationId, issue, severity, generatedAt: now }, this.#rng),
          )
        await this.#sync(client, phone, doing.do, { observations, recommendations }, onCall)
        phone.notes.push(...observations)
        phone.recommendations.push(...recommendations)
        return
      }
      case 'decisions': {
        const observations = phone.notes.splice(0).map((note): ObservationInput => ({
          ...note,
          status: 'confirmed',
          updatedAt: now,
        }))
        const recommendations = phone.recommendations.splice(0).map((each, i): RecommendationInput => ({
          ...each,
          status: i % 4 === 3 ? 'rejected' : 'confirmed',
          updatedAt: now,
        }))
        await this.#sync(client, phone, doing.do, { observations, recommendations }, onCall)
        return
      }
      case 'generate': {
        const observationId = phone.notes.at(-1)?.observationId
        if (observationId === undefined) return
        const key = `gen_${ulidAt(this.#rng, Date.now())}`
        const body = JSON.stringify({ observationId, weatherFeaturesId: WEATHER })
        const path = '/v1/recommendations:generate'
        await this.#call(client, doing.do, { method: 'POST', path, key, body }, onCall)
        return
      }
      case 'list': {
        for (const list of ['observations', 'recommendations'])
          await this.#call(
            client,
            doing.do,
            { method: 'GET', path: `/v1/${list}?limit=50`, body: '' },
            onCall,
          )
      }
    }
  }

  /** @returns whether there is more */
  async #sync(
    client: number,
    phone: Phone,
    kind: Doing['do'],
    written: { observations?: readonly ObservationInput[]; recommendations?: readonly RecommendationInput[] },
    onCall: (made: Made) => void,
  ): Promise<boolean> {
    const requestedAt = new Date().toISOString()
    const { deviceId } = clientAt(client)
    const key = `syn_${ulidAt(this.#rng, Date.parse(requestedAt))}`
    const body = JSON.stringify({
      syncId: key,
      requestedAt,
      device: device({ deviceId }),
      lastKnownServerCursor: phone.cursor,
      upserts: { observations: [], recommendations: [], ...written, playbookPatches: [] },
    })
    const answer = await this.#call(
      client,
      kind,
      { method: 'POST', path: '/v1/sync/batch', key, body },
      onCall,
    )
    if (answer === undefined) return false
    const { cursor, hasMore } = this.#target.dialect.next(answer, phone.cursor)
    phone.cursor = cursor
    return hasMore
  }

  async #call(
    client: number,
    kind: Doing['do'],
    call: { method: 'GET' | 'POST'; path: string; key?: string; body: string },
    onCall: (made: Made) => void,
  ): Promise<string | undefined> {
    const { method, path, key, body } = call
    const headers = {
      'content-type': 'application/json',
      ...(key !== undefined && { 'idempotency-key': key }),
    }
    const sent = performance.now()
    const send = (): Promise<string> => this.#target.send(client, { method, path, headers, body })
    let retried = false
    try {
      // As a device does: the same call under the same key.
      const answer = await send().catch((error: unknown) => {
        if (!String(error).includes('ECONNRESET')) throw error
        retried = true
        return send()
      })
      const milliseconds = performance.now() - sent
      onCall({
        kind,
        milliseconds,
        retried,
        conflicts: answer.split('"conflictId"').length - 1,
        bytes: answer.length,
      })
      return answer
    } catch (error) {
      onCall({
        kind,
        milliseconds: performance.now() - sent,
        error: String(error),
        retried,
        conflicts: 0,
        bytes: 0,
      })
      return undefined
    }
  }

  #phone(client: number): Phone {
    const known = this.#phones.get(client)
    if (known) return known
    const phone = { cursor: this.#cursorOf(client), notes: [], recommendations: [], busy: Promise.resolve() }
    this.#phones.set(client, phone)
    return phone
  }

  /** One that the starter playbook has a rule for. */
  #note(client: number, createdAt: string): ObservationInput {
    const { deviceId } = clientAt(client)
    const note = observation({ deviceId, createdAt }, this.#rng)
    const issue = this.#rng.pick<'powdery_mildew' | 'heat_stress'>(['powdery_mildew', 'heat_stress'])
    return observation(
      {
        ...note,
        deterministicChecksum: undefined,
        extraction: { ...note.extraction, issue, severity: 'moderate' },
      },
      this.#rng,
    )
  }
}

type Phone = {
  cursor: string
  readonly notes: ObservationInput[]
  readonly recommendations: RecommendationInput[]
  /** A phone makes one call at a time. */
  busy: Promise<void>
}
