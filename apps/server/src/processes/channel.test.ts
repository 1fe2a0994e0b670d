import { EventEmitter } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'

import { expect, it } from 'vitest'

import { Channel, type Port } from './channel.ts'

/** The two ends of a pipe, and what went through it as JSON. */
function pipe() {
  const ends = [new EventEmitter(), new EventEmitter()] as const
  const sent: string[] = []
  const port = (own: EventEmitter, other: EventEmitter): Port =>
    Object.assign(own, {
      send: (message: unknown) => {
        const text = JSON.stringify(message)
        sent.push(text)
        return other.emit('message', JSON.parse(text))
      },
    })
  return { one: port(ends[0], ends[1]), other: port(ends[1], ends[0]), sent }
}

type Sums = { add: (pair: { a: number; b: number }) => number; fail: (input: null) => never }

type None = { readonly [name: string]: never }

const SUMS: Sums = {
  add: ({ a, b }) => a + b,
  fail: () => {
    throw new Error('it cannot')
  },
}

const answering = (port: Port, calls: Sums | Promise<Sums>) => new Channel<None, Sums>(port, calls)

it('[RUN-55] sends the calls of one turn as one message, and each gets its own answer', async () => {
  const { one, other, sent } = pipe()
  const asking = new Channel<Sums, None>(one, {})
  answering(other, SUMS)
  const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => asking.call('add', { a: n, b: 1 })))
  expect(answers).toEqual(Array.from({ length: 50 }, (_, n) => n + 1))
  expect(sent).toHaveLength(2)
})

it('says why a call has failed at the other end, and that there is no such call', async () => {
  const { one, other } = pipe()
  const asking = new Channel<Sums & { none: (input: null) => void }, None>(one, {})
  answering(other, SUMS)
  await expect(asking.call('fail', null)).rejects.toThrow('it cannot')
  await expect(asking.call('none', null)).rejects.toThrow('there is no none to call')
})

it('a call waits until the other end can answer', async () => {
  const { one, other } = pipe()
  const asking = new Channel<Sums, None>(one, {})
  const calls = Promise.withResolvers<Sums>()
  answering(other, calls.promise)
  let answer: number | undefined
  const asked = asking.call('add', { a: 1, b: 2 }).then((sum) => (answer = sum))
  await nextTurn()
  await nextTurn()
  expect(answer).toBeUndefined()
  calls.resolve(SUMS)
  expect(await asked).toBe(3)
})

it('[RUN-59] a call fails when the other process is gone, also a later one', async () => {
  const { one } = pipe()
  const asking = new Channel<Sums, None>(one, {})
  const asked = asking.call('add', { a: 1, b: 2 })
  const failed = expect(asked).rejects.toThrow('is gone')
  Reflect.get(one, 'emit').call(one, 'disconnect')
  await failed
  await expect(asking.call('add', { a: 1, b: 2 })).rejects.toThrow('is gone')
})
