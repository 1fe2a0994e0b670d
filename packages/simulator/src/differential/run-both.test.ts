import type { SyncBatchResponse } from '@fieldsync/contracts'
import { describe, expect, it } from 'vitest'

import { generateScript } from '../script/generate/generate-script.ts'
import type { Script } from '../script/script.ts'
import { SCRIPT_LIMITS, ScriptClock, scriptedModel, type ScriptedServer } from '../script/scripted-server.ts'
import { shrinkScript } from '../script/shrink-script.ts'
import type { ServerAnswer } from '../server-call.ts'
import type { WorkspaceState } from '../state/workspace-state.ts'
import { type Disagreement, runBoth } from './run-both.ts'

type Flawed = (sound: ScriptedServer) => ScriptedServer

async function difference(script: Script, flawed: Flawed): Promise<Disagreement | undefined> {
  const clock = new ScriptClock()
  const model = () => scriptedModel({ clock, limits: SCRIPT_LIMITS })
  return await runBoth({ one: model(), other: flawed(model()), clock }, script, '')
}

/** A server whose accepted answers are not quite those of the sound one. */
const answering =
  (change: (answer: SyncBatchResponse, whole: ServerAnswer) => SyncBatchResponse): Flawed =>
  (sound) => ({
    ...sound,
    syncBatch: async (call) => {
      const answer = await sound.syncBatch(call)
      if (answer.status !== 200) return answer
      return { ...answer, body: JSON.stringify(change(JSON.parse(answer.body) as SyncBatchResponse, answer)) }
    },
  })

/** A server that holds not quite what the sound one holds. */
const holding =
  (change: (state: WorkspaceState) => Partial<WorkspaceState>): Flawed =>
  (sound) => ({
    ...sound,
    state: async (workspaceId) => {
      const state = await sound.state(workspaceId)
      return { ...state, ...change(state) }
    },
  })

let minted = 0

const FLAWS: Readonly<Record<string, Flawed>> = {
  'leaves out a record of a page': answering((answer) => ({
    ...answer,
    downstream: { ...answer.downstream, observations: answer.downstream.observations.slice(1) },
  })),
  'delivers a page in another order': answering((answer) => ({
    ...answer,
    downstream: { ...answer.downstream, observations: answer.downstream.observations.toReversed() },
  })),
  'leaves out a changed playbook': answering((answer) => {
    const { playbooks: _, ...downstream } = answer.downstream
    return { ...answer, downstream }
  }),
  'stops before the head': answering((answer) => ({
    ...answer,
    downstream: { ...answer.downstream, hasMore: false },
  })),
  'gives out one cursor for every position': answering((answer) => ({ ...answer, serverCursor: 'cur1_1_' })),
  'counts a refused record': answering((answer) => ({
    ...answer,
    acceptedCounts: {
      ...answer.acceptedCounts,
      observations: answer.acceptedCounts.observations + answer.conflicts.length,
    },
  })),
  'gives a retried conflict a new id': answering((answer) => ({
    ...answer,
    conflicts: answer.conflicts.map((conflict) => ({
      ...conflict,
      conflictId: conflict.conflictId.concat(String(++minted)) as typeof conflict.conflictId,
    })),
  })),
  'forgets the record that won': answering((answer) => ({
    ...answer,
    conflicts: answer.conflicts.map((conflict) => {
      const { server: _server, ...rest } = conflict
      return rest
    }),
  })),
  'executes a retry': answering((answer, { headers }) =>
    'idempotency-replayed' in headers ? { ...answer, acceptedAt: '2026-02-12T09:00:00.000Z' } : answer,
  ),
  'has another state hash': answering((answer) => ({
    ...answer,
    downstream: { ...answer.downstream, ...(answer.downstream.stateHash && { stateHash: '0'.repeat(64) }) },
  })),
  'takes any cursor': (sound) => ({
    ...sound,
    syncBatch: async (call) => {
      const answer = await sound.syncBatch(call)
      if (!answer.body.includes('CURSOR_INVALID')) return answer
      return await sound.syncBatch({
        ...call,
        body: call.body.replace(/"lastKnownServerCursor":"[^"]*"/, '"lastKnownServerCursor":""'),
      })
    },
  }),
  'revokes nobody': (sound) => ({ ...sound, revokeDevice: async () => undefined }),
  'loses what came after the last backup': (sound) => ({ ...sound, restart: () => sound.restore() }),
  'loses an audit entry': holding(({ audit }) => ({ audit: audit.slice(0, -1) })),
  'loses a refused patch': holding(({ patches }) => ({
    patches: patches.filter(({ outcome }) => outcome === 'applied'),
  })),
  'loses a correction': holding(({ corrections }) => ({ corrections: corrections.slice(1) })),
  'loses a playbook version': holding(({ versions }) => ({ versions: versions.slice(1) })),
  'never closes a conflict': holding(({ conflicts }) => ({
    conflicts: conflicts.map((entry) => ({ ...entry, resolvedAt: null })),
  })),
  'moves the time of a write': holding(({ observations }) => ({
    observations: new Map(
      [...observations].map(([id, stored]) => [id, { ...stored, timeMicros: stored.timeMicros + 1 }]),
    ),
  })),
}

const SEEDS = 60
const STEPS = 40
const TIME_LIMIT_MS = 60_000

// What finds one flaw looks for the next one, too.
const generated = new Map<number, Script>()

async function scriptOf(seed: number): Promise<Script> {
  const script = generated.get(seed) ?? (await generateScript(seed, STEPS))
  generated.set(seed, script)
  return script
}

describe('a script on two servers', () => {
  it.each([1, 2, 3, 4, 5])('finds no difference between a server and its like (seed %i)', async (seed) => {
    expect(await difference(await scriptOf(seed), (sound) => sound)).toBeUndefined()
  })

  it('is the same every time for its seed, and survives being kept as JSON', async () => {
    const script = await generateScript(7, STEPS)
    expect(JSON.parse(JSON.stringify(script))).toEqual(script)
    expect(await generateScript(7, STEPS)).toEqual(script)
    expect(await generateScript(8, STEPS)).not.toEqual(script)
  })

  it.each(Object.entries(FLAWS))(
    'finds a server that %s, by a script of few steps',
    async (_flaw, flawed) => {
      for (let seed = 1; seed <= SEEDS; seed++) {
        const script = await scriptOf(seed)
        if ((await difference(script, flawed)) === undefined) continue
        const fails = async (each: Script) => (await difference(each, flawed)) !== undefined
        const shrunk = await shrinkScript(script, fails, 150)
        expect(await difference(shrunk, flawed)).toBeDefined()
        expect(shrunk.steps.length).toBeLessThanOrEqual(5)
        return
      }
      throw new Error(`no script of ${SEEDS} found it`)
    },
    TIME_LIMIT_MS,
  )
})
