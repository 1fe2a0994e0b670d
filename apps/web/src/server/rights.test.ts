import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

import { OPERATIONS } from '@fieldsync/contracts'
import { can, RIGHTS, ROLES } from '@fieldsync/domain'
import { expect, it } from 'vitest'

import { actorOf } from '../testing/actor-of.ts'
import { mayCall, REQUIRED } from './rights.ts'

const SRC = path.resolve(import.meta.dirname, '..')
const CHANGES = Object.keys(REQUIRED) as (keyof typeof REQUIRED)[]

/** Paths of the operations that the console's pages call in one of two ways. */
function called(how: 'query' | 'mutate'): string[] {
  const calls = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !/\.(?:test|e2e)\.ts$|^testing/.test(file))
    .flatMap((file) => [
      ...readFileSync(path.join(SRC, file), 'utf8').matchAll(/\bapi\s*\.(\w+)\.(\w+)\.(\w+)\(/g),
    ])
  return [...new Set(calls.filter(([, , , way]) => way === how).map(([, one, two]) => `${one}.${two}`))]
}

const table = ROLES.flatMap((role) => CHANGES.map((operation) => ({ role, operation })))

it.each(table)(
  '[ACC-7, ACC-9, ACC-10, ACC-11] $operation is offered to the $role if the server takes it',
  ({ role, operation }) => {
    const actor = actorOf(role)
    // As the server tells a session its rights.
    const rights = RIGHTS.filter((right) => can(actor, right))
    expect(mayCall({ rights }, operation)).toBe(can(actor, OPERATIONS[operation].right))
  },
)

it('[ACC-7] nothing that a page changes, or that not every role may read, is offered without a look at the rights', () => {
  const rightOf = (name: string) => Object.entries(OPERATIONS).find(([each]) => each === name)?.[1].right
  const restricted = called('query').filter((name) => rightOf(name) !== 'read')
  expect([...called('mutate'), ...restricted].toSorted()).toEqual(CHANGES.toSorted())
  expect(ROLES.filter((role) => !can(actorOf(role), 'read'))).toEqual([])
})
