import { describe, expect, it } from 'vitest'

import type { Contact } from './engine-meta.ts'
import {
  decideOwnership,
  describeForeign,
  foreignStore,
  ForeignStoreError,
  ownerName,
  readOwner,
} from './foreign-store.ts'

const OURS = 'wsu_0123456789abcdef0123456789abcdef'
const THEIRS = 'wsu_fedcba9876543210fedcba9876543210'
const HERE = 'https://here.example'
const HOME = 'https://home.example'
const anna = { deviceId: 'dev_anna', address: HERE }
const ofAnna = { owner: ownerName({ deviceId: 'dev_anna', workspaceUid: OURS }) }
const owner = { deviceId: 'dev_anna', workspaceUid: OURS }

const marked: Contact = {
  address: HERE,
  contract: '1.4.0',
  workspaceUid: THEIRS,
  workspaceName: 'Their vines',
  isForeign: true,
  home: HERE,
}
const reached = { workspaceUid: THEIRS, workspaceName: 'Their vines' }

describe('the owner of a store', () => {
  it.each([
    ['a device alone', 'dev_anna', { deviceId: 'dev_anna', workspaceUid: null }],
    ['a device in a workspace', `${OURS}/dev_anna`, { deviceId: 'dev_anna', workspaceUid: OURS }],
    ['any text of an earlier build', 'farm/anna', { deviceId: 'farm/anna', workspaceUid: null }],
    ['a text that begins as a workspace', `/${OURS}`, { deviceId: `/${OURS}`, workspaceUid: null }],
    ['a text that goes on behind a workspace', `${OURS}0`, { deviceId: `${OURS}0`, workspaceUid: null }],
  ])('[ENG-22] is read as it was stored: %s', (_, stored, read) => {
    expect(readOwner(stored)).toEqual(read)
    expect(ownerName(read)).toBe(stored)
  })
})

describe('a store', () => {
  const other = { owner: 'dev_ben' }
  const foreign = { reason: 'other_workspace', hidden: false, owner, reached }
  const unknown = { ...marked, workspaceUid: null }

  it.each([
    ['is nobody’s before its first use', anna, undefined, marked, null],
    ['is nobody’s while it has no owner', anna, { owner: null }, marked, null],
    ['is its device’s own', anna, ofAnna, undefined, null],
    [
      'is its device’s own at a server that was not found to be foreign',
      anna,
      ofAnna,
      { ...marked, isForeign: false },
      null,
    ],
    [
      'is its device’s own at another address than the foreign one',
      anna,
      ofAnna,
      { ...marked, address: HOME },
      null,
    ],
    [
      'is its device’s own where that reached its workspace since',
      anna,
      ofAnna,
      { ...marked, workspaceUid: OURS },
      null,
    ],
    [
      'is another device’s',
      anna,
      other,
      undefined,
      {
        reason: 'other_device',
        hidden: true,
        owner: { deviceId: 'dev_ben', workspaceUid: null },
        reached: null,
      },
    ],
    ['stays shown where its own server is another workspace by now', anna, ofAnna, marked, foreign],
    ['stays shown where its server was never reached', anna, ofAnna, { ...marked, home: null }, foreign],
    ['is hidden at another address', anna, ofAnna, { ...marked, home: HOME }, { ...foreign, hidden: true }],
    [
      'is not recognized by a server that names no workspace',
      anna,
      ofAnna,
      unknown,
      { ...foreign, reason: 'unknown_workspace', reached: { ...reached, workspaceUid: null } },
    ],
    [
      'is not recognized where no workspace of it is known',
      anna,
      { owner: 'dev_anna' },
      marked,
      { ...foreign, reason: 'unknown_workspace', owner: { ...owner, workspaceUid: null } },
    ],
    [
      'is not recognized where neither is known',
      anna,
      { owner: 'dev_anna' },
      unknown,
      {
        reason: 'unknown_workspace',
        hidden: false,
        owner: { ...owner, workspaceUid: null },
        reached: { ...reached, workspaceUid: null },
      },
    ],
    [
      'is foreign to a program that found it so',
      { ...anna, disownedBy: reached },
      ofAnna,
      undefined,
      foreign,
    ],
    [
      'is foreign to such a program, whatever the owner’s own has reached since',
      { ...anna, disownedBy: reached },
      ofAnna,
      { ...marked, isForeign: false, workspaceUid: OURS, home: HOME },
      { ...foreign, hidden: true },
    ],
  ] as const)('[ENG-22] %s', (_, claimant, position, contact, expected) => {
    expect(foreignStore(claimant, position, contact)).toEqual(expected)
  })

  it.each([
    ['other_device', null, 'This store belongs to dev_anna, another device: nothing of it is shown or sent.'],
    [
      'other_workspace',
      reached,
      'This store belongs to another workspace than Their vines: nothing is sent before you decide.',
    ],
    [
      'unknown_workspace',
      reached,
      'This store is not recognized by Their vines: nothing is sent before you decide.',
    ],
    [
      'unknown_workspace',
      null,
      'This store is not recognized by the server: nothing is sent before you decide.',
    ],
    [
      'other_workspace',
      { ...reached, workspaceName: null },
      'This store belongs to another workspace than the server: nothing is sent before you decide.',
    ],
  ] as const)('[ENG-22] that is foreign says whose it is: %s', (reason, met, text) => {
    const is = { reason, hidden: true, owner, reached: met }
    expect(describeForeign(is)).toBe(text)
    const error = new ForeignStoreError(is)
    expect(error).toMatchObject({ name: 'ForeignStoreError', message: text, foreign: is })
  })
})

describe('what a session means for a store', () => {
  const ours = { deviceId: 'dev_anna', workspaceUid: OURS }
  const nobodys = { deviceId: 'dev_anna', workspaceUid: null }
  const named = { address: HERE, workspaceUid: OURS }
  const unnamed = { address: HERE, workspaceUid: null }
  const before: Contact = { ...marked, isForeign: false, workspaceUid: null }
  const refused: Contact = { ...before, isForeign: true }
  const empty = { cursor: '', holdsServerData: false }
  const used = { cursor: '0.4', holdsServerData: true }

  it.each([
    ['of the store’s workspace: it goes on', { owner: ours, ...used, last: undefined }, named, 'own'],
    [
      'of another workspace',
      { owner: ours, ...used, last: undefined },
      { ...named, workspaceUid: THEIRS },
      'foreign',
    ],
    [
      'of a first workspace: the store becomes its own',
      { owner: nobodys, ...empty, last: undefined },
      named,
      'claim',
    ],
    [
      'of a first workspace, for a store with a cursor',
      { owner: nobodys, ...used, last: undefined },
      named,
      'prove',
    ],
    [
      'of a first workspace, for a store without a cursor that holds what came from a server',
      { owner: nobodys, ...empty, holdsServerData: true, last: undefined },
      named,
      'foreign',
    ],
    [
      'of a workspace that has refused the cursor',
      { owner: nobodys, ...used, last: { ...refused, workspaceUid: OURS } },
      named,
      'foreign',
    ],
    [
      'of a workspace, after another one has refused the cursor',
      { owner: nobodys, ...used, last: { ...refused, workspaceUid: THEIRS } },
      named,
      'prove',
    ],
    [
      'of a workspace, after it has refused the cursor at another address',
      { owner: nobodys, ...used, last: { ...refused, workspaceUid: OURS, address: HOME } },
      named,
      'prove',
    ],
    [
      'of no workspace, for a store that knows none',
      { owner: nobodys, ...used, last: undefined },
      unnamed,
      'own',
    ],
    [
      'of no workspace, for a store with a cursor of one',
      { owner: ours, ...used, last: undefined },
      unnamed,
      'prove',
    ],
    [
      'of no workspace, where the cursor was refused',
      { owner: ours, ...used, last: refused },
      unnamed,
      'foreign',
    ],
    [
      'of no workspace, for a store without a cursor',
      { owner: ours, ...empty, last: undefined },
      unnamed,
      'foreign',
    ],
    [
      'of no workspace, for such a store where it was before',
      { owner: ours, ...empty, last: before },
      unnamed,
      'own',
    ],
    [
      'of no workspace, for such a store at another address',
      { owner: ours, ...empty, last: { ...before, address: HOME } },
      unnamed,
      'foreign',
    ],
    [
      'of no workspace, for such a store where it was refused',
      { owner: ours, ...empty, last: refused },
      unnamed,
      'foreign',
    ],
  ] as const)('[ENG-22] %s', (_, known, session, ownership) => {
    expect(decideOwnership(known, session)).toBe(ownership)
  })
})
